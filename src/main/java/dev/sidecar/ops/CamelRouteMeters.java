package dev.sidecar.ops;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.CamelContext;
import org.apache.camel.api.management.ManagedCamelContext;
import org.apache.camel.api.management.mbean.ManagedRouteMBean;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.RouteAddedEvent;
import org.apache.camel.support.EventNotifierSupport;

/**
 * Camel's counts of each route, under the names that Camel's own route policy gives them. That policy would count a second
 * time, for about 4 µs a route and request; these read what Camel counts for JMX anyway, when they are scraped.
 * Thread-safe.
 */
public final class CamelRouteMeters extends EventNotifierSupport {

    private final MeterRegistry registry;
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    public CamelRouteMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public boolean isEnabled(CamelEvent event) {
        return event instanceof RouteAddedEvent;
    }

    /** A route that was reloaded keeps its meters, which find it by its id. */
    @Override
    public void notify(CamelEvent event) {
        if (event instanceof RouteAddedEvent added && known.add(added.getRoute().getRouteId())) {
            var context = added.getRoute().getCamelContext();
            var id = added.getRoute().getRouteId();
            counter("camel.exchanges.total", "Exchanges that a route has completed or failed", context, id,
                    route -> route.getExchangesTotal());
            counter("camel.exchanges.failed", "Exchanges that left a route with an exception", context, id,
                    route -> route.getExchangesFailed());
            counter("camel.exchanges.failures.handled", "Exchanges whose exception a route has handled", context, id,
                    route -> route.getFailuresHandled());
            Gauge.builder("camel.exchanges.inflight", context, c -> read(c, id, route -> route.getExchangesInflight()))
                    .strongReference(true).description("Exchanges in a route now").tags(tags(id)).register(registry);
        }
    }

    private void counter(String name, String description, CamelContext context, String id,
            Count count) {
        FunctionCounter.builder(name, context, c -> read(c, id, count)).description(description).tags(tags(id))
                .register(registry);
    }

    private static Tags tags(String id) {
        return Tags.of("kind", "CamelRoute", "routeId", id);
    }

    private static double read(CamelContext context, String id, Count count) {
        var managed = context.getCamelContextExtension().getContextPlugin(ManagedCamelContext.class);
        var route = managed == null ? null : managed.getManagedRoute(id);
        try {
            return route == null ? 0 : count.of(route);
        } catch (Exception e) {
            return 0; // it has just been removed
        }
    }

    private interface Count {
        double of(ManagedRouteMBean route) throws Exception;
    }
}
