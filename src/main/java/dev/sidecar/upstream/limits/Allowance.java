package dev.sidecar.upstream.limits;

import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What an answer says of one limit. Immutable.
 *
 * @param limit how many in a window, at least 1
 * @param remaining how many are left of them, at least 0
 * @param reset when the window is renewed, or the bucket full again
 */
record Allowance(OptionalInt limit, OptionalInt remaining, Optional<Wait> reset) {

    static final Allowance UNSTATED = new Allowance(OptionalInt.empty(), OptionalInt.empty(), Optional.empty());

    boolean isSpent() {
        return remaining.isPresent() && remaining.getAsInt() == 0;
    }

    /** Whether something is known to be left, so that it is not what the request was refused for. */
    boolean hasLeft() {
        return remaining.isPresent() && remaining.getAsInt() > 0;
    }

    /** A whole number of at least this; empty for anything else. What is too large for an {@code int} is cut. */
    static OptionalInt count(@Nullable String text, int least) {
        if (text == null) {
            return OptionalInt.empty();
        }
        var scanner = new TimeScanner(text, 0);
        if (!scanner.number() || !scanner.atEnd() || scanner.whole() < least) {
            return OptionalInt.empty();
        }
        return OptionalInt.of((int) Math.min(Integer.MAX_VALUE, scanner.whole()));
    }
}
