package dev.sidecar.throttle.budget;

/**
 * The time without sending after a refusal: as long as the provider asks for. Without a stated time it is two
 * intervals, or zero for an unexpected first refusal. It doubles with each further refusal, up to a minute, until a
 * request is accepted. Immutable; all times in nanoseconds.
 *
 * @param until when sending may continue
 * @param began when the latest refusal came: requests sent before that say nothing new
 * @param refusals how many refusals in a row
 */
record Pause(long until, long began, int refusals) {

    private static final long LONGEST = BudgetRule.PERIOD;

    static Pause none(long now) {
        return new Pause(now, now - 1, 0);
    }

    /** The provider says how long. */
    Pause asked(long nanos, long now) {
        return new Pause(later(until, now + nanos), now, 0);
    }

    /** The provider does not say. */
    Pause refused(long sentAt, boolean expected, long interval, long now) {
        if (sentAt - began <= 0 && refusals > 0) {
            return this; // already on its way when the pause began
        }
        long nanos = refusals == 0 && !expected ? 0 : Math.min(LONGEST, 2 * interval << Math.min(refusals, 20));
        return new Pause(later(until, now + Math.max(0, nanos)), now, refusals + 1);
    }

    Pause accepted(long sentAt) {
        return refusals > 0 && sentAt - began > 0 ? new Pause(until, began, 0) : this;
    }

    private static long later(long a, long b) {
        return a - b > 0 ? a : b;
    }
}
