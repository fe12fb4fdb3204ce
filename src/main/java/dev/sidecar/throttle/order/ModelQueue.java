package dev.sidecar.throttle.order;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * Those of one model who are ready, by class and in each by arrival. While the model may not start any more all of them
 * are held together, so that holding and releasing cost the same however many they are. Not thread-safe.
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

    /** The longest waiting of a class, at most so many. */
    List<Ticket<T>> first(Priority priority, int most) {
        return ready.get(priority.rank()).stream().limit(most).toList();
    }

    /** Since when the first could have been granted, as far as the budget is not the reason. */
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
