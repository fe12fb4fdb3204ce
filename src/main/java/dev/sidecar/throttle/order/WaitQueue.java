package dev.sidecar.throttle.order;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The waiting requests: three classes, each first come, first served, and all deadlines. A ticket holds its place from
 * its admission, but is ready only with a payload, when it is due, and while its model is not held. Tickets that are
 * not due and tickets of a held model are held back: they wait, but do not contend for the next slot. Every operation
 * is O(log n) or better. The cost of holding and releasing a model does not depend on the number of its tickets. Not
 * thread-safe.
 */
final class WaitQueue<T> {

    private final TreeSet<Ticket<T>> deadlines = new TreeSet<>(Ticket::byDeadline);
    private final TreeSet<Ticket<T>> deferred = new TreeSet<>(Ticket::byDue);
    private final int[] waiting = new int[Priority.values().length];
    private final int[] heldBack = new int[Priority.values().length];
    /** How many of the held-back tickets back off. */
    private final int[] backingOff = new int[Priority.values().length];
    /** All tickets of a class, by number. */
    private final List<TreeSet<Ticket<T>>> everybody = new ArrayList<>();
    private final ModelQueue<T> withoutModel = new ModelQueue<>();
    /** A model is here while it has a ready ticket or is held. */
    private final Map<String, ModelQueue<T>> models = new HashMap<>();
    private final Set<String> held = new HashSet<>();
    /** For each class, the queues that are not held and have a ticket of the class, by the number of its first ticket. */
    private final List<TreeMap<Long, ModelQueue<T>>> ready = new ArrayList<>();

    WaitQueue() {
        for (int i = 0; i < waiting.length; i++) {
            ready.add(new TreeMap<>());
            everybody.add(new TreeSet<>(Ticket::byArrival));
        }
    }

    int size() {
        return deadlines.size();
    }

    int waiting(Priority priority) {
        return waiting[priority.rank()];
    }

    /** How many tickets wait in this class and above. */
    int waitingAtOrAbove(Priority priority) {
        int sum = 0;
        for (int i = 0; i <= priority.rank(); i++) {
            sum += waiting[i];
        }
        return sum;
    }

    /** How many tickets wait in this class and are not held back. */
    int contending(Priority priority) {
        return waiting[priority.rank()] - heldBack[priority.rank()];
    }

    /** How many tickets wait in this class and above and are not held back. */
    int contendingAtOrAbove(Priority priority) {
        int sum = 0;
        for (int i = 0; i <= priority.rank(); i++) {
            sum += waiting[i] - heldBack[i];
        }
        return sum;
    }

    /** For each class, how many tickets contend. */
    int[] contending() {
        int[] contending = new int[waiting.length];
        for (int i = 0; i < contending.length; i++) {
            contending[i] = waiting[i] - heldBack[i];
        }
        return contending;
    }

    /** For each class, how many tickets wait for the budget now or after their back-off: all except those of a held model. */
    int[] playing() {
        int[] playing = contending();
        for (int i = 0; i < playing.length; i++) {
            playing[i] += backingOff[i];
        }
        return playing;
    }

    /** The tickets that back off, the next due one first; read only. */
    Iterator<Ticket<T>> byDue() {
        return deferred.iterator();
    }

    /** All tickets of a class, the longest waiting first; read only. */
    Iterable<Ticket<T>> everybody(Priority priority) {
        return everybody.get(priority.rank());
    }

    /** Whether it waits only because its model is held. */
    boolean isParked(Ticket<T> ticket) {
        return !ticket.deferred && ticket.payload != null && ticket.model() != null && held.contains(ticket.model());
    }

    /** The youngest ticket of the lowest class below this one, or null if none waits there. */
    @Nullable
    Ticket<T> youngestBelow(Priority priority) {
        for (int i = everybody.size() - 1; i > priority.rank(); i--) {
            if (!everybody.get(i).isEmpty()) {
                return everybody.get(i).getLast();
            }
        }
        return null;
    }

    boolean isReady(Priority priority) {
        return !ready.get(priority.rank()).isEmpty();
    }

    /** Takes its place in its class, by its number: a new ticket at the end, a further attempt before all later requests. */
    void add(Ticket<T> ticket, long now) {
        ticket.waits = true;
        deadlines.add(ticket);
        everybody.get(ticket.priority().rank()).add(ticket);
        waiting[ticket.priority().rank()]++;
        if (ticket.dueNanos() - now > 0) {
            ticket.deferred = true;
            deferred.add(ticket);
            heldBack[ticket.priority().rank()]++;
            backingOff[ticket.priority().rank()]++;
        }
    }

    /** The ticket has its payload. */
    void makeReady(Ticket<T> ticket) {
        if (!ticket.deferred) {
            ModelQueue<T> queue = queueOf(ticket.model());
            unlist(queue, ticket.priority());
            queue.add(ticket);
            list(queue, ticket.priority());
        }
    }

