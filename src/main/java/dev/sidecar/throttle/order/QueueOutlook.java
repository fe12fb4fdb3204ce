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
import java.util.stream.Stream;

/**
 * Who waits, in the order in which they would be served if nobody else came: the floors are played through, so that a low
 * one whose turn is due stands where it will be served. Reads the queue and changes nothing; not thread-safe.
 */
final class QueueOutlook<T> {

    /** So many of those who are held back are looked at. */
    private static final int LOOKS = 50;

    private final WaitQueue<T> queue;
    private final WaitEstimator<T> estimator;
    private final Deadlines<T> deadlines;
    private final ModelConcurrency models;

    QueueOutlook(WaitQueue<T> queue, WaitEstimator<T> estimator, Deadlines<T> deadlines, ModelConcurrency models) {
        this.queue = queue;
        this.estimator = estimator;
        this.deadlines = deadlines;
        this.models = models;
    }

    /** The first of them, at most so many; the time it takes depends on that number and not on how many wait. */
    List<WaitingRequest> first(int most, long now) {
        List<Expected<T>> all = new ArrayList<>(ready(most, now));
        queue.firstDeferred(most).forEach(ticket -> all.add(new Expected<>(ticket, Reason.BACKOFF,
                estimator.expectedAtHead(ticket, now))));
        queue.firstParked(most).forEach(ticket -> all.add(new Expected<>(ticket, Reason.MODEL, parked(ticket, now))));
        // A stable sort: those who are ready stay in the order of their turns.
        all.sort(Comparator.comparingLong(Expected::start));
        return all.stream().limit(most).map(each -> each.seen(now)).toList();
    }

    /** How long the longest waiting of a class has waited, 0 if nobody does. */
    long longestWait(Priority priority, long now) {
        return Stream.of(queue.firstReady(priority, 1), queue.firstDeferred(LOOKS), queue.firstParked(LOOKS))
                .flatMap(List::stream).filter(ticket -> ticket.priority() == priority)
                .mapToLong(ticket -> now - ticket.arrivalNanos()).reduce(0, Math::max);
    }

    /** Those who only wait for their turn. */
    private List<Expected<T>> ready(int most, long now) {
        List<Deque<Ticket<T>>> waiting = new ArrayList<>();
        for (Priority each : Priority.values()) {
            waiting.add(new ArrayDeque<>(queue.firstReady(each, most)));
        }
        Projection projection = estimator.play(
                deadlines.forbidSpreading(now) ? Projection.Spread.NONE : Projection.Spread.AS_WAITING, now);
        List<Expected<T>> order = new ArrayList<>();
        for (Priority next = projection.next(); next != null && order.size() < most; next = projection.next()) {
            Ticket<T> ticket = waiting.get(next.rank()).pollFirst();
            if (ticket != null) { // others come back from their back-off, or are about to be enqueued
                order.add(new Expected<>(ticket, Reason.TURN, projection.start()));
            }
        }
        return order;
    }

    private long parked(Ticket<T> ticket, long now) {
        long cooling = models.cooling(ticket.model(), now);
        return cooling > 0 ? Math.max(cooling, estimator.expectedAtHead(ticket, now)) : SlidingWindow.NEVER;
    }

    /** @param start nanoseconds from now, {@link SlidingWindow#NEVER} if it cannot be said */
    private record Expected<T>(Ticket<T> ticket, Reason reason, long start) {

        WaitingRequest seen(long now) {
            return new WaitingRequest(ticket.priority(), ticket.model(),
                    Duration.ofNanos(Math.max(0, now - ticket.arrivalNanos())),
                    start == SlidingWindow.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(start)),
                    ticket.tries(), reason);
        }
    }
}
