package dev.sidecar.throttle.tokens;

/**
 * The tokens of a response, as the provider says. Immutable.
 *
 * @param input of the request, at least 0
 * @param output of the response, at least 0
 */
public record TokenUsage(long input, long output) {

    /** Checks both; the message of the {@link IllegalArgumentException} names the value. */
    public TokenUsage {
        if (input < 0 || output < 0) {
            throw new IllegalArgumentException("tokens must not be negative: " + input + " and " + output);
        }
    }

    /** Input and output. */
    public long total() {
        return TokenEstimate.sum(input, output);
    }
}