    /** Tickets that are due by now are no longer held back by their back-off. */
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
        everybody.get(ticket.priority().rank()).remove(ticket);
        waiting[ticket.priority().rank()]--;
        if (ticket.deferred) {
            undefer(ticket);
        } else if (ticket.payload != null) {
            ModelQueue<T> queue = queueOf(ticket.model());
            unlist(queue, ticket.priority());
            queue.remove(ticket);
            list(queue, ticket.priority());
            forgetIfUnused(ticket.model());
        }
    }

    /** The longest waiting of the ready tickets. */
    Ticket<T> first(Priority priority) {
        return firstQueue(priority).first(priority);
    }

    /** Since when that ticket could have been granted if only the budget were free. */
    long readySince(Priority priority) {
        return firstQueue(priority).readySince(priority);
    }

    /** The ticket with the nearest deadline, or null if none waits. */
    @Nullable
    Ticket<T> nearestDeadline() {
        return deadlines.isEmpty() ? null : deadlines.getFirst();
    }

    /** The ticket that is due next, or null if none backs off. */
    @Nullable
    Ticket<T> nearestDue() {
        return deferred.isEmpty() ? null : deferred.getFirst();
    }

    /**
     * No ticket of this model is ready from now on, and none becomes ready.
     *
     * @return whether it was not held before
     */
    boolean hold(String model) {
        if (!held.add(model)) {
            return false;
        }
        ModelQueue<T> queue = queueOf(model);
        unlistAll(queue);
        queue.hold();
        listAll(queue);
        return true;
    }

    /**
     * Ends {@link #hold}.
     *
     * @return whether it was held
     */
    boolean release(String model, long now) {
        if (!held.remove(model)) {
            return false;
        }
        ModelQueue<T> queue = queueOf(model);
        unlistAll(queue);
        queue.release(now);
        listAll(queue);
        forgetIfUnused(model);
        return true;
    }

    /** The models that are held. */
    List<String> held() {
        return List.copyOf(held);
    }

    /** How many tickets of this model are ready, or would be if it were not held. */
    int readyOf(String model) {
        ModelQueue<T> queue = models.get(model);
        return queue == null ? 0 : queue.size();
    }

    /** Whether a ticket waits only because its model is held. */
    boolean hasParked() {
        return held.stream().anyMatch(model -> readyOf(model) > 0);
    }

    /** The longest waiting of the ready tickets of this class, at most {@code most}. */
    List<Ticket<T>> firstReady(Priority priority, int most) {
        // The first n tickets are in the first n queues, because queues are ordered by their first ticket.
        return firstOf(ready.get(priority.rank()).values().stream().limit(most)
                .map(queue -> queue.first(priority, most)).toList(), most);
    }

    /** The ticket whose back-off ends last, or null if none backs off. */
    @Nullable
    Ticket<T> latestDue() {
        return deferred.isEmpty() ? null : deferred.getLast();
    }

    /** The tickets whose back-off ends next, at most {@code most}. */
    List<Ticket<T>> firstDeferred(int most) {
        return deferred.stream().limit(most).toList();
    }

    /** The longest waiting tickets of held models, at most {@code most}. */
    List<Ticket<T>> firstParked(int most) {
        return firstOf(held.stream().map(this::queueOf)
                .flatMap(queue -> Arrays.stream(Priority.values()).map(each -> queue.first(each, most))).toList(),
                most);
    }

    private static <T> List<Ticket<T>> firstOf(List<List<Ticket<T>>> queues, int most) {
        return queues.stream().flatMap(List::stream).sorted(Ticket::byArrival).limit(most).toList();
    }

    private ModelQueue<T> queueOf(@Nullable String model) {
        return model == null ? withoutModel : models.computeIfAbsent(model, _ -> new ModelQueue<>());
    }

    private void forgetIfUnused(@Nullable String model) {
        if (model != null && readyOf(model) == 0 && !held.contains(model)) {
            models.remove(model);
        }
    }

    private ModelQueue<T> firstQueue(Priority priority) {
        return ready.get(priority.rank()).firstEntry().getValue();
    }

    /** Counts the tickets of one class of a queue where they belong now; call it after every change of the queue. */
    private void list(ModelQueue<T> queue, Priority priority) {
        if (queue.isHeld()) {
            heldBack[priority.rank()] += queue.size(priority);
        } else if (!queue.isEmpty(priority)) {
            ready.get(priority.rank()).put(queue.first(priority).number(), queue);
        }
    }

    /** Undoes {@link #list}; call it before every change of the queue. */
    private void unlist(ModelQueue<T> queue, Priority priority) {
        if (queue.isHeld()) {
            heldBack[priority.rank()] -= queue.size(priority);
        } else if (!queue.isEmpty(priority)) {
            ready.get(priority.rank()).remove(queue.first(priority).number());
        }
    }

    private void listAll(ModelQueue<T> queue) {
        for (Priority each : Priority.values()) {
            list(queue, each);
        }
    }

    private void unlistAll(ModelQueue<T> queue) {
        for (Priority each : Priority.values()) {
            unlist(queue, each);
        }
    }

    private void undefer(Ticket<T> ticket) {
        ticket.deferred = false;
        deferred.remove(ticket);
        heldBack[ticket.priority().rank()]--;
        backingOff[ticket.priority().rank()]--;
    }
}
