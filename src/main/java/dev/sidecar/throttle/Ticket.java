package dev.sidecar.throttle;

import org.jspecify.annotations.Nullable;

/**
 * A place in the line, from admission to departure. Compared by identity; what may change is guarded by the lock of the
 * {@link Throttle} that issued it.
 */
public final class Ticket<T> {

    private final long number;
    private final Priority priority;
    private final long arrivalNanos;
    private final long deadlineNanos;

    /** The line it belongs to: a ticket is worth nothing elsewhere. */
    final Object issuer;
    /** Attached by enqueue, which may happen after the ticket has left the line. */
    @Nullable
    T payload;
    /** Set when the ticket leaves the line for another reason than a grant. */
    @Nullable
    Verdict fate;

    Ticket(Object issuer, long number, Priority priority, long arrivalNanos, long deadlineNanos) {
        this.issuer = issuer;
        this.number = number;
        this.priority = priority;
        this.arrivalNanos = arrivalNanos;
        this.deadlineNanos = deadlineNanos;
    }

    public Priority priority() {
        return priority;
    }

    /** When it was admitted, on the throttle's {@link NanoClock}. */
    public long arrivalNanos() {
        return arrivalNanos;
    }

    /** From when on it can no longer be granted, on the throttle's {@link NanoClock}. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** First come first served: by order of admission. */
    static int byArrival(Ticket<?> a, Ticket<?> b) {
        return Long.compare(a.number, b.number);
    }

    /** The nearest deadline first; the difference is right across the wrap of the clock. */
    static int byDeadline(Ticket<?> a, Ticket<?> b) {
        int order = Long.signum(a.deadlineNanos - b.deadlineNanos);
        return order != 0 ? order : byArrival(a, b);
    }
}
