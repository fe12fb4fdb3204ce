package dev.sidecar.upstream.limits;

import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a response says about one limit. Immutable.
 *
 * @param limit the requests or tokens in a window, at least 1
 * @param remaining how many of them are left, at least 0
 * @param reset when the window is renewed, or the bucket is full again
 */
record Allowance(OptionalInt limit, OptionalInt remaining, Optional<Wait> reset) {

    static final Allowance UNSTATED = new Allowance(OptionalInt.empty(), OptionalInt.empty(), Optional.empty());

    boolean isSpent() {
        return remaining.isPresent() && remaining.getAsInt() == 0;
    }

    /** Whether the limit is known to have something left, so it is not the reason for a refusal. */
    boolean hasLeft() {
        return remaining.isPresent() && remaining.getAsInt() > 0;
    }

    /** A whole number of at least this; empty for anything else. A value too large for an {@code int} is cut. */
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
