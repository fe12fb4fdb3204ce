package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.order.WaitingRequest.Reason;
import dev.sidecar.throttle.pool.ModelConcurrency;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The waiting requests in the order of service if no other request comes. The floors are played through, so a low
 * request that is due stands where it will be served. Reads the queue and changes nothing. Not thread-safe.
 */
final class QueueOutlook<T> {

    private final WaitQueue<T> queue;
    private final WaitEstimator<T> estimator;
    private final Deadlines<T> deadlines;
    private final ModelConcurrency models;
    private final OwnLimits limits;

    QueueOutlook(WaitQueue<T> queue, WaitEstimator<T> estimator, Deadlines<T> deadlines, ModelConcurrency models,
            OwnLimits limits) {
        this.queue = queue;
        this.estimator = estimator;
        this.deadlines = deadlines;
        this.models = models;
        this.limits = limits;
    }

    /** The queue ahead; the cost depends on {@code most} and not on the length of the queue. */
    Outlook outlook(int most, long now) {
        Projection projection = estimator.play(
                deadlines.forbidSpreading(now) ? Projection.Spread.NONE : Projection.Spread.AS_WAITING, now);
        List<Expected<T>> known = ready(projection, most);
        queue.firstDeferred(most).forEach(ticket -> known.add(new Expected<>(ticket, Reason.BACKOFF,
                estimator.expectedAtHead(ticket, now))));
        queue.firstParked(most).forEach(ticket -> known.add(new Expected<>(ticket, Reason.MODEL, parked(ticket, now))));
        queue.firstHeldBack(most)
                .forEach(ticket -> known.add(new Expected<>(ticket, Reason.CLIENT, heldBack(ticket, now))));
        // A stable sort: ready requests stay in the order of their turns.
        known.sort(Comparator.comparingLong(Expected::start));
        return new Outlook(known.stream().limit(most).map(each -> each.seen(now)).toList(),
                later(known, most, projection));
    }

    /** The starts of all but the first {@code most} of the known requests: the projection goes on with the others. */
    private List<StartBin> later(List<Expected<T>> known, int most, Projection projection) {
        StartBins bins = new StartBins();
        int[] others = new int[Priority.values().length];
        for (Priority each : Priority.values()) {
            others[each.rank()] = queue.waiting(each);
        }
        known.forEach(each -> others[each.ticket.priority().rank()]--);
        known.stream().skip(most).forEach(each -> bins.add(each.ticket.priority(), each.start));
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
        Ticket<T> oldest = queue.oldest(priority);
        return oldest == null ? 0 : Math.max(0, now - oldest.arrivalNanos());
    }

    /** The requests that only wait for their turn. */
    private List<Expected<T>> ready(Projection projection, int most) {
        List<Deque<Ticket<T>>> waiting = new ArrayList<>();
        for (Priority each : Priority.values()) {
            waiting.add(new ArrayDeque<>(queue.firstReady(each, most)));
        }
        List<Expected<T>> order = new ArrayList<>();
        while (order.size() < most) {
            Priority next = projection.next();
            if (next == null) {
                break;
            }
            Ticket<T> ticket = waiting.get(next.rank()).pollFirst();
            if (ticket != null) { // otherwise the projected request still backs off, or is about to be enqueued
                order.add(new Expected<>(ticket, Reason.TURN, projection.start()));
            }
        }
        return order;
    }

    private long parked(Ticket<T> ticket, long now) {
        long cooling = models.cooling(ticket.model(), now);
        return cooling > 0 ? Math.max(cooling, estimator.expectedAtHead(ticket, now)) : SlidingWindow.NEVER;
    }

    /** What runs at a time ends nobody knows when; a period ends at a known time. */
    private long heldBack(Ticket<T> ticket, long now) {
        long period = limits.nanosUntil(ticket.client(), 1, now);
        return period > 0 ? Math.max(period, estimator.expectedAtHead(ticket, now)) : SlidingWindow.NEVER;
    }

    /** @param start nanoseconds from now, {@link SlidingWindow#NEVER} if unknown */
    private record Expected<T>(Ticket<T> ticket, Reason reason, long start) {

        WaitingRequest seen(long now) {
            return new WaitingRequest(ticket.priority(), ticket.client().name(), ticket.model(),
                    Duration.ofNanos(Math.max(0, now - ticket.arrivalNanos())),
                    start == SlidingWindow.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(start)),
                    Duration.ofNanos(Math.max(0, ticket.deadlineNanos() - now)), ticket.tries(), reason);
        }
    }
}
