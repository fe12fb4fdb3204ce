package dev.sidecar.throttle;

import dev.sidecar.throttle.WaitingRequest.Reason;
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
 * one whose turn is due stands where it will be served. Reads the line and changes nothing; not thread-safe.
 */
final class QueueOutlook<T> {

    /** So many of those who are held back are looked at. */
    private static final int LOOKS = 50;

    private final WaitQueue<T> line;
    private final WaitEstimator<T> forecast;
    private final Deadlines<T> deadlines;
    private final ModelConcurrency governor;

    QueueOutlook(WaitQueue<T> line, WaitEstimator<T> forecast, Deadlines<T> deadlines, ModelConcurrency governor) {
        this.line = line;
        this.forecast = forecast;
        this.deadlines = deadlines;
        this.governor = governor;
    }

    /** The first of them, at most so many; the time it takes depends on that number and not on how many wait. */
    List<WaitingRequest> first(int most, long now) {
        List<Expected<T>> all = new ArrayList<>(ready(most, now));
        line.firstDeferred(most).forEach(ticket -> all.add(new Expected<>(ticket, Reason.BACKOFF,
                forecast.expectedAtHead(ticket, now))));
        line.firstParked(most).forEach(ticket -> all.add(new Expected<>(ticket, Reason.MODEL, parked(ticket, now))));
        // A stable sort: those who are ready stay in the order of their turns.
        all.sort(Comparator.comparingLong(Expected::start));
        return all.stream().limit(most).map(each -> each.seen(now)).toList();
    }

    /** How long the longest waiting of a class has waited, 0 if nobody does. */
    long longestWait(Priority priority, long now) {
        return Stream.of(line.firstReady(priority, 1), line.firstDeferred(LOOKS), line.firstParked(LOOKS))
                .flatMap(List::stream).filter(ticket -> ticket.priority() == priority)
                .mapToLong(ticket -> now - ticket.arrivalNanos()).reduce(0, Math::max);
    }

    /** Those who only wait for their turn. */
    private List<Expected<T>> ready(int most, long now) {
        List<Deque<Ticket<T>>> waiting = new ArrayList<>();
        for (Priority each : Priority.values()) {
            waiting.add(new ArrayDeque<>(line.firstReady(each, most)));
        }
        Projection projection = forecast.play(
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
        long cooling = governor.cooling(ticket.model(), now);
        return cooling > 0 ? Math.max(cooling, forecast.expectedAtHead(ticket, now)) : SlidingWindow.NEVER;
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
