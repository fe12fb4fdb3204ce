package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.order.WaitingRequest.Reason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The waiting requests in the order of service if no other request comes. The floors are played through, so a low
 * request that is due stands where it will be served. Reads the queue and changes nothing. Not thread-safe.
 */
final class QueueOutlook<T> {

    private final Lanes<T> lanes;
    private final OwnLimits limits;

    QueueOutlook(Lanes<T> lanes, OwnLimits limits) {
        this.lanes = lanes;
        this.limits = limits;
    }

    /** The queue ahead; the cost depends on {@code most} and not on the length of the queue. */
    Outlook outlook(int most, long now) {
        if (lanes.isSingle()) {
            Lane<T> lane = lanes.first();
            Projection projection = projection(lane, now);
            List<Expected<T>> known = known(lane, projection, most, now);
            return new Outlook(seen(known, most, now), later(known, most, projection));
        }
        return ofSeveral(most, now);
    }

    /** The turns of the first {@code most} waiting requests. */
    Map<Ticket<T>, TurnAhead> turns(int most, long now) {
        boolean known = !lanes.isSingle() || lanes.first().closedFor(now) == 0;
        Map<Ticket<T>, TurnAhead> turns = new LinkedHashMap<>();
        List<Expected<T>> order = lanes.isSingle()
                ? known(lanes.first(), projection(lanes.first(), now), most, now)
                : knownInSeveral(most, now);
        order.stream().limit(most).forEach(each -> turns.put(each.place.ticket,
                new TurnAhead(turns.size() + 1, known ? each.expectedStart() : Optional.empty())));
        return turns;
    }

    /** Each request stands where it starts first; those that no lane knows one by one have no estimate. */
    private Outlook ofSeveral(int most, long now) {
        List<Expected<T>> known = knownInSeveral(most, now);
        StartBins bins = new StartBins();
        int[] others = others(known);
        known.stream().skip(most).forEach(each -> bins.add(each.place.priority(), each.start));
        for (Priority each : Priority.values()) {
            bins.addUnknown(each, others[each.rank()]);
        }
        return new Outlook(seen(known, most, now), bins.list());
    }

    private List<Expected<T>> knownInSeveral(int most, long now) {
        Map<Ticket<T>, Expected<T>> earliest = new LinkedHashMap<>();
        for (Lane<T> lane : lanes) {
            if (lane.closedFor(now) == 0) {
                known(lane, projection(lane, now), most, now).forEach(each -> earliest.merge(each.place.ticket, each,
                        (a, b) -> b.start < a.start ? b : a));
            }
        }
        List<Expected<T>> known = new ArrayList<>(earliest.values());
        known.sort(Comparator.comparingLong(Expected::start));
        return known;
    }

    private static <T> Projection projection(Lane<T> lane, long now) {
        return lane.estimator.play(
                lane.deadlines.forbidSpreading(now) ? Projection.Spread.NONE : Projection.Spread.AS_WAITING, now);
    }

    private static <T> List<WaitingRequest> seen(List<Expected<T>> known, int most, long now) {
        return known.stream().limit(most).map(each -> each.seen(now)).toList();
    }

    /** The first requests of a lane, in the order of their starts. */
    private List<Expected<T>> known(Lane<T> lane, Projection projection, int most, long now) {
        List<Expected<T>> known = ready(lane, projection, most, now);
        lane.queue.firstDeferred(most).forEach(place -> known.add(new Expected<>(place, Reason.BACKOFF,
                lane.estimator.expectedAtHead(place, now))));
        lane.queue.firstParked(most)
                .forEach(place -> known.add(new Expected<>(place, Reason.MODEL, parked(place, now))));
        lane.queue.firstHeldBack(most)
                .forEach(place -> known.add(new Expected<>(place, Reason.CLIENT, heldBack(place, now))));
        // A stable sort: ready requests stay in the order of their turns.
        known.sort(Comparator.comparingLong(Expected::start));
        return known;
    }

