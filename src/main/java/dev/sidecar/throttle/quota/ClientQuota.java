package dev.sidecar.throttle.quota;

import dev.sidecar.throttle.count.BucketCount;
import dev.sidecar.throttle.count.SlidingCount;
import dev.sidecar.throttle.tokens.TokenCost;
import java.util.ArrayList;
import java.util.List;

/**
 * The use of one client, against its own limits. Not thread-safe, no clock: it receives the time in nanoseconds, which
 * never runs backwards.
 */
public final class ClientQuota {

    /** What holds a client back. */
    public enum Hold {
        /** Nothing. */
        NONE,
        /** As many of its requests run as it may have at a time; the end of one is not known before. */
        CONCURRENCY,
        /** Its requests under way hold the rest of its tokens. */
        RESERVED,
        /** A period is used up; it ends at a known time. */
        PERIOD
    }

    private List<Period<RequestLimit>> requests = List.of();
    private List<Period<TokenLimit>> tokens = List.of();
    private int concurrent;
    private int running;
    /** The tokens that requests under way hold, in each limit of tokens. */
    private long reserved;

    /** A limit and its use. */
    private record Period<L extends OwnLimit>(L limit, long most, long periodNanos, SlidingCount count) {
    }

    /** A limit, and what counts against it now. */
    public record Use(OwnLimit limit, long used) {
    }

    /**
     * New limits; use that was counted over the same period goes on.
     *
     * @param mostAtATime requests that may run at a time, 0 for any number
     */
    public void limits(List<RequestLimit> requestLimits, List<TokenLimit> tokenLimits, int mostAtATime) {
        concurrent = mostAtATime;
        var newRequests = new ArrayList<Period<RequestLimit>>();
        var oldRequests = new ArrayList<>(requests);
        for (var limit : requestLimits) {
            newRequests.add(period(limit, limit.requests(), limit.per().toNanos(), oldRequests));
        }
        var newTokens = new ArrayList<Period<TokenLimit>>();
        var oldTokens = new ArrayList<>(tokens);
        for (var limit : tokenLimits) {
            // tokens come in large amounts: buckets, whatever the limit
            newTokens.add(period(limit, limit.tokens(), limit.per().toNanos(), oldTokens));
        }
        requests = newRequests;
        tokens = newTokens;
    }

    /** Takes over the count of one of the old limits, which no other new limit may then have: each counts for itself. */
    private static <L extends OwnLimit> Period<L> period(L limit, long most, long nanos, List<Period<L>> old) {
        for (var each : old) {
            if (each.periodNanos() == nanos) {
                old.remove(each);
                return new Period<>(limit, most, nanos, each.count());
            }
        }
        return new Period<>(limit, most, nanos,
                limit instanceof RequestLimit ? SlidingCount.of(most, nanos) : new BucketCount(nanos));
    }

    /** Whether it has no limit of its own. */
    public boolean isUnlimited() {
        return concurrent == 0 && requests.isEmpty() && tokens.isEmpty();
    }

    /** What holds the next request back now. */
    public Hold hold(long now) {
        if (isUnlimited()) {
            return Hold.NONE;
        }
        if (nanosUntil(1, now) > 0) {
            return Hold.PERIOD;
        }
        if (concurrent > 0 && running >= concurrent) {
            return Hold.CONCURRENCY;
        }
        return reservedFor(now) > 0 ? Hold.RESERVED : Hold.NONE;
    }

    /** The longest time for which tokens are held that no request gives back, in nanoseconds; 0 if there are some left. */
    public long reservedFor(long now) {
        long longest = 0;
        for (var each : tokens) {
            long room = each.most() - 1 - reserved;
            longest = Math.max(longest, room < 0 ? OwnLimit.LONGEST.toNanos() : each.count().nanosUntil(room, now));
        }
        return longest;
    }

    /**
     * The time until the periods allow this many more requests to have started, in nanoseconds; 0 if now. What runs at
     * a time is not part of it, because no end of a request is known before.
     *
     * @param nth 1 for the next request
     */
    public long nanosUntil(int nth, long now) {
        long longest = 0;
        for (var each : requests) {
            long rounds = (nth - 1) / each.most();
            long rest = nth - rounds * each.most();
            longest = Math.max(longest, rounds * each.periodNanos() + each.count().nanosUntil(each.most() - rest, now));
        }
        for (var each : tokens) {
            longest = Math.max(longest, each.count().nanosUntil(each.most() - 1, now));
        }
        return longest;
    }

    /**
     * A request starts.
     *
     * @return the tokens that it holds until its response has ended
     */
    public long started(boolean firstAttempt, TokenCost cost, long now) {
        running++;
        if (firstAttempt) {
            for (var each : requests) {
                each.count().add(1, now);
            }
        }
        if (tokens.isEmpty()) {
            return 0;
        }
        var estimate = cost.estimate();
        long held = tokens.stream().mapToLong(each -> estimate.of(each.most())).min().orElse(0);
        reserved += held;
        return held;
    }

    /** A request that started has ended, in any way. */
    public void finished() {
        running--;
    }

    /**
     * A response has ended, and has cost this.
     *
     * @param held what its request held
     */
    public void spent(long held, long amount, long now) {
        reserved -= held;
        tokens.forEach(each -> each.count().add(amount, now));
    }

    /** What it has used, for another process. */
    public List<PeriodUse> uses(long now) {
        List<PeriodUse> uses = new ArrayList<>();
        requests.forEach(each -> uses.add(new PeriodUse(false, each.limit().per(), each.count().uses(now))));
        tokens.forEach(each -> uses.add(new PeriodUse(true, each.limit().per(), each.count().uses(now))));
        return uses;
    }

    /** Counts what was used in another process against limits over the same period. For a client that has used nothing yet. */
    public void restore(List<PeriodUse> uses, long now) {
        List<PeriodUse> left = new ArrayList<>(uses);
        requests.forEach(each -> restore(each, false, left, now));
        tokens.forEach(each -> restore(each, true, left, now));
    }

    private static void restore(Period<?> period, boolean ofTokens, List<PeriodUse> left, long now) {
        for (PeriodUse each : left) {
            if (each.tokens() == ofTokens && each.per().equals(period.limit().per())) {
                left.remove(each);
                each.uses().forEach(use -> period.count().add(use.amount(), now - use.age().toNanos()));
                return;
            }
        }
    }

    /** The tokens that its requests under way hold. */
    public long reserved() {
        return reserved;
    }

    public int running() {
        return running;
    }

    /** Its limits and what counts against them now. */
    public List<Use> use(long now) {
        var use = new ArrayList<Use>();
        requests.forEach(each -> use.add(new Use(each.limit(), each.count().used(now))));
        tokens.forEach(each -> use.add(new Use(each.limit(), each.count().used(now))));
        return use;
    }
}
