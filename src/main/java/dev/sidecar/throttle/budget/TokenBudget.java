package dev.sidecar.throttle.budget;

import dev.sidecar.throttle.count.BucketCount;
import dev.sidecar.throttle.count.Use;
import dev.sidecar.throttle.tokens.TokenCost;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The tokens of one account in any 60 s. A request reserves what it may cost when it is granted, and settles when its response
 * has ended: from then on what it did cost counts for a minute, since providers count at different moments in between. Estimates,
 * not exact. Like its {@link Budget} it has no clock and no lock.
 */
public final class TokenBudget {

    /** How long the requests keep an even pace when the provider refuses inside the limit. */
    static final long PACED_FOR = 30 * BudgetRule.PERIOD;
    /** So many refusals in such a time are no wrong estimates: the provider does not like bursts. */
    static final int REFUSALS = 10;
    private static final long REFUSALS_WITHIN = 10 * BudgetRule.PERIOD;
    /** How much of the pace a pause gives back. */
    private static final long CREDIT = 2_000_000_000L;

    private final BucketCount used = new BucketCount(BudgetRule.PERIOD);
    private long limit;
    private long reserved;
    private int refusals;
    private long refusedSince;
    private boolean paced;
    private long pacedUntil;
    /** When the even pace allows the next request. */
    private long nextAt;

    /** @param limit tokens in any 60 s; 0 for any number */
    TokenBudget(long limit) {
        this.limit = limit;
    }

    /** New limit; what counts goes on. */
    void limit(long newLimit) {
        limit = newLimit;
    }

    /** Tokens in any 60 s; 0 for any number. */
    public long limit() {
        return limit;
    }

    /** What responses have cost that counts now. */
    public long used(long now) {
        return used.used(now);
    }

    /** What requests under way may cost. */
    public long reserved() {
        return reserved;
    }

    /**
     * The time until a request may go, 0 if now; {@link SlidingWindow#NEVER} if that depends on the end of another one.
     */
    public long delay(TokenCost tokens, long now) {
        if (limit == 0) {
            return 0;
        }
        long cost = tokens.estimate().of(limit);
        if (cost == 0) {
            return 0;
        }
        long room = limit - reserved - cost;
        long pace = isPaced(now) ? Math.max(0, nextAt - now) : 0;
        if (used(now) <= room) {
            return pace;
        }
        return room < 0 ? SlidingWindow.NEVER : Math.max(pace, used.nanosUntil(room, now));
    }

    private boolean isPaced(long now) {
        paced &= limit > 0 && pacedUntil - now > 0;
        return paced;
    }

    /** The time until so many more tokens were probably free, one minute's after the other; 0 if now. */
    public long start(long needed, long now) {
        long all = needed + reserved;
        return all / limit * BudgetRule.PERIOD + used.nanosUntil(limit - all % limit, now);
    }

    /**
     * A request goes.
     *
     * @return what is reserved for it, to be settled once
     */
    public long reserve(TokenCost tokens, long now) {
        long cost = limit == 0 ? 0 : tokens.estimate().of(limit);
        reserved += cost;
        if (isPaced(now)) {
            nextAt = (nextAt - now < -CREDIT ? now - CREDIT : nextAt) + pace(cost);
        }
        return cost;
    }

    /** How long so many tokens last at the limit. */
    private long pace(long tokens) {
        return (long) ((double) tokens * BudgetRule.PERIOD / limit);
    }

    /** The provider has refused a request for lack of tokens. Where it does that inside the limit, the next keep an even pace. */
    void refused(long now) {
        if (limit == 0 || used(now) + reserved > limit) {
            return;
        }
        if (refusals == 0 || now - refusedSince > REFUSALS_WITHIN) {
            refusals = 0;
            refusedSince = now;
        }
        refusals++;
        if (refusals >= REFUSALS) {
            if (!isPaced(now)) {
                nextAt = now;
            }
            paced = true;
            pacedUntil = now + PACED_FOR;
        }
    }

    /** Its response has ended, and has cost this. */
    public void settle(long reservation, long cost, long now) {
        reserved -= reservation;
        used.add(cost, now);
        if (isPaced(now)) {
            nextAt += pace(cost - reservation); // by what it did cost
        }
    }

    /**
     * The provider says how much is left. It lowers what may be used where others use the account too, or where the
     * estimates were too low; it never raises it.
     */
    void told(long remaining, long now) {
        long unknown = limit - remaining - reserved - used(now);
        if (limit > 0 && unknown > 0) {
            used.add(unknown, now);
        }
    }

    /** So many more were used that are not known here. */
    public void charge(long tokens, long now) {
        used.add(tokens, now);
    }

    /** What counts, for another process; what is reserved counts as used now. */
    public List<Use> uses(long now) {
        List<Use> uses = used.uses(now);
        if (reserved > 0) {
            uses.add(new Use(Duration.ZERO, reserved));
        }
        return uses;
    }

    /** Counts what was used elsewhere. */
    public void restore(List<Use> uses, long now) {
        uses.forEach(each -> used.add(each.amount(), now - each.age().toNanos()));
    }

    /** What is allowed and what counts; empty without a limit. */
    public Optional<TokenFigures> figures(long now) {
        return limit == 0 ? Optional.empty() : Optional.of(new TokenFigures(limit, used(now), reserved));
    }
}
