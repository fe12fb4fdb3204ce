package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * A bucket that is refilled steadily, seen from above: what was taken out and has not flowed back. The limit is the
 * bucket's capacity. GCRA is the same rule, counted the other way. This is the way of Anthropic, AWS API Gateway, Stripe
 * and Envoy's local limit.
 */
final class TokenBucket implements Meter {

    /** The size of one: {@link #perMinute} of these flow back in each nanosecond, so nothing is rounded. */
    private static final long ONE = Duration.ofMinutes(1).toNanos();

    private final int perMinute;
    private long missing;
    private long missingNanos;

    TokenBucket(int perMinute) {
        this.perMinute = perMinute;
    }

    @Override
    public long used(long nowNanos) {
        refill(nowNanos);
        return Math.ceilDiv(missing, ONE);
    }

    @Override
    public void add(long amount, long nowNanos) {
        refill(nowNanos);
        missing += amount * ONE;
    }

    @Override
    public long untilAtMost(long most, long nowNanos) {
        refill(nowNanos);
        return Math.max(0, Math.ceilDiv(missing - most * ONE, perMinute));
    }

    private void refill(long nowNanos) {
        // A full bucket needs no time: before the first use, missingNanos has no meaning.
        if (missing > 0) {
            long elapsed = nowNanos - missingNanos;
            missing = elapsed >= Math.ceilDiv(missing, perMinute) ? 0 : missing - elapsed * perMinute;
        }
        missingNanos = nowNanos;
    }
}
