package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetRule;

/**
 * When those who were refused find a slot: behind those who wait, and behind those of their class who were refused before them
 * and whose time has not come. So a crowd that is refused together is told to come back one by one. What is told is not kept
 * free: who comes back takes place like everybody else. Not thread-safe; all times in nanoseconds.
 */
final class RetrySchedule {

    /** No more than this behind the first free slot; after that it begins anew, since nobody waits so long for a refusal's sake. */
    private static final long HORIZON = 5 * BudgetRule.PERIOD;

    private final long[] told = new long[Priority.values().length];
    private final boolean[] any = new boolean[Priority.values().length];

    /**
     * From now until one more that is refused finds a slot.
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
