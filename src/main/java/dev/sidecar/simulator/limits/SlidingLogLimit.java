package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.ArrayDeque;

/**
 * The strictest shape that forgives refusals: at most {@code limit} accepted requests in any span of {@code window},
 * wherever the span starts. Refused requests are not counted. This is the way of the throttles of Django REST
 * framework, and of gateways with a log of accepted requests. A client of an unknown provider should expect it.
 */
public final class SlidingLogLimit implements Resizable {

    private static final Decision ACCEPTED = new Decision.Accepted();

    private final long windowNanos;
    private final ArrayDeque<Long> accepted = new ArrayDeque<>();
    private int limit;

    public SlidingLogLimit(int limit, Duration window) {
        this.limit = Sizes.atLeast1("limit", limit);
        this.windowNanos = Sizes.window(window);
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        forget(nowNanos);
        if (accepted.size() < limit) {
            accepted.addLast(nowNanos);
            return ACCEPTED;
        }
        return new Decision.Refused(Duration.ofNanos(windowNanos - (nowNanos - lastInTheWay())));
    }

    @Override
    public void resize(int newLimit) {
        limit = Sizes.atLeast1("limit", newLimit);
    }

    @Override
    public Standing standing(long nowNanos) {
        forget(nowNanos);
        return new Standing(limit, Math.max(0, limit - accepted.size()), accepted.isEmpty()
                ? Duration.ZERO
                : Duration.ofNanos(windowNanos - (nowNanos - accepted.getLast())));
    }

    private void forget(long nowNanos) {
        // Differences, not comparisons: System.nanoTime may overflow. A span is half-open, so a request that arrives
        // exactly one window after another no longer shares a span with it.
        while (!accepted.isEmpty() && nowNanos - accepted.getFirst() >= windowNanos) {
            accepted.removeFirst();
        }
    }

    /** The request that must expire before there is room: the oldest, or a later one after the limit was lowered. */
    private long lastInTheWay() {
        return accepted.stream().skip((long) accepted.size() - limit).findFirst().orElseThrow();
    }
}
