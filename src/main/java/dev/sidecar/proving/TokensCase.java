package dev.sidecar.proving;

import dev.sidecar.simulator.limits.TokenShape;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A row of the proving run with a limit of tokens beside that of requests. The demand is always more than the limits.
 * Immutable.
 *
 * @param requests the limit in requests a minute
 * @param tokens how the provider counts tokens
 * @param most what clients write as {@code max_tokens}
 * @param stated whether responses state how many tokens are left
 */
record TokensCase(String name, int requests, TokenShape tokens, MaxTokens most, boolean stated, Target target) {

    /** When the measurement begins: until then the sidecar may learn. */
    static final Duration FROM = Duration.ofMinutes(10);
    static final Duration SPAN = ProvingRun.DURATION.minus(FROM);

    /** Low requests have a floor of 5 % of the slots, and more than this only if the order is broken. */
    private static final double MOST_LOW = 0.07;

    /**
     * The target of a row. Beside it, no client gets a 429, and the classes keep their order.
     *
     * @param leastUsed the smallest used part of one of the limits, 0 to 1
     * @param mostRefused the largest part of 429s among the provider's responses, 0 to 1
     * @param longestWait the longest wait of the largest prompts that are not low, in seconds
     */
    record Target(double leastUsed, double mostRefused, double longestWait) {

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "≥ %.0f %%, ≤ %.1f %%, largest ≤ %.0f s, in order", leastUsed * 100,
                    mostRefused * 100, longestWait);
        }
    }

    boolean isMet(TokensOutcome outcome) {
        return Math.max(outcome.tokensUsed(), outcome.requestsUsed()) >= target.leastUsed()
                && outcome.refused() <= target.mostRefused() && outcome.visible() == 0
                && outcome.largest() <= target.longestWait() && isInOrder(outcome);
    }

    /** Whether higher classes wait less, and low requests get no more than their floor while others wait. */
    private static boolean isInOrder(TokensOutcome outcome) {
        return outcome.high().p50() < outcome.normal().p50() && outcome.normal().p50() < outcome.low().p50()
                && outcome.high().p99() < outcome.normal().p99() && outcome.normal().p99() < outcome.low().p99()
                && outcome.lowShare() <= MOST_LOW;
    }

    TokensFigures run(long seed) {
        return new TokenTrial(this, new SplittableRandom(seed)).run(FROM, ProvingRun.DURATION);
    }
}
