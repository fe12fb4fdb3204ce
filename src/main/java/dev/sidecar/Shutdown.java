package dev.sidecar;

import dev.sidecar.config.SidecarProperties;
import dev.sidecar.ops.SnapshotFeed;
import dev.sidecar.route.AdaptiveThrottle;
import dev.sidecar.throttle.Throttle;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * First step of a stop: newcomers are answered 503 {@code shutting_down}, those that wait in line or run have the grace
 * period to finish, and who still waits then is answered 503 too. Thread-safe.
 */
@Component
class Shutdown implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);

    private final Throttle<Exchange> throttle;
    private final AdaptiveThrottle admission;
    private final SnapshotFeed feed;
    private final Duration grace;
    private volatile boolean running;

    Shutdown(Throttle<Exchange> throttle, AdaptiveThrottle admission, SnapshotFeed feed,
            SidecarProperties settings) {
        this.throttle = throttle;
        this.admission = admission;
        this.feed = feed;
        this.grace = settings.shutdownGrace();
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        admission.close();
        feed.close(); // whoever watches would watch for ever
        var deadline = System.nanoTime() + grace.toNanos();
        if (isBusy()) {
            LOG.info("shutting down: {} requests are waiting, {} are running; they have {} s", throttle.size(),
                    throttle.snapshot().openSlots(), grace.toSeconds());
        }
        try {
            while (isBusy() && System.nanoTime() - deadline < 0) {
                Thread.sleep(LOOK_EVERY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throttle.close();
    }

    private boolean isBusy() {
        return throttle.size() > 0 || throttle.snapshot().openSlots() > 0;
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
