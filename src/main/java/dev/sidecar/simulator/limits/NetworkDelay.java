package dev.sidecar.simulator.limits;

import java.util.random.RandomGenerator;

/**
 * The one-way delay of a message: 50 ms plus an exponential time of 80 ms on average. One message in 5,000 takes half a
 * second to two seconds longer, as after a lost packet. Messages may overtake each other. As thread-safe as its
 * generator.
 */
public final class NetworkDelay {

    private static final long MILLI = 1_000_000;
    private static final long LEAST = 50 * MILLI;
    private static final long MEAN_MORE = 80 * MILLI;
    private static final int SPIKE_ONE_IN = 5_000;

    private final RandomGenerator random;

    /** @param random a seeded generator repeats the same delays */
    public NetworkDelay(RandomGenerator random) {
        this.random = random;
    }

    /** The next message's delay. */
    public long nextNanos() {
        long delay = LEAST + (long) (random.nextExponential() * MEAN_MORE);
        return random.nextInt(SPIKE_ONE_IN) == 0 ? delay + random.nextLong(500 * MILLI, 2_000 * MILLI) : delay;
    }
}
