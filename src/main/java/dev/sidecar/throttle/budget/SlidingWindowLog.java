package dev.sidecar.throttle.budget;

import java.util.PriorityQueue;

/**
 * What the provider has counted in its trailing minute, as far as it can be known from here. A request that was sent has
 * arrived at the latest when its answer begins, or after {@link BudgetRule#GUARD} (longer if its body took longer to leave), and it
 * counts for a minute from then on. Every operation but {@link #forget} is O(log n) (amortised), n being those on their way. Not thread-safe, no clock; all times in nanoseconds.
 */
final class SlidingWindowLog {

    /** A request that was sent. */
    static final class Sent {

        private final long at;
        private final long arrivesBy;
        private boolean arrived;
        /** What stands for it among the arrivals, once it has arrived. */
        private long stamp;

        private Sent(long at, long arrivesBy) {
            this.at = at;
            this.arrivesBy = arrivesBy;
        }

        long at() {
            return at;
        }
    }

    /** The latest time at which each can have arrived. */
    private final TimestampRing arrivals = new TimestampRing();
    private final PriorityQueue<Sent> underWay = new PriorityQueue<>(
            (a, b) -> Long.signum(a.arrivesBy - b.arrivesBy));
    private int notArrived;

    /**
     * The last byte of a request has been written.
     *
     * @param writing how long that took since the first: what is still buffered on the way may take as long
     */
    Sent sent(long writing, long now) {
        long guard = Math.clamp(writing, BudgetRule.GUARD, BudgetRule.LONGEST_GUARD);
        Sent sent = new Sent(now, now + guard);
        underWay.add(sent);
        notArrived++;
        return sent;
    }

    /** Its answer begins; a second time, or after the guard, this changes nothing. */
    void answered(Sent sent, long now) {
        settle(now);
        arrive(sent, now);
    }

    /** As if it had never been sent; to be said at most once. */
    void forget(Sent sent, long now) {
        settle(now);
        if (sent.arrived) {
            arrivals.drop(sent.stamp);
        } else {
            sent.arrived = true;
            notArrived--;
        }
    }

    /** Counts this many as arriving as late as possible after being sent at this time, which may be in the future. */
    void take(int count, long sentAt) {
        for (int i = 0; i < count; i++) {
            arrivals.append(sentAt + BudgetRule.GUARD);
        }
    }

    /** How many the provider still counts. */
    int count(long now) {
        settle(now);
        while (arrivals.size() > 0 && now - arrivals.get(0) >= BudgetRule.PERIOD) {
            arrivals.dropOldest();
        }
        return arrivals.size() + notArrived;
    }

    /** The earliest time at which the n-th of those counted (0 being the oldest) is no longer counted. */
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
