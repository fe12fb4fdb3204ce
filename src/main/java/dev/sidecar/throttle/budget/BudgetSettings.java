package dev.sidecar.throttle.budget;

/**
 * The operator's settings for a budget. Immutable.
 *
 * @param limitPerMinute the provider's limit in any 60 s, 1 to 1 000 000 requests: never exceeded
 * @param burstCapacity the most that is sent at once from an idle state, 1 to 1 000 000
 * @param pacing how the budget is spread
 * @param tokensPerMinute the provider's limit of tokens in any 60 s, up to 1 000 000 000 000; 0 if there is none
 */
public record BudgetSettings(int limitPerMinute, int burstCapacity, Pacing pacing, long tokensPerMinute) {

    private static final int MILLION = 1_000_000;
    private static final long MOST_TOKENS = 1_000_000_000_000L;

    /** Checks every value; the message of the {@link IllegalArgumentException} names the rule and the value. */
    public BudgetSettings {
        checkRange("limitPerMinute", limitPerMinute, 1);
        checkRange("burstCapacity", burstCapacity, 1);
        if (tokensPerMinute < 0 || tokensPerMinute > MOST_TOKENS) {
            throw new IllegalArgumentException(
                    "tokensPerMinute must be from 0 to " + MOST_TOKENS + ": " + tokensPerMinute);
        }
    }

    /** Without a limit of tokens. */
    public BudgetSettings(int limitPerMinute, int burstCapacity, Pacing pacing) {
        this(limitPerMinute, burstCapacity, pacing, 0);
    }

    /** The same with another limit. */
    public BudgetSettings withLimit(int limit) {
        return new BudgetSettings(limit, burstCapacity, pacing, tokensPerMinute);
    }

    /** The same with another limit of tokens. */
    public BudgetSettings withTokens(long tokens) {
        return new BudgetSettings(limitPerMinute, burstCapacity, pacing, tokens);
    }

    /** @throws IllegalArgumentException unless the value is from {@code least} to a million */
    public static void checkRange(String name, int value, int least) {
        if (value < least || value > MILLION) {
            throw new IllegalArgumentException(name + " must be from " + least + " to " + MILLION + ": " + value);
        }
    }
}
