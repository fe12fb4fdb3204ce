package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * Counts in a window that begins with the first use after the last window ended, so each client has its own windows.
 * This is the way of the Redis recipe with {@code INCR} and {@code EXPIRE}, of limiters built on it, and of APISIX's
 * limit-count.
 */
final class FirstHitWindow implements Meter {

    private final long windowNanos;
    private long startNanos;
    /** Used in the window that began at {@link #startNanos}; 0 if no window runs. */
    private long used;

    FirstHitWindow(Duration window) {
        this.windowNanos = Sizes.window(window);
    }

    @Override
    public long used(long nowNanos) {
        if (used > 0 && nowNanos - startNanos >= windowNanos) {
            used = 0;
        }
        return used;
    }

    @Override
    public void add(long amount, long nowNanos) {
        if (used(nowNanos) == 0) {
            startNanos = nowNanos;
        }
        used += amount;
    }

    @Override
    public long untilAtMost(long most, long nowNanos) {
        return used(nowNanos) <= most ? 0 : windowNanos - (nowNanos - startNanos);
    }
}
