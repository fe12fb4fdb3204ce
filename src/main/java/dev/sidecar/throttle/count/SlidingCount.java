package dev.sidecar.throttle.count;

import java.util.List;

/**
 * How much was used in a sliding period. Not thread-safe, no clock: it receives the time in nanoseconds, which never
 * runs backwards.
 */
public interface SlidingCount {

    /** The amount that counts now. */
    long used(long now);

    /** This much was used now. */
    void add(long amount, long now);

    /**
     * The time until at most {@code most} of the present use still counts, in nanoseconds; 0 if so now.
     *
     * @param most 0 or more
     */
    long nanosUntil(long most, long now);

    /** What counts now, oldest first, in at most {@link BucketCount#BUCKETS} + 1 amounts; none is younger than it is. */
    List<Use> uses(long now);

    /** An exact count where that is cheap; otherwise one that rounds against the client. */
    static SlidingCount of(long limit, long periodNanos) {
        return limit <= ExactCount.MOST && periodNanos <= ExactCount.LONGEST_NANOS
                ? new ExactCount(periodNanos)
                : new BucketCount(periodNanos);
    }
}
