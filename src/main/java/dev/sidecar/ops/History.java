package dev.sidecar.ops;

import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.JsonResponse;
import dev.sidecar.http.RequestRefusedException;
import dev.sidecar.ops.HistoryPoint.ClassPoint;
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
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.jspecify.annotations.Nullable;

/**
 * The last 24 hours: a point for every 5 s of the last 15 minutes, and for every minute of the rest. It is taken with or
 * without viewers, and begins anew with each start. {@code GET /api/dashboard/history} returns it.
 *
 * <p>Thread-safe: one lock guards the points. Only {@link #sample} adds points.
 */
public final class History implements Processor {

    public static final Duration EVERY = Duration.ofSeconds(5);
    static final Duration MINUTE = Duration.ofMinutes(1);
    static final int POINTS = HistoryRange.FIFTEEN_MINUTES.points();
    static final int MINUTES = HistoryRange.DAY.points();
    private static final int A_MINUTE = (int) MINUTE.dividedBy(EVERY);

    private final Clock wallClock;
    private final Throttle<?> throttle;
    private final Traffic traffic;
    private final Supplier<Deadlines> deadlines;
    private final ArrayDeque<HistoryPoint> points = new ArrayDeque<>(POINTS);
    /** Those that are over. */
    private final ArrayDeque<HistoryPoint> minutes = new ArrayDeque<>();
    /** The points of the minute that is not over. */
    private final List<HistoryPoint> minute = new ArrayList<>(A_MINUTE);
    /** The intervals of the last minute, the latest last. */
    private final ArrayDeque<Map<Priority, Interval>> intervals = new ArrayDeque<>(A_MINUTE);
    private Traffic.Counts before;
    private long sequence;
    private long minutesOver;

    /** @param deadlines the longest waits that the settings allow now */
    public History(Clock wallClock, Throttle<?> throttle, Traffic traffic, Supplier<Deadlines> deadlines) {
        this.wallClock = wallClock;
        this.throttle = throttle;
        this.traffic = traffic;
        this.deadlines = deadlines;
        this.before = traffic.counts();
    }

    /**
     * The longest waits in the queue.
     *
     * @param usual of the classes high and normal
     * @param low of the class low
     */
    public record Deadlines(Duration usual, Duration low) {
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
            add(new HistoryPoint(++sequence, BigDecimal.valueOf(wallClock.millis(), 3), perPriority,
                    counts.total() - before.total(), counts.rateLimited() - before.rateLimited(),
                    counts.upstream429s() - before.upstream429s(),
                    counts.upstreamErrors() - before.upstreamErrors(), Figures.tenths(state.retreat().effectiveRpm()),
                    state.openSlots(), counts.activeStreams()));
            before = counts;
        }
    }

    private void add(HistoryPoint point) {
        keep(points, point, POINTS);
        minute.add(point);
        if (minute.size() == A_MINUTE) {
            keep(minutes, HistoryPoint.ofMinute(++minutesOver, minute), MINUTES);
            minute.clear();
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
        var range = range(exchange);
        var longest = deadlines.get();
        JsonResponse.set(exchange, 200, new Answer(range.label(), range.step().toSeconds(), range.step().toSeconds(),
                longest.usual.toMillis() / 1e3, longest.low.toMillis() / 1e3, points(range)));
    }

    private static HistoryRange range(Exchange exchange) {
        var asked = exchange.getMessage() instanceof HttpMessage message
                ? message.getRequest().getParam("range")
                : null;
        return asked == null
                ? HistoryRange.FIFTEEN_MINUTES
                : HistoryRange.of(asked).orElseThrow(() -> new RequestRefusedException(
                        new ErrorBody(400, "invalid_value", ErrorBody.INVALID_REQUEST,
                                "range must be one of " + HistoryRange.LABELS, "range")));
    }

    /** The points of a range, the oldest first; the minute that is not over is the last of the minutes. */
    List<HistoryPoint> points(HistoryRange range) {
        synchronized (points) {
            List<HistoryPoint> all;
            if (range.step().equals(EVERY)) {
                all = new ArrayList<>(points);
            } else {
                all = new ArrayList<>(minutes);
                if (!minute.isEmpty()) {
                    all.add(HistoryPoint.ofMinute(minutesOver + 1, minute));
                }
            }
            return all.subList(Math.max(0, all.size() - range.points()), all.size());
        }
    }

    /** The latest point, null before the first. */
    @Nullable
    HistoryPoint latest() {
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

    /**
     * @param everySeconds the distance of two points, in seconds; an older name of {@code stepSeconds}
     * @param deadlineSeconds the longest wait of the classes high and normal
     * @param lowDeadlineSeconds the longest wait of the class low
     */
    record Answer(String range, long everySeconds, long stepSeconds, double deadlineSeconds,
            double lowDeadlineSeconds, List<HistoryPoint> points) {
    }
}
