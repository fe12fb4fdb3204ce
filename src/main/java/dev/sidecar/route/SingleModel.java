package dev.sidecar.route;

import dev.sidecar.throttle.NanoClock;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Whether all recent responses were of one model. A provider may keep its limits for each model, so only then do the figures of
 * one response belong with those of the one before. Thread-safe.
 */
final class SingleModel {

    private static final long MEMORY = Duration.ofMinutes(3).toNanos();

    private final NanoClock clock;
    private @Nullable String latest;
    private boolean several;
    private long severalAt;

    SingleModel(NanoClock clock) {
        this.clock = clock;
    }

    /** A response of this model, null if it named none; whether there was no other within the last three minutes. */
    synchronized boolean observe(@Nullable String model) {
        long now = clock.nanoTime();
        if (latest != null && !latest.equals(Objects.requireNonNullElse(model, ""))) {
            several = true;
            severalAt = now;
        }
        latest = Objects.requireNonNullElse(model, "");
        return !several || now - severalAt > MEMORY;
    }
}
