package dev.sidecar.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/** The simulated provider's time: a monotonic clock, and its start as a time of day. */
final class DemoClock {

    private final LongSupplier nanoClock;
    private final long startNanos;
    private final Instant startTime = Instant.now();

    DemoClock(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.startNanos = nanoClock.getAsLong();
    }

    long nanoTime() {
        return nanoClock.getAsLong();
    }

    Instant instant() {
        return startTime.plus(Duration.ofNanos(nanoTime() - startNanos));
    }
}
