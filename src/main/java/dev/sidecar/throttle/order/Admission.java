package dev.sidecar.throttle.order;

import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Slot;
import java.time.Duration;

/** The answer to a request that wants to be sent. */
public sealed interface Admission<T> {

    /**
     * It has a place in the queue; {@link Throttle#enqueue} makes it ready, {@link Throttle#abandon} gives it up.
     *
     * @param position its number among those who wait in its class and above, from 1: the next
     * @param estimatedWait how long it will probably wait: from its position and the rate at which the queue drains, 0 if
     *        it goes now. Whoever comes later in a higher class makes it longer, whoever gives up makes it shorter; when
     *        a full model frees nobody knows, so that of such a wait only a cool-down is in it
     */
    record Queued<T>(Ticket<T> ticket, int position, Duration estimatedWait) implements Admission<T> {
    }

    /** The queue is full and it may be sent at once, beside the queue; the slot counts as used budget. */
    record Bypassed<T>(Slot slot) implements Admission<T> {
    }

    /** It may not be sent. */
    record Refused<T>(Refusal refusal) implements Admission<T> {
    }
}
