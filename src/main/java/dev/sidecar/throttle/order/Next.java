package dev.sidecar.throttle.order;

import dev.sidecar.throttle.Throttle;

/** What the throttle does next: the non-blocking step that {@link Throttle#poll} repeats. */
public sealed interface Next<T> {

    /** Somebody has left the queue. */
    record Depart<T>(Departure<T> departure) implements Next<T> {
    }

    /** Nobody can leave before this many nanoseconds (at least 1), unless something happens first. */
    record WaitNanos<T>(long nanos) implements Next<T> {
    }

    /** Nobody waits: nothing happens until somebody comes. */
    record Idle<T>() implements Next<T> {
    }
}
