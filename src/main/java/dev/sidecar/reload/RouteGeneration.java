package dev.sidecar.reload;

import dev.sidecar.ingress.IngressEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.support.service.ServiceHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All routes of the folder at one time, in a Camel context of their own, so that two generations do not disturb each
 * other. Thread-safe.
 */
final class RouteGeneration {

    private static final Logger LOG = LoggerFactory.getLogger(RouteGeneration.class);

    /** The schemes of routes that serve requests under way; all other routes bring in new work. */
    private static final Set<String> INSIDE = Set.of("direct", "seda");
    private static final Duration LONGEST_SLEEP = Duration.ofSeconds(1);
    private static final Duration CHECK_EVERY = Duration.ofMillis(5);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(5);

    private final int number;
    private final CamelContext context;
    private final IngressEngine engine;
    private final List<RouteFile> files;
    private final GenerationSetup.Parts parts;
    private final Instant loadedAt;

    RouteGeneration(int number, CamelContext context, IngressEngine engine, List<RouteFile> files,
            GenerationSetup.Parts parts,
            Instant loadedAt) {
        this.number = number;
        this.context = context;
        this.engine = engine;
        this.files = List.copyOf(files);
        this.parts = parts;
        this.loadedAt = loadedAt;
    }

    int number() {
        return number;
    }

    CamelContext context() {
        return context;
    }

    List<RouteFile> files() {
        return files;
    }

    Instant loadedAt() {
        return loadedAt;
    }

    /** Waits until the routes can take requests at once: a {@code seda} consumer begins with a sleep. */
    void awaitReady() {
        try {
            for (long waited = 0; !parts.isReady()
                    && waited < LONGEST_SLEEP.toMillis(); waited += CHECK_EVERY.toMillis()) {
                Thread.sleep(CHECK_EVERY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends new requests to these routes. */
    void serve() {
        engine.serve();
    }

    /** Stops consumers that bring in new work: a timer, for example, would otherwise run in two generations at once. */
    void retire() {
        for (var route : context.getRoutes()) {
            if (bringsInWork(route)) {
                try {
                    ServiceHelper.stopService(route.getConsumer());
                } catch (RuntimeException e) {
                    LOG.warn("the consumer of route {} of generation {} does not stop: {}", route.getRouteId(), number,
                            e.getClass().getName());
                }
            }
        }
    }

    private static boolean bringsInWork(Route route) {
        var uri = route.getEndpoint().getEndpointUri();
        return !uri.startsWith("platform-http:") && INSIDE.stream().noneMatch(scheme -> uri.startsWith(scheme + ":"));
    }

    /** Whether no request is in these routes or on the way into them. */
    boolean isIdle() {
        return engine.bodiesComingIn() == 0 && context.getInflightRepository().size() == 0;
    }

    void stop() {
        context.getShutdownStrategy().setTimeUnit(TimeUnit.SECONDS);
        context.getShutdownStrategy().setTimeout(LONGEST_STOP.toSeconds());
        context.getShutdownStrategy().setLogInflightExchangesOnTimeout(false);
        try {
            context.stop();
        } finally {
            parts.close();
        }
    }
}
