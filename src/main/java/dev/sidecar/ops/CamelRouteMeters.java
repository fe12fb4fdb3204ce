package dev.sidecar.ops;

import dev.sidecar.reload.RoutesInForce;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.api.management.ManagedCamelContext;
import org.apache.camel.api.management.mbean.ManagedRouteMBean;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * Camel's counts of each route, with the names of Camel's own route policy. That policy would count every exchange a
 * second time. These meters read Camel's JMX counts when they are scraped. They are summed over all generations of a
 * route, so a change of the routes resets no counter.
 *
 * <p>Thread-safe: the lock guards the set of routes with meters, and the counts of routes that are gone.
 */
public final class CamelRouteMeters implements RoutesInForce.Listener {

    private final MeterRegistry registry;
    private final List<CamelContext> alive = new CopyOnWriteArrayList<>();
    private final Map<String, Counted> known = new HashMap<>();

    public CamelRouteMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public synchronized void inForce(CamelContext context) {
        alive.add(context);
        ids(context).forEach(id -> known.computeIfAbsent(id, this::register));
    }

    @Override
    public synchronized void gone(CamelContext context) {
        for (var id : ids(context)) {
            var counted = known.get(id);
            if (counted != null) {
                counted.add(managed(context, id));
            }
        }
        alive.remove(context);
        var remaining = new HashSet<String>();
        alive.forEach(other -> remaining.addAll(ids(other)));
        known.entrySet().removeIf(entry -> {
            if (remaining.contains(entry.getKey())) {
                return false;
            }
            entry.getValue().meters.forEach(registry::remove);
            return true;
        });
    }

    private Counted register(String id) {
        var counted = new Counted();
        counter("camel.exchanges.total", "Exchanges that a route has completed or failed", id,
                c -> counted.total + sum(id, ManagedRouteMBean::getExchangesTotal), counted);
        counter("camel.exchanges.failed", "Exchanges that left a route with an exception", id,
                c -> counted.failed + sum(id, ManagedRouteMBean::getExchangesFailed), counted);
        counter("camel.exchanges.failures.handled", "Exchanges whose exception a route has handled", id,
                c -> counted.handled + sum(id, ManagedRouteMBean::getFailuresHandled), counted);
        counted.meters.add(Gauge
                .builder("camel.exchanges.inflight", this,
                        meters -> meters.sum(id, ManagedRouteMBean::getExchangesInflight))
                .strongReference(true).description("Exchanges in a route now").tags(tags(id)).register(registry));
        return counted;
    }

    private void counter(String name, String description, String id, ToDoubleFunction<CamelRouteMeters> count,
            Counted counted) {
        counted.meters.add(
                FunctionCounter.builder(name, this, count).description(description).tags(tags(id)).register(registry));
    }

    private static Tags tags(String id) {
        return Tags.of("kind", "CamelRoute", "routeId", id);
    }

    private double sum(String id, Count count) {
        return alive.stream().mapToDouble(context -> read(managed(context, id), count)).sum();
    }

    private static Set<String> ids(CamelContext context) {
        // Works also for a context that has not built its routes yet.
        return ((ModelCamelContext) context).getRouteDefinitions().stream().map(RouteDefinition::getRouteId)
                .collect(Collectors.toSet());
    }

    private static @Nullable ManagedRouteMBean managed(CamelContext context, String id) {
        var managed = context.getCamelContextExtension().getContextPlugin(ManagedCamelContext.class);
        return managed == null ? null : managed.getManagedRoute(id);
    }

    private static double read(@Nullable ManagedRouteMBean route, Count count) {
        try {
            return route == null ? 0 : count.of(route);
        } catch (Exception e) {
            return 0; // the route has just been removed
        }
    }

    private interface Count {
        double of(ManagedRouteMBean route) throws Exception;
    }

    /** The meters of a route, and the counts of its generations that are gone. */
    private static final class Counted {
        private final List<Meter> meters = new ArrayList<>();
        private volatile double total;
        private volatile double failed;
        private volatile double handled;

        /** Called by one thread at a time. */
        @SuppressWarnings("NonAtomicVolatileUpdate")
        private void add(@Nullable ManagedRouteMBean route) {
            total += read(route, ManagedRouteMBean::getExchangesTotal);
            failed += read(route, ManagedRouteMBean::getExchangesFailed);
            handled += read(route, ManagedRouteMBean::getFailuresHandled);
        }
    }
}
