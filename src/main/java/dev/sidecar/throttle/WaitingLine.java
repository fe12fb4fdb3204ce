package dev.sidecar.throttle;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Who waits: three classes, in each first come first served, and everybody's deadline. A ticket holds its place from
 * admission on but is ready only once it has a payload and is due. Those that are not due are held back: they wait, but
 * do not contend for the next slot. Every operation is O(log n) or better. Not thread-safe.
 */
final class WaitingLine<T> {

    private final List<TreeSet<Ticket<T>>> ready = new ArrayList<>();
    private final TreeSet<Ticket<T>> deadlines = new TreeSet<>(Ticket::byDeadline);
    private final TreeSet<Ticket<T>> deferred = new TreeSet<>(Ticket::byDue);
    private final int[] waiting = new int[Priority.values().length];
    private final int[] heldBack = new int[Priority.values().length];

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

    /** How many wait in this class and are not held back. */
    int contending(Priority priority) {
        return waiting[priority.rank()] - heldBack[priority.rank()];
    }

    /** How many wait in this class and those above it and are not held back. */
    int contendingAtOrAbove(Priority priority) {
        int sum = 0;
        for (int i = 0; i <= priority.rank(); i++) {
            sum += waiting[i] - heldBack[i];
        }
        return sum;
    }

    boolean isReady(Priority priority) {
        return !ready.get(priority.rank()).isEmpty();
    }

    /** Takes its place in its class, by its number: a new one at the end, one that is tried again before all later ones. */
    void add(Ticket<T> ticket, long now) {
        ticket.waits = true;
        deadlines.add(ticket);
        waiting[ticket.priority().rank()]++;
        if (ticket.dueNanos() - now > 0) {
            ticket.deferred = true;
            deferred.add(ticket);
            heldBack[ticket.priority().rank()]++;
        }
    }

    /** It has its payload. */
    void makeReady(Ticket<T> ticket) {
        if (!ticket.deferred) {
            ready.get(ticket.priority().rank()).add(ticket);
        }
    }

    /** Whoever is due by now is no longer held back. */
    void promote(long now) {
        for (Ticket<T> t = nearestDue(); t != null && t.dueNanos() - now <= 0; t = nearestDue()) {
            undefer(t);
            if (t.payload != null) {
                makeReady(t);
            }
        }
    }

    void remove(Ticket<T> ticket) {
        ticket.waits = false;
        deadlines.remove(ticket);
        waiting[ticket.priority().rank()]--;
        if (ticket.deferred) {
            undefer(ticket);
        } else {
            ready.get(ticket.priority().rank()).remove(ticket);
        }
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

    /** Who is due next, or null if nobody is held back until then. */
    @Nullable
    Ticket<T> nearestDue() {
        return deferred.isEmpty() ? null : deferred.getFirst();
    }

    private void undefer(Ticket<T> ticket) {
        ticket.deferred = false;
        deferred.remove(ticket);
        heldBack[ticket.priority().rank()]--;
    }
}
