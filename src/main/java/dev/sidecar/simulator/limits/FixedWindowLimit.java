package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * At most {@code limit} accepted requests in each window of the provider's own clock, for instance its minutes. Two
 * bursts around an edge are accepted. This is the way of Envoy's rate limit service and Kong's plain plugin.
 */
public final class FixedWindowLimit implements Resizable {

    private static final Decision ACCEPTED = new Decision.Accepted();

    private final long windowNanos;
    private final long edgeNanos;
    private int limit;
    private long window;
    private int accepted;

    /** @param edgeNanos a time at which a window begins, past or future: it sets the phase */
    public FixedWindowLimit(int limit, Duration window, long edgeNanos) {
        this.limit = Sizes.atLeast1("limit", limit);
        this.windowNanos = Sizes.window(window);
        this.edgeNanos = edgeNanos;
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        enter(nowNanos);
        if (accepted < limit) {
            accepted++;
            return ACCEPTED;
        }
        return new Decision.Refused(untilEdge(nowNanos));
    }

    @Override
    public void resize(int newLimit) {
        limit = Sizes.atLeast1("limit", newLimit);
    }

    @Override
    public Standing standing(long nowNanos) {
        enter(nowNanos);
        return new Standing(limit, Math.max(0, limit - accepted),
                accepted == 0 ? Duration.ZERO : untilEdge(nowNanos));
    }

    private void enter(long nowNanos) {
        long current = Math.floorDiv(nowNanos - edgeNanos, windowNanos);
        if (current != window) {
            window = current;
            accepted = 0;
        }
    }

    private Duration untilEdge(long nowNanos) {
        return Duration.ofNanos(windowNanos - Math.floorMod(nowNanos - edgeNanos, windowNanos));
    }
}
