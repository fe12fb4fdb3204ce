package dev.sidecar.throttle;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who waits: three classes, in each first come first served, and everybody's deadline. A ticket holds its place from
 * admission on but is ready only once it has a payload. Every operation is O(log n) or better. Not thread-safe.
 */
final class WaitingLine<T> {

    private final List<TreeSet<Ticket<T>>> ready = new ArrayList<>();
    private final TreeSet<Ticket<T>> deadlines = new TreeSet<>(Ticket::byDeadline);
    private final int[] waiting = new int[Priority.values().length];

    WaitingLine() {
        for (int i = 0; i < waiting.length; i++) {
            ready.add(new TreeSet<>(Ticket::byArrival));
        }
    }

    int size() {
        return deadlines.size();
    }

    int waiting(Priority priority) {
        return waiting[priority.rank()];
    }

    /** How many wait in this class and those above it. */
    int waitingAtOrAbove(Priority priority) {
        int sum = 0;
        for (int i = 0; i <= priority.rank(); i++) {
            sum += waiting[i];
        }
        return sum;
    }

    boolean isReady(Priority priority) {
        return !ready.get(priority.rank()).isEmpty();
    }

    /** Takes a place at the end of its class. */
    void add(Ticket<T> ticket) {
        deadlines.add(ticket);
        waiting[ticket.priority().rank()]++;
    }

    /** It has its payload. */
    void makeReady(Ticket<T> ticket) {
        ready.get(ticket.priority().rank()).add(ticket);
    }

    boolean contains(Ticket<T> ticket) {
        return deadlines.contains(ticket);
    }

    void remove(Ticket<T> ticket) {
        deadlines.remove(ticket);
        ready.get(ticket.priority().rank()).remove(ticket);
        waiting[ticket.priority().rank()]--;
    }

    /** The longest waiting of those who are ready. */
    Ticket<T> first(Priority priority) {
        return ready.get(priority.rank()).getFirst();
    }

    /** Whose deadline is the nearest, or null if nobody waits. */
    @Nullable
    Ticket<T> nearestDeadline() {
        return deadlines.isEmpty() ? null : deadlines.getFirst();
    }
}
