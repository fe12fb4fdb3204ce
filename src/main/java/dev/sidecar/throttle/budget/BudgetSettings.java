package dev.sidecar.throttle.budget;

/**
 * The operator's settings for a budget. Immutable.
 *
 * @param limitPerMinute the provider's limit in any 60 s, 1 to 1 000 000 requests: never exceeded
 * @param burstCapacity the most that is sent at once from an idle state, 1 to 1 000 000
 * @param pacing how the budget is spread
 */
public record BudgetSettings(int limitPerMinute, int burstCapacity, Pacing pacing) {

    private static final int MILLION = 1_000_000;

    /** Checks every value; the message of the {@link IllegalArgumentException} names the rule and the value. */
    public BudgetSettings {
        checkRange("limitPerMinute", limitPerMinute, 1);
        checkRange("burstCapacity", burstCapacity, 1);
    }

    /** The same with another limit. */
    public BudgetSettings withLimit(int limit) {
        return new BudgetSettings(limit, burstCapacity, pacing);
    }

    /** @throws IllegalArgumentException unless the value is from {@code least} to a million */
    public static void checkRange(String name, int value, int least) {
        if (value < least || value > MILLION) {
            throw new IllegalArgumentException(name + " must be from " + least + " to " + MILLION + ": " + value);
        }
    }
}
