package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * Two counters instead of a log. The estimate is the accepted requests of the previous fixed window, weighted with the
 * part of it in the trailing window, plus those of the current one. A request is refused if it would raise this
 * estimate above {@code limit}; refused ones are not counted. This is the way of Cloudflare, and of Kong and Upstash
 * with their sliding windows.
 */
public final class SlidingCounterLimit implements Resizable {

    private static final Decision ACCEPTED = new Decision.Accepted();

    private final long windowNanos;
    private final long edgeNanos;
    private int limit;
    private long window;
    private int previous;
    private int current;

    /** @param edgeNanos a time at which a window begins, past or future: it sets the phase */
    public SlidingCounterLimit(int limit, Duration window, long edgeNanos) {
        this.limit = Sizes.atLeast1("limit", limit);
        this.windowNanos = Sizes.window(window);
        this.edgeNanos = edgeNanos;
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        long elapsed = enter(nowNanos);
        if (roomNanos(elapsed) >= windowNanos) {
            current++;
            return ACCEPTED;
        }
        return new Decision.Refused(Duration.ofNanos(current < limit
                ? fadesAt(previous, limit - 1 - current) - elapsed
                : windowNanos - elapsed + fadesAt(current, limit - 1)));
    }

    @Override
    public void resize(int newLimit) {
        limit = Sizes.atLeast1("limit", newLimit);
    }

    @Override
    public Standing standing(long nowNanos) {
        long elapsed = enter(nowNanos);
        long windows = current > 0 ? 2 : previous > 0 ? 1 : 0;
        return new Standing(limit, (int) Math.max(0, roomNanos(elapsed) / windowNanos),
                windows == 0 ? Duration.ZERO : Duration.ofNanos(windows * windowNanos - elapsed));
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

    /** Limit minus estimate, times the window: whole numbers, so that no rounding decides. */
    private long roomNanos(long elapsed) {
        return (limit - current) * windowNanos - previous * (windowNanos - elapsed);
    }

    /** How much of a window must have passed until {@code count} requests of the previous one weigh at most {@code most}. */
    private long fadesAt(int count, int most) {
        return count <= most ? 0 : windowNanos - most * windowNanos / count;
    }
}
