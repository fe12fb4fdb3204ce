package dev.sidecar.throttle.budget;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What one answer of the provider says about its limits. Immutable.
 *
 * @param kind which limit the answer speaks of
 * @param pause how long the provider asks to wait, from the moment of the answer: 0 to 10 minutes; empty if it did not say
 * @param limitPerMinute the requests per minute that the provider says it allows, at least 1; empty unless it is known to be
 *        per (about a) minute
 * @param remaining the requests left in the provider's current window of (about) a minute, at least 0; empty if unknown
 * @param reset the time until that window is full or renewed, not negative; empty if unknown
 */
public record RateLimitSignal(Kind kind, Optional<Duration> pause, OptionalInt limitPerMinute, OptionalInt remaining,
        Optional<Duration> reset) {

    /** The longest pause that a provider can ask for. */
    public static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    /** An accepted answer, or one not about limits, that says nothing of how much is left. */
    public static final RateLimitSignal NONE = silent(Kind.NONE);

    private static final RateLimitSignal UNKNOWN = silent(Kind.UNKNOWN);

    /** Which limit an answer speaks of. */
    public enum Kind {
        /** Accepted, or refused for a reason other than a limit. */
        NONE,
        /** Too many requests of the key in a time. */
        REQUEST_RATE,
        /** Too many tokens of the key in a time. */
        TOKEN_RATE,
        /** Too many requests at once for a model, which all its users share. */
        WORKER_CAP,
        /** Money, or the allowance of a day or a month, is used up: there is no use in trying again. */
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

    /** Without what it says of the provider's window, for one that may not be comparable with others. */
    public RateLimitSignal withoutWindow() {
        return limitPerMinute.isEmpty() && remaining.isEmpty() && reset.isEmpty()
                ? this
                : new RateLimitSignal(kind, pause, OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
    }

    /** A 429 that says nothing but its status. */
    public static RateLimitSignal unknown() {
        return UNKNOWN;
    }

    private static RateLimitSignal silent(Kind kind) {
        return new RateLimitSignal(kind, Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
    }
}
