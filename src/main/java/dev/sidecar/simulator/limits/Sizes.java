package dev.sidecar.simulator.limits;

import java.time.Duration;

/** The checks of a shape's sizes; together they keep limit times window, in nanoseconds, within a long. */
final class Sizes {

    static final int MOST = 1_000_000;
    private static final Duration LONGEST = Duration.ofHours(1);

    private Sizes() {
    }

    static int atLeast1(String name, int value) {
        if (value < 1 || value > MOST) {
            throw new IllegalArgumentException(name + " must be between 1 and " + MOST + ", got " + value);
        }
        return value;
    }

    /** In nanoseconds. */
    static long window(Duration window) {
        if (!window.isPositive() || window.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("window must be positive and at most an hour, got " + window);
        }
        return window.toNanos();
    }
}
