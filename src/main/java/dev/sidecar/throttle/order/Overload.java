package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetRule;

/**
 * Whether more is asked for than the budget has, and not only for a moment: requests of high or normal class have been refused for
 * longer than a window, with no window in between in which none was. Not thread-safe; all times in nanoseconds.
 */
final class Overload {

    private boolean any;
    private long since;
    private long latest;

    /** One could not be taken. That {@code low} ones are refused is no overload: they are to use what is left. */
    void refused(Priority priority, long now) {
        if (priority != Priority.LOW) {
            if (!any || now - latest > BudgetRule.SPAN) {
                since = now;
            }
            any = true;
            latest = now;
        }
    }

    boolean lasts(long now) {
        return any && now - latest <= BudgetRule.SPAN && now - since > BudgetRule.SPAN;
    }
}
