package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.sidecar.http.JsonResponse;
import dev.sidecar.ops.RouteCounts.Count;
import dev.sidecar.throttle.NanoClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/dashboard/topology}: all routes, the ways between them, and their counts. It shows only scheme and
 * name of an endpoint, because parameters may be confidential. Thread-safe.
 */
public final class Topology implements Processor {

    /** How often {@link #sample} is to be called. */
    public static final Duration EVERY = Duration.ofSeconds(10);

    private final Supplier<CamelContext> routes;
    private final NanoClock clock;
    private volatile LastMinute past;

    /** @param routes the context of the routes in force */
    public Topology(Supplier<CamelContext> routes, NanoClock clock) {
        this.routes = routes;
        this.clock = clock;
        this.past = LastMinute.NOTHING.with(clock.nanoTime(), Map.of());
    }

    /** Notes the counts, so that later ones can be compared with them. Call it on one thread. */
    public void sample() {
        past = past.with(clock.nanoTime(), of(routes.get()).counters());
    }

    @Override
    public void process(Exchange exchange) {
        JsonResponse.set(exchange, 200, graph());
    }

    Graph graph() {
        var before = past;
        return of(routes.get()).since(before, clock.nanoTime());
    }

    private static Graph of(CamelContext camel) {
        var definitions = ((ModelCamelContext) camel).getRouteDefinitions();
        var counts = RouteCounts.of(camel);
        Map<String, String> beginnings = new LinkedHashMap<>();
        definitions.forEach(route -> beginnings.put(EndpointName.of(route.getInput()), route.getRouteId()));
        var queues = definitions.stream().filter(TopologyWalk::isQueue).map(RouteDefinition::getRouteId).toList();
        var walks = definitions.stream().map(route -> TopologyWalk.of(route, beginnings, queues, counts)).toList();
        Map<String, Long> returns = new HashMap<>();
        walks.forEach(walk -> walk.returns().forEach((to, times) -> returns.merge(to, times, Long::sum)));
        return new Graph(walks.stream().map(TopologyWalk::route).toList(), walks.stream()
                .flatMap(walk -> walk.ways().stream())
                .map(way -> way.kind() == Way.Kind.BACK ? way.entered(returns.get(way.to())) : way).toList());
    }

    /** All routes, and the ways between them. */
    record Graph(List<RouteNode> routes, List<Way> ways) {

        /** How many have entered each route and gone each way. */
        private Map<String, Long> counters() {
            Map<String, Long> counters = new HashMap<>();
            routes.forEach(route -> count(counters, route.id(), route.entered()));
            ways.forEach(way -> count(counters, way.name(), way.entered()));
            return counters;
        }

        private static void count(Map<String, Long> counters, String name, @Nullable Long count) {
            if (count != null) {
                counters.merge(name, count, Long::sum);
            }
        }

        private Graph since(LastMinute past, long nanos) {
            var counters = counters();
            return new Graph(
                    routes.stream().map(route -> route.lately(past.since(route.id(), counters, nanos))).toList(),
                    ways.stream().map(way -> way.lately(past.since(way.name(), counters, nanos))).toList());
        }
    }

    /**
     * One route.
     *
     * @param isQueue whether the requests that wait are here
     * @param isLast whether it sends to another program
     * @param counts null if JMX is switched off
     * @param lastMinute how many have entered it in the last minute
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RouteNode(String id, @Nullable String group, @Nullable String description, String from, boolean isQueue,
            boolean isLast, @JsonUnwrapped @Nullable Count counts, @Nullable Long lastMinute, List<Step> steps) {

        @JsonIgnore
        @Nullable
        Long entered() {
            return counts == null ? null : (Long) counts.entered();
        }

        RouteNode lately(@Nullable Long count) {
            return new RouteNode(id, group, description, from, isQueue, isLast, counts, count, steps);
        }
    }

    /** One step, {@code depth} levels inside others. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Step(String id, String kind, @Nullable String description, int depth, @Nullable String to,
            @Nullable Long total) {
    }

    /**
     * The way from one route to another.
     *
     * @param label in a few words, which requests go this way
     * @param hasGate whether a circuit breaker may turn requests away here
     * @param entered how many have gone this way, or are on it
     * @param lastMinute how many of them in the last minute
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Way(String from, String to, Kind kind, @Nullable String label, @Nullable String description,
            boolean hasGate, @Nullable Long entered, @Nullable Long lastMinute) {

        enum Kind {
            /** The request itself. */
            FORTH,
            /** A copy of it, which nobody waits for. */
            COPY,
            /** The request again, after an attempt without a final response. */
            BACK
        }

        private String name() {
            return from + " " + kind + " " + to + " " + label;
        }

        Way entered(@Nullable Long times) {
            return new Way(from, to, kind, label, description, hasGate, times, lastMinute);
        }

        Way lately(@Nullable Long count) {
            return new Way(from, to, kind, label, description, hasGate, entered, count);
        }
    }
}
