package dev.sidecar.throttle.budget;

/**
 * The tokens of an account, or of several, at one moment. Immutable.
 *
 * @param limit tokens that may be used in any 60 s, above 0
 * @param used what responses have cost in the last 60 s
 * @param reserved what requests under way may cost
 */
public record TokenFigures(long limit, long used, long reserved) {

    /** Both together. */
    public TokenFigures plus(TokenFigures other) {
        return new TokenFigures(limit + other.limit, used + other.used, reserved + other.reserved);
    }
}
