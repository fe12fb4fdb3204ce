package dev.sidecar.throttle.order;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The waiting requests of one client in one class, first come, first served. A request is ready once it has its
 * payload, is due, and its model is not full; the others are held back. While the client's own limit holds the client
 * back, none of its requests is ready. Not thread-safe: part of a {@link FairQueue}, which owns the tags.
 */
final class ClientQueue<T> {

    private final String name;
    /** The models that are full now; shared by all. */
    private final Set<String> fullModels;
    private final TreeSet<Place<T>> everybody = new TreeSet<>(Place::byArrival);
    private final Map<String, ModelQueue<T>> models = new HashMap<>();
    private final ModelQueue<T> withoutModel = new ModelQueue<>(false);
    /** The queues that are not held and have a request, by the number of their first request. */
    private final TreeMap<Long, ModelQueue<T>> ready = new TreeMap<>();
    private int deferred;
    private int parked;
    private boolean heldBack;
    private boolean wasHeldBack;
    private long releasedAt;

    /** The client's share; a change holds from the next head. */
    int weight;
    /** The start tag of the head, while there is one. */
    long start;
    /** What a grant to the head costs in virtual time. */
    long charge;
    /** The finish tag of the latest grant. */
    long finish;

    ClientQueue(String name, int weight, Set<String> fullModels, boolean heldBack) {
        this.name = name;
        this.weight = weight;
        this.fullModels = fullModels;
        this.heldBack = heldBack;
    }

    String name() {
        return name;
    }

    boolean isEmpty() {
        return everybody.isEmpty();
    }

    int size() {
        return everybody.size();
    }

    /** Whether its head could be granted now. */
    boolean isReady() {
        return !heldBack && !ready.isEmpty();
    }

    /** The longest waiting of its ready requests. */
    Place<T> head() {
        return firstQueue().first();
    }

    /** Since when the head could have been granted if only the budget and its model were free. */
    long readySince() {
        long since = head().dueNanos();
        return wasHeldBack && releasedAt - since > 0 ? releasedAt : since;
    }

    /** How many of its requests contend for the next slot: all but those that are held back. */
    int contending() {
        return heldBack ? 0 : everybody.size() - deferred - parked;
    }

    /** How many wait for the budget now or after their back-off. */
    int playing() {
        return heldBack ? 0 : everybody.size() - parked;
    }

    /** All its requests, the longest waiting first; read only. */
    Iterator<Place<T>> byArrival() {
        return everybody.iterator();
    }

    /** Its ready requests, the longest waiting first, as if its own limit held nothing back; read only. */
    Iterator<Place<T>> readyByArrival() {
        return ready.size() == 1 ? firstQueue().byArrival() : new Merged<>(ready.values());
    }

    @Nullable
    Place<T> oldest() {
        return everybody.isEmpty() ? null : everybody.getFirst();
    }

    @Nullable
    Place<T> youngest() {
        return everybody.isEmpty() ? null : everybody.getLast();
    }

    void add(Place<T> place) {
        everybody.add(place);
        if (place.deferred) {
            deferred++;
        }
    }

    /** It has its payload, and its back-off has ended. */
    void makeReady(Place<T> place) {
        ModelQueue<T> queue = queueOf(place.model());
        unlist(queue);
        queue.add(place);
        list(queue);
    }

    /** It is ready no longer, although it contends. */
    void putOff(Place<T> place) {
        ModelQueue<T> queue = queueOf(place.model());
        unlist(queue);
        queue.remove(place);
        list(queue);
    }

    /** Its back-off has ended. */
    void due() {
        deferred--;
    }

    void remove(Place<T> place) {
        everybody.remove(place);
        if (place.deferred) {
            deferred--;
        } else if (place.isEnqueued()) {
            ModelQueue<T> queue = queueOf(place.model());
            unlist(queue);
            queue.remove(place);
            list(queue);
            if (queue.isEmpty() && place.model() != null) {
                models.remove(place.model());
            }
        }
    }

    /** Whether it waits only because its model is full. */
    boolean isParked(Place<T> place) {
        return !place.deferred && place.isEnqueued() && place.model() != null
                && fullModels.contains(place.model());
    }

    /** Its requests for this model that are ready, or would be if the model were not full. */
    int readyOf(String model) {
        ModelQueue<T> queue = models.get(model);
        return queue == null ? 0 : queue.size();
    }

    /** The requests for this model that would be ready, the longest waiting first; null if there are none. */
    @Nullable
    Iterator<Place<T>> byArrival(String model) {
        ModelQueue<T> queue = models.get(model);
        return queue == null ? null : queue.byArrival();
    }

    /** The model is full. */
    void hold(String model) {
        ModelQueue<T> queue = models.get(model);
        if (queue != null) {
            unlist(queue);
            queue.hold();
            list(queue);
        }
    }

    /** The model is no longer full. */
    void release(String model) {
        ModelQueue<T> queue = models.get(model);
        if (queue != null) {
            unlist(queue);
            queue.release();
            list(queue);
        }
    }

    /** The client's own limit holds it back. */
    void holdBack() {
        heldBack = true;
    }

    /** The client's own limit no longer holds it back. */
    void letGo(long now) {
        heldBack = false;
        wasHeldBack = true;
        releasedAt = now;
    }

    boolean isHeldBack() {
        return heldBack;
    }

    private ModelQueue<T> queueOf(@Nullable String model) {
        return model == null
                ? withoutModel
                : models.computeIfAbsent(model, each -> new ModelQueue<>(fullModels.contains(each)));
    }

    private ModelQueue<T> firstQueue() {
        return ready.firstEntry().getValue();
    }

    /** Counts the requests of a queue where they belong now; call it after every change of the queue. */
    private void list(ModelQueue<T> queue) {
        if (queue.isHeld()) {
            parked += queue.size();
        } else if (!queue.isEmpty()) {
            ready.put(queue.first().number(), queue);
        }
    }

    /** Undoes {@link #list}; call it before every change of the queue. */
    private void unlist(ModelQueue<T> queue) {
        if (queue.isHeld()) {
            parked -= queue.size();
        } else if (!queue.isEmpty()) {
            ready.remove(queue.first().number());
        }
    }

    /** Several queues as one, by arrival. */
    private static final class Merged<T> implements Iterator<Place<T>> {

        private record Rest<T>(Place<T> first, Iterator<Place<T>> others) {
        }

        private final PriorityQueue<Rest<T>> rests = new PriorityQueue<>(
                Comparator.comparingLong((Rest<T> rest) -> rest.first().number()));

        Merged(Iterable<ModelQueue<T>> queues) {
            queues.forEach(queue -> add(queue.byArrival()));
        }

        private void add(Iterator<Place<T>> places) {
            if (places.hasNext()) {
                rests.add(new Rest<>(places.next(), places));
            }
        }

        @Override
        public boolean hasNext() {
            return !rests.isEmpty();
        }

        @Override
        public Place<T> next() {
            Rest<T> rest = Objects.requireNonNull(rests.poll());
            add(rest.others());
            return rest.first();
        }
    }
}