    /** For each class, how many wait beside those that are known. */
    private int[] others(List<Expected<T>> known) {
        int[] others = new int[Priority.values().length];
        for (Priority each : Priority.values()) {
            others[each.rank()] = lanes.waiting(each);
        }
        known.forEach(each -> others[each.place.priority().rank()]--);
        return others;
    }

    /** The starts of all but the first {@code most} of the known requests: the projection goes on with the others. */
    private List<StartBin> later(List<Expected<T>> known, int most, Projection projection) {
        StartBins bins = new StartBins();
        int[] others = others(known);
        known.stream().skip(most).forEach(each -> bins.add(each.place.priority(), each.start));
        Priority next = Priority.HIGH;
        while (next != null && projection.isNear() && projection.start() < StartBins.HORIZON) {
            next = projection.next();
            if (next != null && others[next.rank()] > 0) {
                others[next.rank()]--;
                bins.add(next, projection.start());
            }
        }
        for (Priority each : Priority.values()) {
            int far = next == null ? 0 : Math.min(others[each.rank()], projection.left(each));
            if (far > 0) {
                bins.spread(each, far, projection.farStart(each, far - 1), projection.farStart(each, 0));
            }
            bins.addUnknown(each, others[each.rank()] - far);
        }
        return bins.list();
    }

    /** The longest wait of a class in nanoseconds, 0 if none waits. */
    long longestWait(Priority priority, long now) {
        Ticket<T> oldest = lanes.oldest(priority);
        return oldest == null ? 0 : Math.max(0, now - oldest.arrivalNanos());
    }

    /** The requests that only wait for their turn. */
    private static <T> List<Expected<T>> ready(Lane<T> lane, Projection projection, int most, long now) {
        List<Deque<Place<T>>> waiting = new ArrayList<>();
        for (Priority each : Priority.values()) {
            waiting.add(new ArrayDeque<>(lane.queue.firstReady(each, most)));
        }
        List<Expected<T>> order = new ArrayList<>();
        long tokens = 0;
        while (order.size() < most) {
            Priority next = projection.next();
            if (next == null) {
                break;
            }
            Place<T> place = waiting.get(next.rank()).pollFirst();
            if (place != null) { // otherwise the projected request still backs off, or is about to be enqueued
                tokens += lane.pool.tokensOf(place.ticket.tokens());
                long enough = lane.pool.tokenStart(tokens, now);
                order.add(new Expected<>(place, enough > projection.start() ? Reason.TOKENS : Reason.TURN,
                        Math.max(enough, projection.start())));
            }
        }
        return order;
    }

    private static <T> long parked(Place<T> place, long now) {
        long cooling = place.lane.models.cooling(place.model(), now);
        return cooling > 0
                ? Math.max(cooling, place.lane.estimator.expectedAtHead(place, now))
                : SlidingWindow.NEVER;
    }

    /** What runs at a time ends nobody knows when; a period ends at a known time. */
    private long heldBack(Place<T> place, long now) {
        long period = limits.nanosUntil(place.client(), 1, now);
        return period > 0
                ? Math.max(period, place.lane.estimator.expectedAtHead(place, now))
                : SlidingWindow.NEVER;
    }

    /** @param start nanoseconds from now, {@link SlidingWindow#NEVER} if unknown */
    private record Expected<T>(Place<T> place, Reason reason, long start) {

        Optional<Duration> expectedStart() {
            return start == SlidingWindow.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(start));
        }

        WaitingRequest seen(long now) {
            Ticket<T> ticket = place.ticket;
            return new WaitingRequest(ticket.priority(), ticket.client().name(), ticket.model(),
                    Duration.ofNanos(Math.max(0, now - ticket.arrivalNanos())), expectedStart(),
                    Duration.ofNanos(Math.max(0, ticket.deadlineNanos() - now)), ticket.tries(), reason);
        }
    }
}
