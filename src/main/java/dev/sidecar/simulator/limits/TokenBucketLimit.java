package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * A bucket of {@code capacity} tokens, full at first, refilled steadily at {@code perMinute}; each accepted request
 * takes one. A capacity of a whole minute accepts twice the rate in the first minute. A small capacity demands evenly
 * spread requests, like GCRA, which is the same rule counted the other way. This is the way of Anthropic, AWS API
 * Gateway, Stripe and Envoy's local limit.
 */
public final class TokenBucketLimit implements ProviderLimit {

    private static final Decision ACCEPTED = new Decision.Accepted();
    /** The size of one token: {@link #perMinute} units flow in each nanosecond, so nothing is rounded. */
    private static final long TOKEN = Duration.ofMinutes(1).toNanos();

    private final int capacity;
    private final int perMinute;
    private long level;
    private long levelNanos;

    public TokenBucketLimit(int capacity, int perMinute) {
        this.capacity = Sizes.atLeast1("capacity", capacity);
        this.perMinute = Sizes.atLeast1("perMinute", perMinute);
        this.level = full();
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        refill(nowNanos);
        if (level >= TOKEN) {
            level -= TOKEN;
            return ACCEPTED;
        }
        return new Decision.Refused(until(TOKEN));
    }

    @Override
    public Standing standing(long nowNanos) {
        refill(nowNanos);
        return new Standing(perMinute, (int) (level / TOKEN), until(full()));
    }

    private void refill(long nowNanos) {
        // A full bucket needs no time: before the first request, levelNanos has no meaning.
        if (level < full()) {
            long elapsed = nowNanos - levelNanos;
            level = elapsed >= until(full()).toNanos() ? full() : level + elapsed * perMinute;
        }
        levelNanos = nowNanos;
    }

    private Duration until(long wanted) {
        return Duration.ofNanos(Math.ceilDiv(wanted - level, perMinute));
    }

    private long full() {
        return capacity * TOKEN;
    }
}
