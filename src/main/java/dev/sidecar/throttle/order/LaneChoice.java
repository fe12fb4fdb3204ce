package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.pool.Pool;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which lane grants the next slot: the first in their order that has one for a request. A lane that is about to serve a
 * request, and waits only for the gap after its grant before, is not overtaken by a later one. Stateless; all times in
 * nanoseconds.
 */
final class LaneChoice {

    private LaneChoice() {
    }

    /**
     * @param grant null if no lane can grant one now
     * @param delay then: when to look again
     */
    record Choice<T>(@Nullable Grant<T> grant, long delay) {
    }

    /**
     * The first request of a class of a lane may go.
     *
     * @param paying what pays for it
     * @param delay since when it could go, at most 0
     */
    record Grant<T>(Lane<T> lane, Priority priority, Pool.Paying paying, long delay) {

        Ticket<T> ticket() {
            return lane.queue.first(priority).ticket;
        }

        /** Whether it was refused by the account that would pay again. */
        boolean isWithTheSameAccount() {
            return ticket().places.size() > 1 && paying.account().name().equals(ticket().paidBefore());
        }
    }

    private static <T> boolean isSame(Choice<T> choice, Grant<T> grant) {
        return choice.grant != null && choice.grant.ticket().equals(grant.ticket());
    }

    /** Requests that may not use the account that has a slot are put off, so that the slot goes to the next. */
    static <T> Choice<T> of(Lanes<T> lanes, long now) {
        long wait = SlidingWindow.NEVER;
        List<Lane<T>> aboutToServe = new ArrayList<>(0);
        Choice<T> again = null;
        for (Lane<T> lane : lanes) {
            long closedFor = lane.closedFor(now);
            if (closedFor > 0) {
                wait = Math.min(wait, closedFor);
            } else if (lane.queue.size() > 0) {
                Choice<T> choice = of(lane, now);
                Grant<T> grant = choice.grant;
                if (grant != null && !contendsIn(aboutToServe, grant.ticket())) {
                    if (again == null && grant.isWithTheSameAccount()) {
                        again = choice; // a later lane may serve it with another one
                    } else if (again == null || isSame(again, grant)) {
                        return choice;
                    }
                }
                if (grant == null && lane.isAboutToServe(choice.delay, now)) {
                    aboutToServe.add(lane);
                }
                wait = Math.min(wait, grant == null ? choice.delay : SlidingWindow.NEVER);
            }
        }
        if (again != null) {
            return again;
        }
        for (Lane<T> lane : lanes) {
            wait = Math.min(wait, lane.nanosToChange(now));
        }
        return new Choice<>(null, wait);
    }

    private static <T> Choice<T> of(Lane<T> lane, long now) {
        lane.bringBack(now);
        while (true) {
            long[] delays = new long[Priority.values().length];
            long wait = lane.deadlines.delays(delays, now);
            Priority chosen = lane.floors.choose(lane.queue::isReady, each -> delays[each.rank()] <= 0);
            if (chosen == null) {
                return new Choice<>(null, wait);
            }
            Place<T> head = lane.queue.first(chosen);
            Pool.Paying paying = lane.paying(head, now);
            long tokenDelay = paying == null ? lane.tokenDelay(head, now) : 0;
            if (paying != null) {
                return new Choice<>(new Grant<>(lane, chosen, paying, delays[chosen.rank()]), 0);
            }
            if (tokenDelay > 0) {
                return new Choice<>(null, tokenDelay);
            }
            lane.putOff(head, now);
        }
    }

    /** Whether a request will go in a moment, by a lane that comes first. */
    private static <T> boolean contendsIn(List<Lane<T>> lanes, Ticket<T> ticket) {
        return !lanes.isEmpty() && ticket.places.stream()
                .anyMatch(each -> lanes.contains(each.lane) && !each.deferred && !each.lane.queue.isHeld(each));
    }
}
