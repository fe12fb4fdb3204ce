package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.traffic.Classes.Interval;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Five seconds or a minute of the past. Events are counted over that time. What is true at a moment is that of the end
 * of five seconds, and the mean of these over a minute.
 *
 * @param sequence one more than that of the point before
 * @param timestamp the end, in seconds since 1970
 * @param requests requests that came in
 * @param ratelimited 429 responses to clients, from the sidecar or the provider
 * @param awaiting requests at the provider without a response yet
 * @param streams streamed responses being relayed
 */
public record HistoryPoint(long sequence, BigDecimal timestamp, Map<String, ClassPoint> perPriority, long requests,
        long ratelimited, @JsonProperty("upstream_429s") long upstream429s, long upstreamErrors,
        double effectiveRpm, int awaiting, long streams) {

    /**
     * The points of a minute as one.
     *
     * @param parts at least one, the oldest first
     */
    static HistoryPoint ofMinute(long sequence, List<HistoryPoint> parts) {
        var perPriority = new LinkedHashMap<String, ClassPoint>();
        for (var priority : Priority.values()) {
            perPriority.put(priority.label(),
                    ClassPoint.of(parts.stream().map(part -> part.of(priority)).toList()));
        }
        return new HistoryPoint(sequence, parts.getLast().timestamp, perPriority, sum(parts, HistoryPoint::requests),
                sum(parts, HistoryPoint::ratelimited), sum(parts, HistoryPoint::upstream429s),
                sum(parts, HistoryPoint::upstreamErrors), Figures.tenths(mean(parts, HistoryPoint::effectiveRpm)),
                (int) Math.round(mean(parts, HistoryPoint::awaiting)), Math.round(mean(parts, HistoryPoint::streams)));
    }

    private ClassPoint of(Priority priority) {
        return perPriority.getOrDefault(priority.label(), ClassPoint.NOTHING);
    }

    private static <T> long sum(List<T> parts, ToLongFunction<T> figure) {
        return parts.stream().mapToLong(figure).sum();
    }

    private static <T> double mean(List<T> parts, ToDoubleFunction<T> figure) {
        return parts.stream().mapToDouble(figure).average().orElse(0);
    }

    /**
     * One class: what it got in that time, and how many of its requests waited.
     *
     * @param waitMsAvg the mean wait of the granted requests, 0 if there were none
     * @param waitMsMax the longest of them
     * @param oldestMs the longest wait of a request that still waited
     */
    record ClassPoint(long granted, long answered, int waiting, long waitMsAvg, long waitMsMax, long oldestMs) {

        static final ClassPoint NOTHING = new ClassPoint(0, 0, 0, 0, 0, 0);

        static ClassPoint of(Interval interval, int waiting, Duration oldest) {
            return new ClassPoint(interval.granted(), interval.answered(), waiting, interval.meanWait().toMillis(),
                    interval.longest().toMillis(), oldest.toMillis());
        }

        private static ClassPoint of(List<ClassPoint> parts) {
            var granted = sum(parts, ClassPoint::granted);
            var waited = sum(parts, part -> part.granted * part.waitMsAvg);
            return new ClassPoint(granted, sum(parts, ClassPoint::answered),
                    (int) Math.round(mean(parts, ClassPoint::waiting)), granted == 0 ? 0 : waited / granted,
                    longest(parts, ClassPoint::waitMsMax), longest(parts, ClassPoint::oldestMs));
        }

        private static long longest(List<ClassPoint> parts, ToLongFunction<ClassPoint> figure) {
            return parts.stream().mapToLong(figure).max().orElse(0);
        }
    }
}
