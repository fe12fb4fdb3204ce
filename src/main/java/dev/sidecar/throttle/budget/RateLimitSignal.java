package dev.sidecar.throttle.budget;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What one response of the provider says about its limits. Immutable.
 *
 * @param kind the limit that the response is about
 * @param pause how long the provider asks to wait, from the moment of the response: 0 to 10 minutes; empty if not
 *        stated
 * @param limitPerMinute the stated requests per minute, at least 1; empty unless they are known to be per (about a)
 *        minute
 * @param remaining the requests left in the provider's current window of (about) a minute, at least 0; empty if unknown
 * @param reset the time until that window is full or renewed, not negative; empty if unknown
 * @param remainingTokens the tokens left in the provider's current window of (about) a minute, at least 0; empty if
 *        unknown
 */
public record RateLimitSignal(Kind kind, Optional<Duration> pause, OptionalInt limitPerMinute, OptionalInt remaining,
        Optional<Duration> reset, OptionalLong remainingTokens) {

    /** The longest pause that is accepted from a provider. */
    public static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    /** An accepted response, or one that is not about limits, without a statement about what is left. */
    public static final RateLimitSignal NONE = silent(Kind.NONE);

    private static final RateLimitSignal UNKNOWN = silent(Kind.UNKNOWN);

    /** The limit that a response is about. */
    public enum Kind {
        /** Accepted, or refused for a reason other than a limit. */
        NONE,
        /** Too many requests of the key in a period. */
        REQUEST_RATE,
        /** Too many tokens of the key in a period. */
        TOKEN_RATE,
        /** Too many requests at once for a model, which all its users share. */
        WORKER_CAP,
        /** Money, or the allowance of a day or a month, is used up: a further attempt is useless. */
        QUOTA_SPENT,
        /** A 429 that does not say why. */
        UNKNOWN
    }

    public RateLimitSignal {
        if (pause.isPresent() && (pause.get().isNegative() || pause.get().compareTo(LONGEST_PAUSE) > 0)) {
            throw new IllegalArgumentException("pause must be from PT0S to " + LONGEST_PAUSE + ": " + pause.get());
        }
        if (limitPerMinute.isPresent() && limitPerMinute.getAsInt() < 1) {
            throw new IllegalArgumentException("limitPerMinute must be at least 1: " + limitPerMinute.getAsInt());
        }
        if (remaining.isPresent() && remaining.getAsInt() < 0) {
            throw new IllegalArgumentException("remaining must not be negative: " + remaining.getAsInt());
        }
        if (reset.isPresent() && reset.get().isNegative()) {
            throw new IllegalArgumentException("reset must not be negative: " + reset.get());
        }
    }

    /** A statement about requests alone. */
    public RateLimitSignal(Kind kind, Optional<Duration> pause, OptionalInt limitPerMinute, OptionalInt remaining,
            Optional<Duration> reset) {
        this(kind, pause, limitPerMinute, remaining, reset, OptionalLong.empty());
    }

    /** The same with what is left of the tokens. */
    public RateLimitSignal withRemainingTokens(OptionalLong left) {
        return left.isEmpty() ? this : new RateLimitSignal(kind, pause, limitPerMinute, remaining, reset, left);
    }

    /** The signal without the provider's window, for a response that may not be comparable with others. */
    public RateLimitSignal withoutWindow() {
        return limitPerMinute.isEmpty() && remaining.isEmpty() && reset.isEmpty() && remainingTokens.isEmpty()
                ? this
                : new RateLimitSignal(kind, pause, OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
    }

    /** A 429 without any statement but its status. */
    public static RateLimitSignal unknown() {
        return UNKNOWN;
    }

    private static RateLimitSignal silent(Kind kind) {
        return new RateLimitSignal(kind, Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
    }
}
