package dev.sidecar.throttle.tokens;

import java.util.OptionalLong;

/**
 * What a request may cost, before its response tells. Immutable.
 *
 * @param input tokens of the request, at least 0
 * @param most the tokens of the response that the client allows; empty if it does not say
 * @param usual what 9 of 10 such responses take; empty if none was seen
 */
public record TokenEstimate(long input, OptionalLong most, OptionalLong usual) implements TokenCost {

    /** For a request that no model answers. */
    public static final TokenEstimate NONE = new TokenEstimate(0, OptionalLong.of(0), OptionalLong.empty());

    /** A response of which nothing is known takes at most this part of a limit. */
    private static final int UNKNOWN_PART = 4;

    @Override
    public TokenEstimate estimate() {
        return this;
    }

    /** What is reserved of a limit: never more than all of it, so that every request can go. */
    public long of(long limit) {
        long output = Math.min(most.orElse(Long.MAX_VALUE), usual.orElse(limit / UNKNOWN_PART));
        return Math.min(limit, sum(input, output));
    }

    /** The sum, or the largest number where it is larger. */
    static long sum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }
}
