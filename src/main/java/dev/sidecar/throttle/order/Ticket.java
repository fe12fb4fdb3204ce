package dev.sidecar.throttle.order;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import org.jspecify.annotations.Nullable;

/**
 * A place in the queue, from admission to departure. A request that is tried again gets a new ticket with the old number
 * and deadline. Compared by identity; what may change is guarded by the lock of the {@link Throttle} that issued it.
 */
public final class Ticket<T> {

    private final long number;
    private final Priority priority;
    private final @Nullable String model;
    private final long arrivalNanos;
    private final long deadlineNanos;
    private final int tries;
    /** When it took its place for this try. */
    private final long placedNanos;
    /** From when on it may be granted: the end of the back-off. */
    private final long dueNanos;
    /** What the tries before this one spent in the queue. */
    private final long waitedBefore;

    /** The queue it belongs to: a ticket is worth nothing elsewhere. */
    final Object issuer;
    /** Attached by enqueue, which may happen after the ticket has left the queue. */
    @Nullable
    T payload;
    /** Set when the ticket leaves the queue for another reason than a grant. */
    @Nullable
    Verdict fate;
    /** Whether it is in the queue. */
    boolean waits;
    /** Whether it is in the queue and its back-off has not ended. */
    boolean deferred;
    /** Whether it was told that it goes at once: those who come behind it change nothing about that. */
    boolean atOnce;
    /** Whether it was granted and not retried since. */
    boolean granted;
    /** Whether it was granted and counts as one of its model in flight. */
    boolean inFlight;
    /** What this try and those before it spent in the queue; set when it departs. */
    long waitedNanos;

    /** A first try. */
    Ticket(Object issuer, long number, Priority priority, @Nullable String model, long arrivalNanos,
            long deadlineNanos) {
        this(issuer, number, priority, model, arrivalNanos, deadlineNanos, 1, arrivalNanos, arrivalNanos, 0);
    }

    private Ticket(Object issuer, long number, Priority priority, @Nullable String model, long arrivalNanos,
            long deadlineNanos, int tries, long placedNanos, long dueNanos, long waitedBefore) {
        this.issuer = issuer;
        this.number = number;
        this.priority = priority;
        this.model = model;
        this.arrivalNanos = arrivalNanos;
        this.deadlineNanos = deadlineNanos;
        this.tries = tries;
        this.placedNanos = placedNanos;
        this.dueNanos = dueNanos;
        this.waitedBefore = waitedBefore;
    }

    /** The next try of the same request, placed now and not to be granted before it is due. */
    Ticket<T> again(long now, long due) {
        return new Ticket<>(issuer, number, priority, model, arrivalNanos, deadlineNanos, tries + 1, now, due,
                waitedNanos);
    }

    public Priority priority() {
        return priority;
    }

    /** When the request was admitted, on the throttle's {@link NanoClock}. */
    public long arrivalNanos() {
        return arrivalNanos;
    }

    /** From when on it can no longer be granted, on the throttle's {@link NanoClock}. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** Which try of its request this is, from 1. */
    public int tries() {
        return tries;
    }

    /** What its request asks for, or null if that is not known and nothing holds it. */
    public @Nullable String model() {
        return model;
    }

    long number() {
        return number;
    }

    long dueNanos() {
        return dueNanos;
    }

    /** What it has spent in the queue by now, in all its tries. */
    long waitedBy(long now) {
        return waitedBefore + Math.max(0, now - placedNanos);
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

    /** The one that is due next first. */
    static int byDue(Ticket<?> a, Ticket<?> b) {
        int order = Long.signum(a.dueNanos - b.dueNanos);
        return order != 0 ? order : byArrival(a, b);
    }
}
