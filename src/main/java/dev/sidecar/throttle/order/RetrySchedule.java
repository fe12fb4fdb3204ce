package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetRule;

/**
 * When refused requests find a slot: after the waiting requests, and after earlier refused requests of their class that
 * are not yet due back. So a crowd that is refused together is told to come back one by one. The named times reserve
 * nothing: a returning request takes its place like any other. Not thread-safe; all times in nanoseconds.
 */
final class RetrySchedule {

    /**
     * The schedule reaches this far behind the first free slot. Then it begins again: clients do not wait longer for a
     * retry.
     */
    private static final long HORIZON = 5 * BudgetRule.PERIOD;

    private final long[] told = new long[Priority.values().length];
    private final boolean[] any = new boolean[Priority.values().length];

    /**
     * The time from now until one more refused request finds a slot.
     *
     * @param earliest until a newcomer of this class could be sent, from now
     * @param interval the distance at which slots come back
     */
    long next(Priority priority, long earliest, long interval, long now) {
        int rank = priority.rank();
        long behind = told[rank] + interval - now;
        long delay = any[rank] && behind > earliest && behind - earliest <= HORIZON ? behind : earliest;
        any[rank] = true;
        told[rank] = now + delay;
        return delay;
    }
}
