package dev.sidecar.traffic;

import dev.sidecar.throttle.order.Priority;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * Counts what each class got since the last {@link #drain}: slots, the waits before them, and responses. There is one
 * reader.
 *
 * <p>Thread-safe: one lock, held for an addition.
 */
public final class Classes {

    private final Map<Priority, Row> rows = new EnumMap<>(Priority.class);

    Classes() {
        for (var priority : Priority.values()) {
            rows.put(priority, new Row());
        }
    }

    /** A request was granted a slot after this wait. Further attempts count too, with the sum of their waits. */
    public void granted(Priority priority, Duration waited) {
        synchronized (rows) {
            var row = row(priority);
            row.granted++;
            row.waitNanos += waited.toNanos();
            row.longestNanos = Math.max(row.longestNanos, waited.toNanos());
        }
    }

    /** A request that counts against the provider's limit got a response from the provider. */
    public void answered(Priority priority) {
        synchronized (rows) {
            row(priority).answered++;
        }
    }

    /** Returns the counts of every class since the last call, and resets them. */
    public Map<Priority, Interval> drain() {
        var drained = new EnumMap<Priority, Interval>(Priority.class);
        synchronized (rows) {
            rows.forEach((priority, row) -> drained.put(priority, row.drain()));
        }
        return Collections.unmodifiableMap(drained);
    }

    private Row row(Priority priority) {
        return Objects.requireNonNull(rows.get(priority));
    }

    /**
     * The counts of one class over some time.
     *
     * @param waited the sum of the waits of all granted requests
     * @param longest the longest of these waits
     */
    public record Interval(long granted, long answered, Duration waited, Duration longest) {

        public static final Interval NOTHING = new Interval(0, 0, Duration.ZERO, Duration.ZERO);

        /** The sum of both intervals. */
        public Interval plus(Interval other) {
            return new Interval(granted + other.granted, answered + other.answered, waited.plus(other.waited),
                    longest.compareTo(other.longest) > 0 ? longest : other.longest);
        }

        /** The mean wait of the granted requests, zero if there were none. */
        public Duration meanWait() {
            return granted == 0 ? Duration.ZERO : waited.dividedBy(granted);
        }
    }

    private static final class Row {

        private long granted;
        private long answered;
        private long waitNanos;
        private long longestNanos;

        Interval drain() {
            var interval = new Interval(granted, answered, Duration.ofNanos(waitNanos), Duration.ofNanos(longestNanos));
            granted = 0;
            answered = 0;
            waitNanos = 0;
            longestNanos = 0;
            return interval;
        }
    }
}
