package dev.sidecar.throttle.budget;

import dev.sidecar.throttle.count.TimestampRing;
import java.util.ArrayList;
import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The requests that the provider may count in its trailing minute, as far as the sidecar can know. A sent request
 * arrives at the latest when its response begins, or after {@link BudgetRule#GUARD} (longer if writing its body took
 * longer). It counts for a minute from then on.
 *
 * <p>
 * Every operation but {@link #forget} is O(log n) (amortised), where n requests are on their way. Not thread-safe, no
 * clock; all times in nanoseconds.
 */
final class SlidingWindowLog {

    /** A sent request. */
    static final class Sent {

        private final long at;
        private final long arrivesBy;
        private boolean arrived;
        /** Its entry among the arrivals, once it has arrived. */
        private long stamp;

        private Sent(long at, long arrivesBy) {
            this.at = at;
            this.arrivesBy = arrivesBy;
        }

        long at() {
            return at;
        }

        /** The latest time at which it arrives. */
        long arrivesBy() {
            return arrivesBy;
        }
    }

    /** The latest possible time of each arrival. */
    private final TimestampRing arrivals = new TimestampRing();
    private final PriorityQueue<Sent> underWay = new PriorityQueue<>(
            (a, b) -> Long.signum(a.arrivesBy - b.arrivesBy));
    private int notArrived;

    /**
     * The last byte of a request has been written.
     *
     * @param writing the time since the first byte: data buffered on the way may take as long again
     */
    Sent sent(long writing, long now) {
        Sent sent = new Sent(now, now + guard(writing));
        underWay.add(sent);
        notArrived++;
        return sent;
    }

    /** How long a request may still be on its way when its last byte has been written. */
    static long guard(long writing) {
        return Math.clamp(writing, BudgetRule.GUARD, BudgetRule.LONGEST_GUARD);
    }

    /** The response begins. A second call, or one after the guard, changes nothing. */
    void answered(Sent sent, long now) {
        settle(now);
        arrive(sent, now);
    }

    /** As if it had never been sent; call it at most once. */
    void forget(Sent sent, long now) {
        settle(now);
        if (sent.arrived) {
            arrivals.drop(sent.stamp);
        } else {
            sent.arrived = true;
            notArrived--;
        }
    }

    /** Counts this many requests as sent at this time, which may be in the future, and as arriving as late as possible. */
    void take(int count, long sentAt) {
        for (int i = 0; i < count; i++) {
            arrivals.append(sentAt + BudgetRule.GUARD);
        }
    }

    /** Counts one request more, for so long. */
    void charge(long rest, long now) {
        settle(now);
        arrivals.insert(now + rest - BudgetRule.PERIOD);
    }

    /** For each counted request, how long it counts on at most; in order. */
    List<Long> rests(long now) {
        return ages(now).stream().map(age -> BudgetRule.PERIOD - age.toNanos()).sorted().toList();
    }

    /** The time since the latest possible arrival of each counted request, in any order; negative if it may still arrive. */
    List<Duration> ages(long now) {
        int arrived = count(now) - notArrived;
        List<Duration> ages = new ArrayList<>();
        for (int i = 0; i < arrived; i++) {
            ages.add(Duration.ofNanos(now - arrivals.get(i)));
        }
        for (Sent each : underWay) {
            if (!each.arrived) {
                ages.add(Duration.ofNanos(now - each.arrivesBy));
            }
        }
        return ages;
    }

    /** Counts requests of another process. */
    void restore(List<Duration> oldestFirst, long now) {
        for (Duration age : oldestFirst) {
            if (age.isNegative()) {
                underWay.add(new Sent(now, now - age.toNanos()));
                notArrived++;
            } else {
                arrivals.append(now - age.toNanos());
            }
        }
    }

    /** How many requests the provider still counts. */
    int count(long now) {
        settle(now);
        while (arrivals.size() > 0 && now - arrivals.get(0) >= BudgetRule.PERIOD) {
            arrivals.dropOldest();
        }
        return arrivals.size() + notArrived;
    }

    /** The earliest time at which the n-th counted request (0 is the oldest) stops counting. */
    long expiry(int position, long now) {
        return (position < arrivals.size() ? arrivals.get(position) : now) + BudgetRule.PERIOD;
    }

    private void settle(long now) {
        for (Sent next = underWay.peek(); next != null
                && (next.arrived || now - next.arrivesBy >= 0); next = underWay.peek()) {
            arrive(next, next.arrivesBy);
            underWay.remove();
        }
    }

    private void arrive(Sent sent, long at) {
        if (!sent.arrived) {
            sent.arrived = true;
            notArrived--;
            sent.stamp = arrivals.append(at);
        }
    }
}
