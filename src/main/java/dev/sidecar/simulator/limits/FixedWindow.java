package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * Counts in each window of the provider's own clock, for instance its minutes. Two bursts around an edge are accepted.
 * This is the way of Envoy's rate limit service and Kong's plain plugin.
 */
final class FixedWindow implements Meter {

    private final long windowNanos;
    private final long edgeNanos;
    private long window;
    private long used;

    /** @param edgeNanos a time at which a window begins, past or future: it sets the phase */
    FixedWindow(Duration window, long edgeNanos) {
        this.windowNanos = Sizes.window(window);
        this.edgeNanos = edgeNanos;
    }

    @Override
    public long used(long nowNanos) {
        long current = Math.floorDiv(nowNanos - edgeNanos, windowNanos);
        if (current != window) {
            window = current;
            used = 0;
        }
        return used;
    }

    @Override
    public void add(long amount, long nowNanos) {
        used = used(nowNanos) + amount;
    }

    @Override
    public long untilAtMost(long most, long nowNanos) {
        return used(nowNanos) <= most ? 0 : windowNanos - Math.floorMod(nowNanos - edgeNanos, windowNanos);
    }
}
