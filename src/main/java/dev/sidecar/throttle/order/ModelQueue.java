package dev.sidecar.throttle.order;

import java.util.Iterator;
import java.util.TreeSet;

/**
 * The ready requests of one client in one class for one model, by arrival. While the model is full they are held
 * together, so holding and releasing cost the same for any number. Not thread-safe.
 */
final class ModelQueue<T> {

    private final TreeSet<Place<T>> ready = new TreeSet<>(Place::byArrival);
    private boolean held;

    /** @param held whether its model is full now */
    ModelQueue(boolean held) {
        this.held = held;
    }

    boolean isEmpty() {
        return ready.isEmpty();
    }

    int size() {
        return ready.size();
    }

    Place<T> first() {
        return ready.getFirst();
    }

    /** Its requests, the longest waiting first; read only. */
    Iterator<Place<T>> byArrival() {
        return ready.iterator();
    }

    void add(Place<T> place) {
        ready.add(place);
    }

    void remove(Place<T> place) {
        ready.remove(place);
    }

    boolean isHeld() {
        return held;
    }

    void hold() {
        held = true;
    }

    void release() {
        held = false;
    }
}
