package dev.sidecar.throttle.count;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A sliding count in {@value #BUCKETS} buckets for each period. An event counts until the end of its bucket is a whole
 * period ago, so up to a sixtieth longer than it should: it rounds against the client, never for it. Not thread-safe.
 */
public final class BucketCount implements SlidingCount {

    static final int BUCKETS = 60;

    private final long bucketNanos;
    /** One more than a period has: the bucket that fills now. */
    private final long[] amounts = new long[BUCKETS + 1];
    private long sum;
    private boolean any;
    /** When the newest bucket began. */
    private long newestAt;
    private int newest;

    public BucketCount(long periodNanos) {
        bucketNanos = Math.ceilDiv(periodNanos, BUCKETS);
    }

    @Override
    public long used(long now) {
        advance(now);
        return sum;
    }

    @Override
    public void add(long amount, long now) {
        advance(now);
        if (!any) {
            any = true;
            newestAt = now;
        }
        amounts[newest] += amount;
        sum += amount;
    }

    @Override
    public long nanosUntil(long most, long now) {
        long left = used(now);
        if (left <= most) {
            return 0;
        }
        for (int age = BUCKETS; age >= 0; age--) {
            left -= amounts[at(age)];
            if (left <= most) {
                return newestAt + (BUCKETS + 1L - age) * bucketNanos - now;
            }
        }
        throw new IllegalStateException("the buckets hold less than their sum");
    }

    @Override
    public List<Use> uses(long now) {
        advance(now);
        List<Use> uses = new ArrayList<>();
        for (int age = BUCKETS; age >= 0; age--) {
            long amount = amounts[at(age)];
            if (amount > 0) {
                uses.add(new Use(Duration.ofNanos(now - newestAt + age * bucketNanos), amount));
            }
        }
        return uses;
    }

    /** Forgets the buckets that no longer count. Without use the buckets begin anew with the next event. */
    private void advance(long now) {
        while (any && now - newestAt >= bucketNanos) {
            newestAt += bucketNanos;
            newest = at(BUCKETS);
            sum -= amounts[newest];
            amounts[newest] = 0;
            any = sum > 0;
        }
    }

    /** The place of the bucket of this age; 0 is the newest. */
    private int at(int age) {
        return Math.floorMod(newest - age, amounts.length);
    }
}
