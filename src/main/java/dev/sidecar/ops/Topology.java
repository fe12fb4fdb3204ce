package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sidecar.http.JsonResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.api.management.ManagedCamelContext;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/dashboard/topology}: all routes, their connections, and their counts. It shows only scheme and name
 * of an endpoint, because parameters may be confidential. Thread-safe.
 */
public final class Topology implements Processor {

    /** Endpoints whose names are those of routes, paths or metrics. */
    private static final Set<String> INSIDE = Set.of("direct", "seda", "platform-http", "micrometer");

    private final Supplier<CamelContext> routes;

    /** @param routes the context of the routes in force */
    public Topology(Supplier<CamelContext> routes) {
        this.routes = routes;
    }

    @Override
    public void process(Exchange exchange) {
        JsonResponse.set(exchange, 200, new Routes(routes()));
    }

    List<RouteNode> routes() {
        var camel = routes.get();
        var definitions = ((ModelCamelContext) camel).getRouteDefinitions();
        Map<String, String> consumers = new LinkedHashMap<>();
        definitions.forEach(route -> consumers.put(name(route.getInput()), route.getRouteId()));
        var managed = camel.getCamelContextExtension().getContextPlugin(ManagedCamelContext.class);
        return definitions.stream().map(route -> node(route, consumers, managed)).toList();
    }

    private static RouteNode node(RouteDefinition route, Map<String, String> consumers,
            @Nullable ManagedCamelContext managed) {
        var steps = new ArrayList<Step>();
        // Camel puts exception clauses before the steps of every route; they are no part of its flow.
        route.getOutputs().stream().filter(output -> !output.isAbstract())
                .forEach(output -> add(output, 0, steps, managed));
        var next = steps.stream().map(Step::to).filter(to -> to != null && consumers.containsKey(to))
                .map(consumers::get).distinct().toList();
        var counts = managed == null ? null : managed.getManagedRoute(route.getRouteId());
        try {
            return counts == null
                    ? new RouteNode(route.getRouteId(), route.getDescriptionText(), name(route.getInput()), next, null,
                            null, null, null, steps)
                    : new RouteNode(route.getRouteId(), route.getDescriptionText(), name(route.getInput()), next,
                            counts.getExchangesTotal(), counts.getExchangesFailed(), counts.getExchangesInflight(),
                            Math.max(0, counts.getMeanProcessingTime()), steps);
        } catch (Exception e) {
            throw new IllegalStateException("the counts of a managed route can be read", e);
        }
    }

    private static void add(ProcessorDefinition<?> step, int depth, List<Step> steps,
            @Nullable ManagedCamelContext managed) {
        var counts = managed == null ? null : managed.getManagedProcessor(step.getId());
        steps.add(new Step(step.getId(), step.getShortName(), step.getDescriptionText(), depth,
                step instanceof EndpointRequiredDefinition endpoint ? name(endpoint) : null,
                counts == null ? null : counts.getExchangesTotal()));
        step.getOutputs().forEach(output -> add(output, depth + 1, steps, managed));
    }

    /**
     * Scheme and name of an endpoint: {@code direct:upstream}. Only the scheme of an outside endpoint, whose name may
     * be an address.
     */
    private static String name(EndpointRequiredDefinition endpoint) {
        var uri = endpoint.getEndpointUri();
        var name = uri.split("\\?", 2)[0];
        var scheme = name.split(":", 2)[0];
        return INSIDE.contains(scheme) || name.startsWith("{{") ? name : scheme;
    }

    record Routes(List<RouteNode> routes) {
    }

    /** Counts are absent if JMX is switched off; {@code next} contains the ids of the routes that this one leads to. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record RouteNode(String id, @Nullable String description, String from, List<String> next, @Nullable Long total,
            @Nullable Long failed, @Nullable Long inFlight, @Nullable Long meanMs, List<Step> steps) {
    }

    /** One step, {@code depth} levels inside others. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Step(String id, String kind, @Nullable String description, int depth, @Nullable String to,
            @Nullable Long total) {
    }
}
