package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetRule;

/**
 * Whether the demand exceeds the budget for longer than a moment. This is so when requests of high or normal class have
 * been refused for longer than a window, and no whole window passed without a refusal. Not thread-safe; all times in
 * nanoseconds.
 */
final class Overload {

    private boolean any;
    private long since;
    private long latest;

    /** A request could not be taken. Refused {@code low} requests are no overload: they only use what is left. */
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
