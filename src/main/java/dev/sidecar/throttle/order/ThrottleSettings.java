package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.Pacing;
import java.time.Duration;

/**
 * The operator's settings for order and budget. Immutable; a change replaces all of them.
 *
 * @param limitPerMinute the provider's limit in any 60 s, 1 to 1 000 000 requests: never exceeded
 * @param burstCapacity the most that is sent at once from an idle state, 1 to 1 000 000
 * @param pacing how the budget is spread
 * @param queueMax requests that may wait, 0 to 1 000 000
 * @param timeout the longest wait of {@code high} and {@code normal} requests, above 0 and at most 365 days
 * @param lowTimeout the longest wait of {@code low} requests, above 0 and at most 365 days
 * @param passthroughWhenFull when the queue is full: true sends at once, beside the queue (this counts as used budget);
 *        false refuses
 */
public record ThrottleSettings(int limitPerMinute, int burstCapacity, Pacing pacing, int queueMax, Duration timeout,
        Duration lowTimeout, boolean passthroughWhenFull) {

    private static final Duration LONGEST = Duration.ofDays(365);

    /** Checks every value; the message of the {@link IllegalArgumentException} names the rule and the value. */
    public ThrottleSettings {
        BudgetSettings.checkRange("limitPerMinute", limitPerMinute, 1);
        BudgetSettings.checkRange("burstCapacity", burstCapacity, 1);
        BudgetSettings.checkRange("queueMax", queueMax, 0);
        checkTimeout("timeout", timeout);
        checkTimeout("lowTimeout", lowTimeout);
    }

    /** The settings of the budget. */
    public BudgetSettings budget() {
        return new BudgetSettings(limitPerMinute, burstCapacity, pacing);
    }

    /** The longest wait of a request of this class. */
    public Duration timeoutOf(Priority priority) {
        return priority == Priority.LOW ? lowTimeout : timeout;
    }

    private static void checkTimeout(String name, Duration value) {
        if (!value.isPositive() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    name + " must be above 0 and at most " + LONGEST.toDays() + " days: " + value);
        }
    }
}
