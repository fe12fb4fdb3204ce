package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sidecar.http.JsonResponse;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.traffic.Classes.Interval;
import dev.sidecar.traffic.Traffic;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * The last 15 minutes, one point for every 5 s, with or without viewers. {@code GET /api/dashboard/history} returns
 * them. A point counts the events of the 5 s before it.
 *
 * <p>Thread-safe: one lock guards the points. Only {@link #sample} adds points.
 */
public final class History implements Processor {

    public static final Duration EVERY = Duration.ofSeconds(5);
    static final int POINTS = 180;
    private static final int A_MINUTE = (int) Duration.ofMinutes(1).dividedBy(EVERY);

    private final Clock wallClock;
    private final Throttle<?> throttle;
    private final Traffic traffic;
    private final ArrayDeque<Point> points = new ArrayDeque<>(POINTS);
    /** The intervals of the last minute, the latest last. */
    private final ArrayDeque<Map<Priority, Interval>> intervals = new ArrayDeque<>(A_MINUTE);
    private Traffic.Counts before;
    private long sequence;

    public History(Clock wallClock, Throttle<?> throttle, Traffic traffic) {
        this.wallClock = wallClock;
        this.throttle = throttle;
        this.traffic = traffic;
        this.before = traffic.counts();
    }

    /** Takes the next point; call it once {@link #EVERY}. */
    public void sample() {
        var state = throttle.snapshot();
        var counts = traffic.counts();
        synchronized (points) {
            var drained = traffic.classes().drain();
            var perPriority = new LinkedHashMap<String, ClassPoint>();
            for (var priority : Priority.values()) {
                perPriority.put(priority.label(), ClassPoint.of(drained.getOrDefault(priority, Interval.NOTHING),
                        state.waiting().getOrDefault(priority, 0),
                        state.longestWait().getOrDefault(priority, Duration.ZERO)));
            }
            keep(intervals, drained, A_MINUTE);
            keep(points, new Point(++sequence, BigDecimal.valueOf(wallClock.millis(), 3), perPriority,
                    counts.total() - before.total(), counts.rateLimited() - before.rateLimited(),
                    counts.upstream429s() - before.upstream429s(),
                    counts.upstreamErrors() - before.upstreamErrors(), Figures.tenths(state.retreat().effectiveRpm()),
                    state.openSlots(), counts.activeStreams()), POINTS);
            before = counts;
        }
    }

    private static <T> void keep(ArrayDeque<T> latest, T one, int most) {
        if (latest.size() == most) {
            latest.removeFirst();
        }
        latest.addLast(one);
    }

    @Override
    public void process(Exchange exchange) {
        JsonResponse.set(exchange, 200, new Answer(EVERY.toSeconds(), points()));
    }

    /** All points, the oldest first. */
    List<Point> points() {
        synchronized (points) {
            return new ArrayList<>(points);
        }
    }

    /** The latest point, null before the first. */
    @Nullable
    Point latest() {
        synchronized (points) {
            return points.peekLast();
        }
    }

    /** What every class got in the last minute, as far as points exist. */
    Map<Priority, Interval> lastMinute() {
        var sum = new EnumMap<Priority, Interval>(Priority.class);
        synchronized (points) {
            for (var interval : intervals) {
                interval.forEach((priority, one) -> sum.merge(priority, one, Interval::plus));
            }
        }
        return sum;
    }

    /** @param everySeconds the distance of two points, in seconds */
    record Answer(long everySeconds, List<Point> points) {
    }

    /**
     * Five seconds of the past, and the state at their end.
     *
     * @param sequence one more than that of the point before
     * @param requests requests that came in
     * @param ratelimited 429 responses to clients, from the sidecar or the provider
     * @param awaiting requests at the provider without a response yet, at the end
     * @param streams streamed responses being relayed, at the end
     */
    record Point(long sequence, BigDecimal timestamp, Map<String, ClassPoint> perPriority, long requests,
            long ratelimited, @JsonProperty("upstream_429s") long upstream429s, long upstreamErrors,
            double effectiveRpm, int awaiting, long streams) {
    }

    /**
     * One class: what it got in that time, and how many of its requests waited at the end.
     *
     * @param waitMsAvg the mean wait of the granted requests, 0 if there were none
     * @param oldestMs the longest wait of a waiting request, at the end
     */
    record ClassPoint(long granted, long answered, int waiting, long waitMsAvg, long waitMsMax, long oldestMs) {

        static ClassPoint of(Interval interval, int waiting, Duration oldest) {
            return new ClassPoint(interval.granted(), interval.answered(), waiting, interval.meanWait().toMillis(),
                    interval.longest().toMillis(), oldest.toMillis());
        }
    }
}
