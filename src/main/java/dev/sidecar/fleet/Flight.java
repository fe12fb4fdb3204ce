package dev.sidecar.fleet;

import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Ticket;
import org.jspecify.annotations.Nullable;

/** A request of a replica in the leader's queue, or granted by it. Not thread-safe: part of the {@link Leader}. */
public final class Flight {

    final Member member;
    final Request request;
    /** Its number in the leader's queue. */
    final long number;
    /** When the leader heard of it. */
    final long heardAt;
    @Nullable
    Ticket<Flight> ticket;
    /** What was granted; null while it waits. */
    @Nullable
    Slot slot;
    long grantedAt;
    /** Whether the replica has the grant. */
    boolean taken;
    /** Whether its call has ended; its slot may end later. */
    boolean finished;
    /** Whether it has left its replica's queue without a grant. */
    boolean left;

    Flight(Member member, Request request, long number, long heardAt) {
        this.member = member;
        this.request = request;
        this.number = number;
        this.heardAt = heardAt;
    }

    Call call() {
        return request.call();
    }
}
