package dev.sidecar;

import dev.sidecar.throttle.Throttle;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * First step of a stop: from here on new requests, and those that still wait in line, are answered 503
 * {@code shutting_down}. Camel then waits for the running ones, for the grace period at most. Thread-safe.
 */
@Component
class Shutdown implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

    private final Throttle<Exchange> throttle;
    private volatile boolean running;

    Shutdown(Throttle<Exchange> throttle) {
        this.throttle = throttle;
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        LOG.info("shutting down: {} requests are waiting", throttle.size());
        throttle.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Stops before everything else. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
