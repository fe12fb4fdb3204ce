package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * A way of counting with its sizes, which can start afresh any number of times. Immutable.
 *
 * @param name in kebab case
 * @param rate how many requests a minute it accepts in the long run from a client that asks at the right moments. The
 *        extra requests of fresh windows and full buckets at the start are not included, and neither are those of
 *        others
 * @param maker makes a fresh limit
 */
public record Shape(String name, Schedule rate, Maker maker) {

    /** Makes a limit that begins to count; the generator gives unknown values, such as a phase. */
    @FunctionalInterface
    public interface Maker {

        ProviderLimit make(RandomGenerator random, long startNanos);
    }

    public ProviderLimit start(RandomGenerator random, long startNanos) {
        return maker.make(random, startNanos);
    }

    /**
     * How many requests it allows from one time to another, both after the start. To compute the used share of this
     * budget, first subtract the growth of {@link ProviderLimit#takenByOthers} in that time.
     */
    public double allowed(Duration from, Duration to) {
        return rate.between(from, to);
    }
}
