package dev.sidecar.throttle.order;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The place of a {@link Ticket} in one {@link Lane}. A request has one in each lane that may serve it; it leaves all of
 * them at once. Compared by identity. The lock of the issuing {@code Throttle} guards all fields.
 */
final class Place<T> {

    final Ticket<T> ticket;
    final Lane<T> lane;
    /** The lane's name for the requested model, null if unknown. */
    private final @Nullable String model;
    /** Which part of the requests like it this lane serves, as far as the limits say: above 0, at most 1. */
    private final double share;
    /** The same of those that are certain to be served elsewhere: 1 if another lane makes the request wait. */
    private final double certainShare;
    /** Whether the primary key must do, since the provider refuses every key for this request. */
    private final boolean lastResort;
    /** It does not contend before then: the end of a back-off, or of the time in which another lane goes first. */
    private final long dueNanos;
    /** Whether it is in the queue and not yet due. */
    boolean deferred;
    /** Whether it was told that it goes at once; later requests do not change that. */
    boolean atOnce;
    /** Its certain start when it was admitted, in nanoseconds from then. */
    long certainStart;
    /** What its slot has cost its client, in virtual time. */
    long charge;

    Place(Ticket<T> ticket, Lane<T> lane, @Nullable String model, double share, double certainShare,
            boolean lastResort, long dueNanos) {
        this.ticket = ticket;
        this.lane = lane;
        this.model = model;
        this.share = share;
        this.certainShare = certainShare;
        this.lastResort = lastResort;
        this.dueNanos = dueNanos;
    }

    /** Whether another place of the same request differs in nothing that counts. */
    boolean isLike(Place<T> other) {
        return lane.equals(other.lane) && Objects.equals(model, other.model) && share == other.share
                && certainShare == other.certainShare && lastResort == other.lastResort && dueNanos == other.dueNanos;
    }

    Priority priority() {
        return ticket.priority();
    }

    @Nullable
    String model() {
        return model;
    }

    ClientPolicy client() {
        return ticket.client();
    }

    long number() {
        return ticket.number();
    }

    long deadlineNanos() {
        return ticket.deadlineNanos();
    }

    boolean isFirstAttempt() {
        return ticket.isFirstAttempt();
    }

    /** Whether the ticket has its payload. */
    boolean isEnqueued() {
        return ticket.payload != null;
    }

    double share() {
        return share;
    }

    double certainShare() {
        return certainShare;
    }

    boolean isLastResort() {
        return lastResort;
    }

    long dueNanos() {
        return dueNanos;
    }

    /** First come, first served: by order of admission. */
    static int byArrival(Place<?> a, Place<?> b) {
        return Long.compare(a.number(), b.number());
    }

    /** The nearest deadline first; the comparison is right when the clock wraps. */
    static int byDeadline(Place<?> a, Place<?> b) {
        int order = Long.signum(a.deadlineNanos() - b.deadlineNanos());
        return order != 0 ? order : byArrival(a, b);
    }

    /** The nearest due time first. */
    static int byDue(Place<?> a, Place<?> b) {
        int order = Long.signum(a.dueNanos - b.dueNanos);
        return order != 0 ? order : byArrival(a, b);
    }
}
