package dev.sidecar.throttle.order;

import org.jspecify.annotations.Nullable;

/**
 * A place in the queue, from admission to departure. A further attempt gets a new ticket with the old number and
 * deadline. Compared by identity. The lock of the issuing {@code Throttle} guards all mutable fields.
 */
public final class Ticket<T> {

    private final long number;
    private final Priority priority;
    private final @Nullable String model;
    private final ClientPolicy client;
    private final long arrivalNanos;
    private final long deadlineNanos;
    private final int attempts;
    /** When it took its place for this attempt. */
    private final long placedNanos;
    /** The end of the back-off: it may be granted from then on. */
    private final long dueNanos;
    /** The time that earlier attempts spent in the queue. */
    private final long waitedBefore;
    /** The account that paid for the attempt before. */
    private final @Nullable String paidBefore;

    /** The queue that issued it; a ticket is invalid elsewhere. */
    final Object issuer;
    /** Attached by enqueue, which may happen after the ticket has left the queue. */
    @Nullable
    T payload;
    /** Set when the ticket leaves the queue without a grant. */
    @Nullable
    Verdict fate;
    /** Whether it is in the queue. */
    boolean waits;
    /** Whether it is in the queue and its back-off has not ended. */
    boolean deferred;
    /** Whether it was told that it goes at once; later requests do not change that. */
    boolean atOnce;
    /** Whether it was granted and not retried since. */
    boolean granted;
    /** Whether it was granted and counts as in flight for its model and its client. */
    boolean inFlight;
    /** The account that paid for this attempt; null before its grant. */
    @Nullable
    String payer;
    /** What its slot has cost its client, in virtual time. */
    long charge;
    /** The time that this attempt and earlier ones spent in the queue; set at the departure. */
    long waitedNanos;

    /** A first attempt. */
    Ticket(Object issuer, long number, Priority priority, @Nullable String model, ClientPolicy client,
            long arrivalNanos, long deadlineNanos) {
        this(issuer, number, priority, model, client, arrivalNanos, deadlineNanos, 1, arrivalNanos, arrivalNanos, 0,
                null);
    }

    private Ticket(Object issuer, long number, Priority priority, @Nullable String model, ClientPolicy client,
            long arrivalNanos, long deadlineNanos, int attempts, long placedNanos, long dueNanos, long waitedBefore,
            @Nullable String paidBefore) {
        this.issuer = issuer;
        this.number = number;
        this.priority = priority;
        this.model = model;
        this.client = client;
        this.arrivalNanos = arrivalNanos;
        this.deadlineNanos = deadlineNanos;
        this.attempts = attempts;
        this.placedNanos = placedNanos;
        this.dueNanos = dueNanos;
        this.waitedBefore = waitedBefore;
        this.paidBefore = paidBefore;
    }

    /** The next attempt of the same request, placed now and not granted before it is due. */
    Ticket<T> again(long now, long due) {
        return new Ticket<>(issuer, number, priority, model, client, arrivalNanos, deadlineNanos, attempts + 1, now,
                due,
                waitedNanos, payer);
    }

    public Priority priority() {
        return priority;
    }

    /** When the request was admitted, on the throttle's {@code NanoClock}. */
    public long arrivalNanos() {
        return arrivalNanos;
    }

    /** When its deadline ends, on the throttle's {@code NanoClock}: it cannot be granted from then on. */
    public long deadlineNanos() {
        return deadlineNanos;
    }

    /** The number of this attempt, from 1. */
    public int tries() {
        return attempts;
    }

    /** The requested model, or null if unknown; without a model nothing holds it. */
    public @Nullable String model() {
        return model;
    }

    /** Whose request it is, with what the client had at its admission. */
    public ClientPolicy client() {
        return client;
    }

    boolean isFirstAttempt() {
        return attempts == 1;
    }

    /** The account that paid for the attempt before, and pays for this one only if no other can; null for a first attempt. */
    @Nullable
    String paidBefore() {
        return paidBefore;
    }

    /** The account that paid for this attempt; null before its grant. Read it only after the departure. */
    public @Nullable String payer() {
        return payer;
    }

    long number() {
        return number;
    }

    long dueNanos() {
        return dueNanos;
    }

    /** The time that all its attempts have spent in the queue until now. */
    long waitedBy(long now) {
        return waitedBefore + Math.max(0, now - placedNanos);
    }

    /** First come, first served: by order of admission. */
    static int byArrival(Ticket<?> a, Ticket<?> b) {
        return Long.compare(a.number, b.number);
    }

    /** The nearest deadline first; the comparison is right when the clock wraps. */
    static int byDeadline(Ticket<?> a, Ticket<?> b) {
        int order = Long.signum(a.deadlineNanos - b.deadlineNanos);
        return order != 0 ? order : byArrival(a, b);
    }

    /** The nearest due time first. */
    static int byDue(Ticket<?> a, Ticket<?> b) {
        int order = Long.signum(a.dueNanos - b.dueNanos);
        return order != 0 ? order : byArrival(a, b);
    }
}
