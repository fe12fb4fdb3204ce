package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * At most {@code limit} accepted requests in a window that begins with the first request after the last window ended,
 * so each client has its own windows. This is the way of the Redis recipe with {@code INCR} and {@code EXPIRE}, of
 * limiters built on it, and of APISIX's limit-count.
 */
public final class FirstHitWindowLimit implements Resizable {

    private static final Decision ACCEPTED = new Decision.Accepted();

    private final long windowNanos;
    private int limit;
    private long startNanos;
    /** Accepted requests in the window that began at {@link #startNanos}; 0 if no window runs. */
    private int accepted;

    public FirstHitWindowLimit(int limit, Duration window) {
        this.limit = Sizes.atLeast1("limit", limit);
        this.windowNanos = Sizes.window(window);
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        expire(nowNanos);
        if (accepted < limit) {
            if (accepted == 0) {
                startNanos = nowNanos;
            }
            accepted++;
            return ACCEPTED;
        }
        return new Decision.Refused(untilEnd(nowNanos));
    }

    @Override
    public void resize(int newLimit) {
        limit = Sizes.atLeast1("limit", newLimit);
    }

    @Override
    public Standing standing(long nowNanos) {
        expire(nowNanos);
        return new Standing(limit, Math.max(0, limit - accepted), accepted == 0 ? Duration.ZERO : untilEnd(nowNanos));
    }

    private void expire(long nowNanos) {
        if (accepted > 0 && nowNanos - startNanos >= windowNanos) {
            accepted = 0;
        }
    }

    private Duration untilEnd(long nowNanos) {
        return Duration.ofNanos(windowNanos - (nowNanos - startNanos));
    }
}
