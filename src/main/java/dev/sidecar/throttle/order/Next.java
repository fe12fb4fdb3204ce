package dev.sidecar.throttle.order;

/** The result of one non-blocking step of the throttle; {@code Throttle.poll} repeats the step. */
public sealed interface Next<T> {

    /** A ticket has left the queue. */
    record Depart<T>(Departure<T> departure) implements Next<T> {
    }

    /** No ticket can leave for this many nanoseconds (at least 1), unless something happens first. */
    record WaitNanos<T>(long nanos) implements Next<T> {
    }

    /** The queue is empty: nothing happens until a request comes. */
    record Idle<T>() implements Next<T> {
    }
}
