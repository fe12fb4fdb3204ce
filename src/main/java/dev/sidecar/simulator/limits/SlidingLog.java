package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Counts everything in the span of {@code window} that ends now: the strictest way. This is the way of the throttles of
 * Django REST framework, and of gateways with a log of accepted requests. A client of an unknown provider should expect
 * it.
 */
final class SlidingLog implements Meter {

    private final long windowNanos;
    private final ArrayDeque<Use> log = new ArrayDeque<>();
    private long used;

    private record Use(long atNanos, long amount) {
    }

    SlidingLog(Duration window) {
        this.windowNanos = Sizes.window(window);
    }

    @Override
    public long used(long nowNanos) {
        // Differences, not comparisons: System.nanoTime may overflow. A span is half-open, so a request that arrives
        // exactly one window after another no longer shares a span with it.
        while (!log.isEmpty() && nowNanos - log.getFirst().atNanos() >= windowNanos) {
            used -= log.removeFirst().amount();
        }
        return used;
    }

    @Override
    public void add(long amount, long nowNanos) {
        if (amount > 0) {
            log.addLast(new Use(nowNanos, amount));
            used += amount;
        }
    }

    @Override
    public long untilAtMost(long most, long nowNanos) {
        long left = used(nowNanos);
        long wait = 0;
        for (Iterator<Use> uses = log.iterator(); left > most;) {
            Use oldest = uses.next();
            left -= oldest.amount();
            wait = windowNanos - (nowNanos - oldest.atNanos());
        }
        return wait;
    }
}
