package dev.sidecar.upstream.limits;

import java.time.Duration;

/**
 * A length of time from now on, as a provider stated it. Immutable.
 *
 * @param length 0 to {@link #LONGEST}
 * @param uncertainty the possible error, from rounding and from the difference of the two clocks
 */
record Wait(Duration length, Duration uncertainty) {

    /** Longer waits are cut to this, far above any value that matters. */
    static final Duration LONGEST = Duration.ofDays(366);

    private static final Duration MILLISECOND = Duration.ofMillis(1);
    private static final Duration CLOCKS = Duration.ofSeconds(2);

    Wait {
        length = clamp(length);
    }

    /** A number with its unit, or with a fraction: such values are not rounded to whole seconds. */
    static Wait exact(Duration length) {
        return new Wait(length, MILLISECOND);
    }

    /** A whole number of seconds. */
    static Wait inSeconds(Duration length) {
        return new Wait(length, Duration.ofSeconds(1));
    }

    /** The distance of a moment in the provider's time from a moment in the sidecar's time. */
    static Wait byClocks(Duration length) {
        return new Wait(length, CLOCKS);
    }

    private static Duration clamp(Duration length) {
        if (length.isNegative()) {
            return Duration.ZERO;
        }
        return length.compareTo(LONGEST) > 0 ? LONGEST : length;
    }
}
