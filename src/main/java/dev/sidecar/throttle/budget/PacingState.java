package dev.sidecar.throttle.budget;

import java.time.Duration;

/**
 * The distances of grants in time, apart from the ceiling. Immutable; every function is pure. A delay above 0 says how
 * long to wait; otherwise it says for how long a grant has been possible. All times in nanoseconds.
 *
 * @param grants how many grants there were, which identifies the latest one
 * @param grantedAt when the latest grant was made
 * @param handedOver whether the latest grant has been marked as sent, or ended
 * @param plannedAt when the latest grant was due, a little before it was made; the next one keeps its distance from
 *        here
 * @param lowPlannedAt the same for the latest low grant
 * @param burstPaidAt when all sent requests are paid for at one interval each (GCRA's theoretical arrival time)
 * @param allowance how many requests may still go at once in this busy period
 */
public record PacingState(long grants, long grantedAt, boolean handedOver, long plannedAt, long lowPlannedAt,
        long burstPaidAt,
        long allowance) {

    /** Far enough in the past for every rule, and far enough from the wrap of the clock to multiply by five. */
    private static final long LONG_AGO = 1L << 59;

    static PacingState idle(long now) {
        long then = now - LONG_AGO;
        return new PacingState(0, then, true, then, then, then, 0);
    }

    /**
     * The state where only the requests that count are known: the latest may have been of any class, and none of them is
     * paid for.
     *
     * @param count how many
     * @param latestSent the latest of them
     * @param before what else is known
     */
    static PacingState unknown(BudgetRule rule, int count, long latestSent, BudgetState.Pace before, long now) {
        long latest = now - Math.min(now - latestSent, before.sinceGrant().toNanos());
        long owed = Math.max(Math.min(count, rule.burst()) * rule.interval(),
                Math.min(before.untilFullBurst().toNanos(), rule.burst() * rule.interval()));
        return new PacingState(0, latest, true, latest, latest, now + owed, 0);
    }

    /**
     * The time until the distances allow a grant, apart from the ceiling.
     *
     * @param waiting the number of waiting requests in its class and above, itself included
     * @param left how many more the ceiling allows
     * @param oldestExpiry when the next slot comes back
     * @param spread whether what is left is spread until more comes back
     */
    public long delay(BudgetRule rule, boolean low, int waiting, int left, long oldestExpiry, boolean spread,
            long now) {
        long delay = sharedDelay(rule, now);
        if (rule.paced()) {
            return Math.max(delay, distanceDelay(rule.even(), now));
        }
        if (low) {
            delay = Math.max(delay, lowDelay(rule.interval(), now));
        }
        boolean atOnce = !spread || (!low && allowance > 0) || 2L * waiting - 1 <= left;
        return atOnce ? delay : Math.max(delay, distanceDelay(rule.spread(left, oldestExpiry - plannedAt), now));
    }

    /** The distance that any two grants keep: the gap, the order at the provider, and the burst capacity. */
    long sharedDelay(BudgetRule rule, long now) {
        long distance = handedOver ? rule.gap() : Math.max(rule.gap(), rule.handOver());
        return Math.max(grantedAt + distance - now, burstDelay(rule, 1, now));
    }

    /** The time until the burst capacity allows this many at once. */
    long burstDelay(BudgetRule rule, long count, long now) {
        return burstPaidAt + (count - rule.burst()) * rule.interval() - now;
    }

    /** The time until this distance from the latest grant is reached. */
    long distanceDelay(long distance, long now) {
        return plannedAt + distance - now;
    }

    /** The time until this distance from the latest low grant is reached. */
    long lowDelay(long distance, long now) {
        return lowPlannedAt + distance - now;
    }

    /** A busy period begins: this many requests may go at once before the rest is spread. */
    PacingState busy(long newAllowance) {
        return new PacingState(grants, grantedAt, handedOver, plannedAt, lowPlannedAt, burstPaidAt, newAllowance);
    }

    /**
     * A grant.
     *
     * @param late for how long a request was ready and allowed to go, at least 0
     */
    public PacingState granted(BudgetRule rule, boolean low, long late, long now) {
        long due = now - Math.min(late, rule.tolerance());
        return new PacingState(grants + 1, now, false, due, low ? due : lowPlannedAt, paid(rule, 1, due),
                low ? allowance : Math.max(0, allowance - 1));
    }

    /** This many taken at once beside the queue, at this time. */
    PacingState taken(BudgetRule rule, long count, long at) {
        return new PacingState(grants + 1, at, true, at, lowPlannedAt, paid(rule, count, at), allowance);
    }

    /** The grant with this number has been written, or never will be. */
    public PacingState handedOver(long grant) {
        return grant == grants && !handedOver
                ? new PacingState(grants, grantedAt, true, plannedAt, lowPlannedAt, burstPaidAt, allowance)
                : this;
    }

    /** A grant was given back unused: if it was the latest, the next one keeps its distance from its predecessor. */
    PacingState givenBack(BudgetRule rule, PacingState before, boolean low) {
        long paidAt = burstPaidAt - rule.interval();
        long allowed = low ? allowance : allowance + 1;
        return before.grants + 1 == grants
                ? new PacingState(grants, before.grantedAt, true, before.plannedAt, before.lowPlannedAt, paidAt,
                        allowed)
                : new PacingState(grants, grantedAt, handedOver, plannedAt, lowPlannedAt, paidAt, allowed);
    }

    /** The rule changed: sent requests are paid for at the new interval, and the debt never exceeds one full burst. */
    PacingState changed(BudgetRule old, BudgetRule rule, long now) {
        double owed = Math.clamp((burstPaidAt - now) / (double) old.interval(), 0, rule.burst());
        long paidAt = now + (long) (owed * rule.interval());
        return new PacingState(grants, grantedAt, handedOver, plannedAt, lowPlannedAt, paidAt, allowance);
    }

    /** What another process needs of it. */
    BudgetState.Pace pace(long now) {
        long since = Math.min(now - grantedAt, Math.min(now - plannedAt, now - lowPlannedAt));
        return new BudgetState.Pace(Duration.ofNanos(since), Duration.ofNanos(Math.max(0, burstPaidAt - now)));
    }

    /** How many the burst capacity allows at once now. */
    double burstLevel(BudgetRule rule, long now) {
        double owed = Math.max(0, burstPaidAt - now) / (double) rule.interval();
        return Math.max(0, rule.burst() - owed);
    }

    private long paid(BudgetRule rule, long count, long at) {
        return (burstPaidAt - at < 0 ? at : burstPaidAt) + count * rule.interval();
    }
}
