package dev.sidecar.boot;

import dev.sidecar.config.SidecarProperties;
import dev.sidecar.ingress.InFlightRequests;
import dev.sidecar.ingress.IngressServer;
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
 * First step of a stop: the sidecar is not ready any more and refuses newcomers with 503 {@code shutting_down}.
 * Requests that wait or run have the grace period to finish. After that they are told 503 too, or broken off where half a
 * response has left already. Thread-safe.
 */
@Component
class Shutdown implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);
    /** For the responses to those whose time was up. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final Throttle<Exchange> throttle;
    private final AdaptiveThrottle admission;
    private final SnapshotFeed feed;
    private final InFlightRequests intake;
    private final IngressServer server;
    private final FleetInUse fleet;
    private final Duration grace;
    private volatile boolean running;

    Shutdown(Throttle<Exchange> throttle, AdaptiveThrottle admission, SnapshotFeed feed, InFlightRequests intake,
            IngressServer server, FleetInUse fleet, SidecarProperties settings) {
        this.throttle = throttle;
        this.admission = admission;
        this.feed = feed;
        this.intake = intake;
        this.server = server;
        this.fleet = fleet;
        this.grace = settings.shutdownGrace();
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        intake.close();
        admission.close();
        feed.close(); // its viewers would watch for ever
        if (server.port() >= 0) { // else it has never begun to serve, and another line says why
            var underWay = intake.underWay();
            LOG.atInfo().addKeyValue("waiting", throttle.size()).addKeyValue("under_way", underWay)
                    .addKeyValue("grace_s", grace.toSeconds()).addKeyValue("note", note(underWay))
                    .log("shutdown_begun");
        }
        try {
            if (!isIdleWithin(grace)) {
                endAll();
            }
            server.stopListening();
            isIdleWithin(LAST_WORDS); // who has just connected is told so too
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throttle.close();
        leaveFleet();
        server.close();
    }

    /** Nothing is sent any more, so others may have its part of the limits. */
    private void leaveFleet() {
        try {
            fleet.leave();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        fleet.close();
    }

    /** For the person who has pressed Ctrl-C and sees nothing happen. */
    private String note(int underWay) {
        return underWay == 0
                ? "no request is under way"
                : "waits for " + underWay + (underWay == 1 ? " request" : " requests") + ", " + grace.toSeconds()
                        + " s at most; a second SIGTERM or Ctrl-C ends it at once";
    }

    private void endAll() throws InterruptedException {
        LOG.atWarn().addKeyValue("waiting", throttle.size()).addKeyValue("under_way", intake.underWay())
                .log("shutdown_grace_over");
        throttle.close();
        intake.stopCalls();
        if (!isIdleWithin(LAST_WORDS)) {
            LOG.atWarn().addKeyValue("under_way", intake.underWay()).log("shutdown_cut_off");
            intake.cutConnections();
        }
    }

    /** Looks once before it believes that: what was sent just before the stop has not been read yet. */
    private boolean isIdleWithin(Duration time) throws InterruptedException {
        var deadline = System.nanoTime() + time.toNanos();
        do {
            Thread.sleep(LOOK_EVERY);
        } while (intake.underWay() > 0 && System.nanoTime() - deadline < 0);
        return intake.underWay() == 0;
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
