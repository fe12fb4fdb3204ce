package dev.sidecar.simulator.limits;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The other users of a model. They come at random, and each keeps one worker busy for a random time. Their number
 * varies as in an M/M/c/c queue: a user that finds all workers busy leaves. Not thread-safe; no clock.
 */
final class Crowd {

    private final int most;
    private final double meanHoldNanos;
    private final double arrivalsPerNano;
    private final RandomGenerator random;
    private long nextNanos;
    private int present;

    /** Starts with {@code offered} users; later there are about as many, but never more than {@code most}. */
    Crowd(int offered, int most, Duration meanHold, RandomGenerator random, long startNanos) {
        if (offered < 0 || offered > most) {
            throw new IllegalArgumentException("offered must be between 0 and " + most + ", got " + offered);
        }
        this.most = most;
        this.meanHoldNanos = Sizes.window(meanHold);
        this.arrivalsPerNano = offered / meanHoldNanos;
        this.random = random;
        this.present = offered;
        this.nextNanos = startNanos;
        waitForNext();
    }

    int present(long nowNanos) {
        while (arrivalsPerNano > 0 && nowNanos - nextNanos >= 0) {
            boolean comes = random.nextDouble() * eventsPerNano() < arrivalsPerNano;
            present = comes ? Math.min(most, present + 1) : present - 1;
            waitForNext();
        }
        return present;
    }

    private void waitForNext() {
        if (arrivalsPerNano > 0) {
            nextNanos += (long) (random.nextExponential() / eventsPerNano());
        }
    }

    private double eventsPerNano() {
        return arrivalsPerNano + present / meanHoldNanos;
    }
}
