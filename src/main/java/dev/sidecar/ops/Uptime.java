package dev.sidecar.ops;

import dev.sidecar.throttle.NanoClock;

/** Time since the program started. Thread-safe. */
public final class Uptime {

    private final NanoClock clock;
    private final long startNanos;

    public Uptime(NanoClock clock) {
        this.clock = clock;
        this.startNanos = clock.nanoTime();
    }

    /** Seconds, rounded to a tenth. */
    public double seconds() {
        return Math.round((clock.nanoTime() - startNanos) / 1e8) / 10.0;
    }
}
