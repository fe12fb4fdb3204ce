package dev.sidecar.ops;

import dev.sidecar.throttle.budget.TokenFigures;

/**
 * The tokens of models in {@code /status}.
 *
 * @param allowed in any 60 s
 * @param used what responses have cost in the last 60 s
 * @param reserved what requests under way may cost
 */
record TokenStatus(long allowed, long used, long reserved) {

    static TokenStatus of(TokenFigures tokens) {
        return new TokenStatus(tokens.limit(), tokens.used(), tokens.reserved());
    }

    @Override
    public String toString() {
        return "%d of %d tokens used, %d reserved".formatted(used, allowed, reserved);
    }
}
