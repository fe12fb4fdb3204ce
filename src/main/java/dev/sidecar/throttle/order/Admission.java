package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.Slot;
import java.time.Duration;

/** The decision about a request that asks to be sent. */
public sealed interface Admission<T> {

    /**
     * It has a place in the queue; {@code Throttle.enqueue} makes it ready, {@code Throttle.abandon} gives it up.
     *
     * @param position its number among the waiting requests of its class and above; 1 is the next
     * @param estimatedWait the probable wait, from its position and the rate of the queue; 0 if it goes now. Later
     *        requests of a higher class make it longer, abandoned requests make it shorter. For a full model it
     *        contains only the cool-down, since the end of a running request is unknown
     */
    record Queued<T>(Ticket<T> ticket, int position, Duration estimatedWait) implements Admission<T> {
    }

    /** The queue is full, and the request may be sent at once, beside the queue; its slot counts as used budget. */
    record Bypassed<T>(Slot slot) implements Admission<T> {
    }

    /** It may not be sent. */
    record Refused<T>(Refusal refusal) implements Admission<T> {
    }
}
