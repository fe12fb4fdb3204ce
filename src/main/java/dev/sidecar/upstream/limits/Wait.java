package dev.sidecar.upstream.limits;

import java.time.Duration;

/**
 * A length of time from now on, as a provider stated it. Immutable.
 *
 * @param length 0 to {@link #LONGEST}
 * @param uncertainty by how much it may be off: what rounding hides, and how far the two clocks may be apart
 */
record Wait(Duration length, Duration uncertainty) {

    /** Longer ones are cut to this, far above anything that makes a difference. */
    static final Duration LONGEST = Duration.ofDays(366);

    private static final Duration MILLISECOND = Duration.ofMillis(1);
    private static final Duration CLOCKS = Duration.ofSeconds(2);

    Wait {
        length = clamp(length);
    }

    /** A number with its unit, or with a fraction: nobody who writes these rounds to whole seconds. */
    static Wait exact(Duration length) {
        return new Wait(length, MILLISECOND);
    }

    /** A whole number of seconds. */
    static Wait inSeconds(Duration length) {
        return new Wait(length, Duration.ofSeconds(1));
    }

    /** The distance of a moment in the provider's time from a moment in ours. */
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
