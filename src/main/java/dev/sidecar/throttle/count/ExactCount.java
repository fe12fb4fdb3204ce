package dev.sidecar.throttle.count;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A sliding count by the time of each event: exact, 8 bytes an event. Not thread-safe. */
final class ExactCount implements SlidingCount {

    /** The largest limit that is counted exactly, so that a client costs 128 kB at most. */
    static final long MOST = 10_000;
    static final long LONGEST_NANOS = 3_600_000_000_000L;

    private final long periodNanos;
    private final TimestampRing events = new TimestampRing();

    ExactCount(long periodNanos) {
        this.periodNanos = periodNanos;
    }

    @Override
    public long used(long now) {
        while (events.size() > 0 && now - events.get(0) >= periodNanos) {
            events.dropOldest();
        }
        return events.size();
    }

    @Override
    public void add(long amount, long now) {
        for (long i = 0; i < amount; i++) {
            events.append(now);
        }
    }

    /** Where there are many, several are one, as old as the youngest of them. */
    @Override
    public List<Use> uses(long now) {
        int all = (int) used(now);
        int together = Math.max(1, Math.ceilDiv(all, BucketCount.BUCKETS));
        List<Use> uses = new ArrayList<>();
        for (int from = 0; from < all; from += together) {
            int to = Math.min(all, from + together);
            uses.add(new Use(Duration.ofNanos(now - events.get(to - 1)), to - from));
        }
        return uses;
    }

    @Override
    public long nanosUntil(long most, long now) {
        long over = used(now) - most;
        return over <= 0 ? 0 : events.get((int) over - 1) + periodNanos - now;
    }
}
