package dev.sidecar.simulator.limits;

import java.util.random.RandomGenerator;

/**
 * A way of counting tokens with its sizes, which can start afresh any number of times. Immutable.
 *
 * @param name in kebab case
 * @param limit tokens a minute
 * @param moment when they are counted
 */
public record TokenShape(String name, int limit, TokenMoment moment, Maker maker) {

    /** Makes a limit that begins to count; the generator gives unknown values, such as a phase. */
    @FunctionalInterface
    public interface Maker {

        TokenLimit make(RandomGenerator random, long startNanos);
    }

    public TokenLimit start(RandomGenerator random, long startNanos) {
        return maker.make(random, startNanos);
    }

    /** Such as {@code fixed-window at end}. */
    @Override
    public String toString() {
        return name + " at " + moment.label();
    }
}
