package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * A way of counting with its sizes, to be tried from a fresh start any number of times.
 *
 * @param name in kebab case
 * @param rate how many requests a minute it lets in of one who asks at the right moments and has been at it for a
 *        while: what fresh windows and full buckets let in beyond it at first is not in it, nor what others take
 * @param maker makes a fresh one
 */
public record Shape(String name, Schedule rate, Maker maker) {

    /** Makes a limit that begins to count; the generator gives what the caller cannot know, such as a phase. */
    @FunctionalInterface
    public interface Maker {

        ProviderLimit make(RandomGenerator random, long startNanos);
    }

    public ProviderLimit start(RandomGenerator random, long startNanos) {
        return maker.make(random, startNanos);
    }

    /**
     * How many requests it allows from one time to another, both after the start. To get the share of the allowed budget
     * that a caller used, take away first by how much {@link ProviderLimit#takenByOthers} grew meanwhile.
     */
    public double allowed(Duration from, Duration to) {
        return rate.between(from, to);
    }
}
