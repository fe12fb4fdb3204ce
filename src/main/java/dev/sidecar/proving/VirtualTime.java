package dev.sidecar.proving;

import dev.sidecar.throttle.NanoClock;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * A clock that moves only on demand, with planned events. Events of the same moment happen in the order of their
 * planning. Not thread-safe; all times in nanoseconds from 0.
 */
final class VirtualTime implements NanoClock {

    private record Event(long at, long number, Runnable action) {
    }

    private final PriorityQueue<Event> events = new PriorityQueue<>(
            Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
    private long now;
    private long planned;

    @Override
    public long nanoTime() {
        return now;
    }

    void after(long nanos, Runnable action) {
        events.add(new Event(now + Math.max(0, nanos), planned++, action));
    }

    /** Moves on by this much, or only to the next event if that comes first, and runs the event. */
    void advance(long nanos) {
        Event next = events.peek();
        if (next == null || next.at - now > nanos) {
            now += nanos;
        } else {
            events.remove();
            now = Math.max(now, next.at);
            next.action.run();
        }
    }
}
