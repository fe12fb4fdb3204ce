package dev.sidecar.throttle.order;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The ready requests of one model, by class and then by arrival. While the model is full, all of them are held
 * together, so holding and releasing cost the same for any number. Not thread-safe.
 */
final class ModelQueue<T> {

    private final List<TreeSet<Ticket<T>>> ready = new ArrayList<>();
    private boolean held;
    private boolean wasHeld;
    private long releasedAt;

    ModelQueue() {
        for (int i = 0; i < Priority.values().length; i++) {
            ready.add(new TreeSet<>(Ticket::byArrival));
        }
    }

    boolean isEmpty(Priority priority) {
        return size(priority) == 0;
    }

    int size(Priority priority) {
        return ready.get(priority.rank()).size();
    }

    int size() {
        return ready.stream().mapToInt(TreeSet::size).sum();
    }

    Ticket<T> first(Priority priority) {
        return ready.get(priority.rank()).getFirst();
    }

    /** The longest waiting requests of a class, at most {@code most}. */
    List<Ticket<T>> first(Priority priority, int most) {
        return ready.get(priority.rank()).stream().limit(most).toList();
    }

    /** Since when the first request could have been granted if only the budget were free. */
    long readySince(Priority priority) {
        long due = first(priority).dueNanos();
        return wasHeld && releasedAt - due > 0 ? releasedAt : due;
    }

    void add(Ticket<T> ticket) {
        ready.get(ticket.priority().rank()).add(ticket);
    }

    void remove(Ticket<T> ticket) {
        ready.get(ticket.priority().rank()).remove(ticket);
    }

    boolean isHeld() {
        return held;
    }

    void hold() {
        held = true;
    }

    void release(long now) {
        held = false;
        wasHeld = true;
        releasedAt = now;
    }
}
