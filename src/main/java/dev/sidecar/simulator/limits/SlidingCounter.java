package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * Two counters instead of a log: what was used in the previous fixed window, weighted with the part of it in the
 * trailing window, plus what was used in the current one. This is the way of Cloudflare, and of Kong and Upstash with
 * their sliding windows.
 */
final class SlidingCounter implements Meter {

    private final long windowNanos;
    private final long edgeNanos;
    private long window;
    private long previous;
    private long current;

    /** @param edgeNanos a time at which a window begins, past or future: it sets the phase */
    SlidingCounter(Duration window, long edgeNanos) {
        this.windowNanos = Sizes.window(window);
        this.edgeNanos = edgeNanos;
    }

    @Override
    public long used(long nowNanos) {
        long left = windowNanos - enter(nowNanos);
        // Whole numbers, so that no rounding decides: amounts are whole too.
        return Math.ceilDiv(previous * left, windowNanos) + current;
    }

    @Override
    public void add(long amount, long nowNanos) {
        enter(nowNanos);
        current += amount;
    }

    @Override
    public long untilAtMost(long most, long nowNanos) {
        long elapsed = enter(nowNanos);
        return current > most
                ? windowNanos - elapsed + fadesAt(current, most)
                : Math.max(0, fadesAt(previous, most - current) - elapsed);
    }

    /** Enters the window of this time and returns how much of it has passed. */
    private long enter(long nowNanos) {
        long index = Math.floorDiv(nowNanos - edgeNanos, windowNanos);
        if (index != window) {
            previous = index - window == 1 ? current : 0;
            current = 0;
            window = index;
        }
        return Math.floorMod(nowNanos - edgeNanos, windowNanos);
    }

    /** How much of a window must have passed until {@code amount} of the previous one weighs at most {@code most}. */
    private long fadesAt(long amount, long most) {
        return amount <= most ? 0 : windowNanos - most * windowNanos / amount;
    }
}
