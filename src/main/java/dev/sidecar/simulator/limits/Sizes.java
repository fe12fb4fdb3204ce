package dev.sidecar.simulator.limits;

import java.time.Duration;

/**
 * The checks of a shape's sizes; together they keep limit times window, in nanoseconds, within a long. What is counted
 * after it was used may be some times the limit of tokens, so that limit leaves room in a minute.
 */
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

    static int tokens(int limit) {
        if (limit < 1 || limit > TokenShapes.MOST) {
            throw new IllegalArgumentException("tokens must be between 1 and " + TokenShapes.MOST + ", got " + limit);
        }
        return limit;
    }

    /** In nanoseconds. */
    static long window(Duration window) {
        if (!window.isPositive() || window.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("window must be positive and at most an hour, got " + window);
        }
        return window.toNanos();
    }
}
