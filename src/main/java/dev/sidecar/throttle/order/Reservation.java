package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.TokenBudget;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that an attempt holds until its response has ended. Immutable.
 *
 * @param budget of the account that pays; null if it is not known here
 * @param ofAccount held there
 * @param ofClient held in each of its client's own limits
 */
record Reservation(@Nullable TokenBudget budget, long ofAccount, long ofClient) {

    /** Whether the account's tokens are limited. */
    boolean isOfALimit() {
        return budget != null && budget.limit() > 0;
    }

    /** The response has ended, and has cost this. */
    void settle(long cost, long now) {
        if (budget != null) {
            budget.settle(ofAccount, cost, now);
        }
    }
}
