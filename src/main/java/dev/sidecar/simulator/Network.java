package dev.sidecar.simulator;

import dev.sidecar.simulator.limits.NetworkDelay;
import io.vertx.core.Vertx;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The way to the simulated provider and back; without a delay it takes no time. On one event loop. */
final class Network {

    private final Vertx vertx;
    private final @Nullable NetworkDelay delay;

    Network(Vertx vertx, @Nullable NetworkDelay delay) {
        this.vertx = vertx;
        this.delay = delay;
    }

    /** Runs the step when the request has arrived. */
    void arrive(Runnable step) {
        if (delay == null) {
            step.run();
        } else {
            vertx.setTimer(Math.max(1, one().toMillis()), _ -> step.run());
        }
    }

    /** The time of the way back, which comes before a response's first byte. */
    Duration back() {
        return delay == null ? Duration.ZERO : one();
    }

    private Duration one() {
        return delay == null ? Duration.ZERO : Duration.ofNanos(delay.nextNanos());
    }
}
