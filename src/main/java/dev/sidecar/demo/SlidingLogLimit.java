package dev.sidecar.demo;

import java.time.Duration;
import java.util.ArrayDeque;

/**
 * The strictest shape: at most {@code limit} accepted requests in any span of {@code window}, wherever the span starts.
 * Refused requests are not counted.
 */
public final class SlidingLogLimit implements ProviderLimit {

    private static final Decision ACCEPTED = new Decision.Accepted();

    private final int limit;
    private final long windowNanos;
    private final ArrayDeque<Long> accepted = new ArrayDeque<>();

    public SlidingLogLimit(int limit, Duration window) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1, got " + limit);
        }
        if (!window.isPositive()) {
            throw new IllegalArgumentException("window must be positive, got " + window);
        }
        this.limit = limit;
        this.windowNanos = window.toNanos();
    }

    @Override
    public Decision decide(Request request, long nowNanos) {
        // Differences, not comparisons: System.nanoTime may overflow. A span is half-open, so a request that arrives
        // exactly one window after another no longer shares a span with it.
        while (!accepted.isEmpty() && nowNanos - accepted.getFirst() >= windowNanos) {
            accepted.removeFirst();
        }
        if (accepted.size() < limit) {
            accepted.addLast(nowNanos);
            return ACCEPTED;
        }
        return new Decision.Refused(Duration.ofNanos(windowNanos - (nowNanos - accepted.getFirst())));
    }
}
