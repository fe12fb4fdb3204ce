package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.ArrayDeque;

/**
 * A sliding log in which refused requests count too: a request is accepted if fewer than {@code limit} requests,
 * accepted or not, came in the {@code window} before it. A client that keeps asking stays locked out. This is the way
 * of gateways that first add to a Redis sorted set and then read its size, and of limiters with a penalty for impatient
 * clients.
 */
public final class StrictSlidingLogLimit implements ProviderLimit {

    private static final Decision ACCEPTED = new Decision.Accepted();

    private final int limit;
    private final long windowNanos;
    /** The latest requests, at most as many as the limit: earlier ones decide nothing. */
    private final ArrayDeque<Long> latest = new ArrayDeque<>();

    public StrictSlidingLogLimit(int limit, Duration window) {
        this.limit = Sizes.atLeast1("limit", limit);
        this.windowNanos = Sizes.window(window);
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        forget(nowNanos);
        boolean accept = latest.size() < limit;
        if (!accept) {
            latest.removeFirst();
        }
        latest.addLast(nowNanos);
        return accept
                ? ACCEPTED
                : new Decision.Refused(Duration.ofNanos(windowNanos - (nowNanos - latest.getFirst())));
    }

    @Override
    public Standing standing(long nowNanos) {
        forget(nowNanos);
        return new Standing(limit, limit - latest.size(), latest.isEmpty()
                ? Duration.ZERO
                : Duration.ofNanos(windowNanos - (nowNanos - latest.getLast())));
    }

    private void forget(long nowNanos) {
        while (!latest.isEmpty() && nowNanos - latest.getFirst() >= windowNanos) {
            latest.removeFirst();
        }
    }
}
