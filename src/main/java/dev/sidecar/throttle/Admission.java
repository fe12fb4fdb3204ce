package dev.sidecar.throttle;

/** The answer to a request that wants to be sent. */
public sealed interface Admission<T> {

    /** It has a place in the line; {@link Throttle#enqueue} makes it ready, {@link Throttle#abandon} gives it up. */
    record Queued<T>(Ticket<T> ticket) implements Admission<T> {
    }

    /** The queue is full and it may be sent at once, beside the line; the slot counts as used budget. */
    record Bypassed<T>(Slot slot) implements Admission<T> {
    }

    /** It may not be sent. */
    record Refused<T>(Refusal refusal) implements Admission<T> {
    }
}
