package dev.sidecar.throttle.order;

import dev.sidecar.throttle.pool.Payer;
import dev.sidecar.throttle.tokens.TokenCost;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
    private final Serving serving;
    private final TokenCost tokens;
    /** The keys that the provider has refused for this request. */
    private final Set<String> refusedBy;
    /** The provider that asks to be left alone by this request; null for none. */
    private final @Nullable String pausing;
    private final long pausingUntil;

    /** The queue that issued it; a ticket is invalid elsewhere. */
    final Object issuer;
    /** Attached by enqueue, which may happen after the ticket has left the queue. */
    @Nullable
    T payload;
    /** Set when the ticket leaves the queue without a grant. */
    @Nullable
    Verdict fate;
    /** Its places in the lanes; empty when it is not in the queue. */
    List<Place<T>> places = List.of();
    /** The place from which it was granted; null before. */
    @Nullable
    Place<T> granted;
    /** Whether it was granted and not retried since. */
    boolean retriable;
    /** Whether it was granted and counts as in flight for its model and its client. */
    boolean inFlight;
    /** Whether it waits while circuits are open, in place of being refused. */
    boolean waitsOutCircuits;
    /** What paid for this attempt; null before its grant. */
    @Nullable
    Payer payer;
    /** What is reserved for this attempt; null before its grant, and when it has settled. */
    @Nullable
    Reservation reservation;
    /** The time that this attempt and earlier ones spent in the queue; set at the departure. */
    long waitedNanos;

    /** A first attempt. */
    Ticket(Object issuer, long number, Priority priority, @Nullable String model, ClientPolicy client,
            Serving serving, TokenCost tokens, long arrivalNanos, long deadlineNanos) {
        this(issuer, number, priority, model, client, serving, tokens, arrivalNanos, deadlineNanos, 1, arrivalNanos,
                arrivalNanos, 0, null, Set.of(), null, arrivalNanos);
    }

    private Ticket(Object issuer, long number, Priority priority, @Nullable String model, ClientPolicy client,
            Serving serving, TokenCost tokens, long arrivalNanos, long deadlineNanos, int attempts,
            long placedNanos, long dueNanos,
            long waitedBefore, @Nullable String paidBefore, Set<String> refusedBy, @Nullable String pausing,
            long pausingUntil) {
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
        this.serving = serving;
        this.tokens = tokens;
        this.refusedBy = refusedBy;
        this.pausing = pausing;
        this.pausingUntil = pausingUntil;
    }

    /** One that has waited in another queue, where it has this number. */
    static <T> Ticket<T> from(Object issuer, Earlier earlier, Priority priority, @Nullable String model,
            ClientPolicy client, Serving serving, TokenCost tokens, long deadlineNanos, long now) {
        return new Ticket<>(issuer, earlier.number(), priority, model, client, serving, tokens,
                now - QueueScheduler.nanos(earlier.age()), deadlineNanos, earlier.attempt(), now,
                now + QueueScheduler.nanos(earlier.notBefore()), 0, earlier.paidBefore(), earlier.refusedBy(),
                earlier.pausing(), now + QueueScheduler.nanos(earlier.pausedFor()));
    }

    /** What it brings along to another queue, where it has this number. */
    public Earlier earlier(long numberThere, long now) {
        return new Earlier(numberThere, Duration.ofNanos(Math.max(0, now - arrivalNanos)), attempts,
                Duration.ofNanos(Math.max(0, dueNanos - now)), paidBefore, refusedBy, pausing,
                Duration.ofNanos(pausing == null ? 0 : Math.max(0, pausingUntil - now)));
    }

    /**
     * The next attempt of the same request, placed now and not granted before it is due.
     *
     * @param pause for how long the provider of this attempt asks to be left alone
     */
    Ticket<T> again(long now, long due, long pause) {
        return alike(new Ticket<>(issuer, number, priority, model, client, serving, tokens, arrivalNanos, deadlineNanos,
                attempts + 1, now, due, waitedNanos, payer == null ? null : payer.account(), refusedBy,
                pause <= 0 || payer == null ? null : payer.provider(), now + pause));
    }

    /** The same, not with the key that paid for this attempt, which the provider has refused. */
    Ticket<T> againWithoutItsKey(long now) {
        Set<String> refused = new HashSet<>(refusedBy);
        if (payer != null) {
            refused.add(payer.key());
        }
        return alike(new Ticket<>(issuer, number, priority, model, client, serving, tokens, arrivalNanos, deadlineNanos,
                attempts + 1, now, now, waitedNanos, null, Set.copyOf(refused), null, now));
    }

    private Ticket<T> alike(Ticket<T> next) {
        next.waitsOutCircuits = waitsOutCircuits;
        return next;
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

    /** What it may cost. */
    public TokenCost tokens() {
        return tokens;
    }

    /** Who may serve it. */
    public Serving serving() {
        return serving;
    }

    /** Until when this provider asks to be left alone, at least until the end of the back-off. */
    long dueAt(String provider) {
        return provider.equals(pausing) && pausingUntil - dueNanos > 0 ? pausingUntil : dueNanos;
    }

    Set<String> refusedBy() {
        return refusedBy;
    }

    /** Whether it is in the queue. */
    boolean waits() {
        return !places.isEmpty();
    }

    /** What paid for this attempt; null before its grant. Read it only after the departure. */
    public @Nullable Payer payer() {
        return payer;
    }

    /** Its number in its queue; all its attempts have the same. */
    public long number() {
        return number;
    }

    /** The end of its back-off. */
    long dueNanos() {
        return dueNanos;
    }

    /** The time that all its attempts have spent in the queue until now. */
    long waitedBy(long now) {
        return waitedBefore + Math.max(0, now - placedNanos);
    }
}
