package dev.sidecar.reload;

import dev.sidecar.files.FileProblem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.camel.model.CircuitBreakerDefinition;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.model.TryDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.apache.camel.model.language.ConstantExpression;
import org.apache.camel.model.language.SimpleExpression;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a route that the guard rails check.
 *
 * @param file the file of the route
 * @param from the endpoint where it begins, without options
 * @param processors names of the beans of its {@code process} steps
 * @param sends to other routes of this folder
 * @param forwards whether it sends with the sidecar's own client
 * @param takesFromQueue whether it begins at the throttle's queue
 */
record RouteSteps(String id, String file, int line, String from, Set<String> processors, List<Send> sends,
        boolean forwards, boolean takesFromQueue) {

    private static final Set<String> INSIDE = Set.of("direct", "seda");

    /** The queue's name, or its former one. */
    private static final Pattern QUEUE = Pattern.compile("[?&]queue=#(bean:)?(requestQueue|waitingLine)(&|$)");

    /**
     * A step that sends to another route.
     *
     * @param to the endpoint, without options
     * @param line from 1; 0 if unknown
     * @param copies whether only a copy goes there, while the request itself continues
     */
    record Send(String to, int line, boolean copies) {
    }

    static RouteSteps of(RouteDefinition route) {
        var sends = new ArrayList<Send>();
        var forwards = false;
        for (var step : all(route)) {
            for (var uri : uris(step)) {
                var name = name(uri);
                if (INSIDE.contains(name.split(":", 2)[0]) && !name.contains("{{") && !name.contains("${")
                        && !uri.contains("failIfNoConsumers=false")) {
                    sends.add(new Send(name, Math.max(0, step.getLineNumber()), step instanceof WireTapDefinition));
                }
                forwards |= step instanceof EndpointRequiredDefinition && uri.contains("httpClient=#upstreamClient");
            }
        }
        var input = route.getInput();
        var uri = input.getEndpointUri();
        return new RouteSteps(String.valueOf(route.getRouteId()), fileOf(route), Math.max(0, input.getLineNumber()),
                name(uri), refs(route), sends, forwards,
                uri.startsWith("seda:") && QUEUE.matcher(uri).find());
    }

    /** The endpoints of a step, as far as they are known without a request. */
    private static List<String> uris(ProcessorDefinition<?> step) {
        var written = switch (step) {
            case EndpointRequiredDefinition endpoint -> endpoint.getEndpointUri();
            case ToDynamicDefinition dynamic -> dynamic.getUri();
            case RecipientListDefinition<?> list -> constant(list);
            case RoutingSlipDefinition<?> slip -> constant(slip);
            case EnrichDefinition enrich -> constant(enrich);
            default -> null;
        };
        if (written == null) {
            return List.of();
        }
        return step instanceof RecipientListDefinition || step instanceof RoutingSlipDefinition
                ? Pattern.compile(",").splitAsStream(written).map(String::strip).toList()
                : List.of(written);
    }

    private static @Nullable String constant(ExpressionNode step) {
        var expression = step.getExpression();
        return expression instanceof ConstantExpression || expression instanceof SimpleExpression
                ? expression.getExpression()
                : null;
    }

    FileProblem problem(String reason) {
        return new FileProblem(file, line, 0, reason);
    }

    /** Names of the beans of all {@code process} steps within. */
    static Set<String> refs(ProcessorDefinition<?> node) {
        var refs = new HashSet<String>();
        for (var step : all(node)) {
            var ref = ref(step);
            if (ref != null) {
                refs.add(ref);
            }
        }
        return refs;
    }

    /** Name of the bean of a {@code process} step; null of any other step. */
    static @Nullable String ref(ProcessorDefinition<?> step) {
        if (step instanceof ProcessDefinition process && process.getRef() != null) {
            return process.getRef().startsWith("#bean:") ? process.getRef().substring(6) : process.getRef();
        }
        return null;
    }

    /** All steps within, at any depth. */
    static List<ProcessorDefinition<?>> all(ProcessorDefinition<?> node) {
        var all = new ArrayList<ProcessorDefinition<?>>();
        var open = new ArrayDeque<ProcessorDefinition<?>>(node.getOutputs());
        while (!open.isEmpty()) {
            var step = open.removeFirst();
            all.add(step);
            open.addAll(step.getOutputs());
            if (step instanceof TryDefinition attempt) {
                open.addAll(attempt.getCatchClauses() == null ? List.of() : attempt.getCatchClauses());
                if (attempt.getFinallyClause() != null) {
                    open.add(attempt.getFinallyClause());
                }
            }
            if (step instanceof CircuitBreakerDefinition breaker && breaker.getOnFallback() != null) {
                open.addAll(breaker.getOnFallback().getOutputs());
            }
        }
        return all;
    }

    private static String fileOf(RouteDefinition route) {
        return route.getResource() == null ? "" : route.getResource().getLocation();
    }

    /** Camel treats {@code direct://x} as {@code direct:x}. */
    private static String name(String uri) {
        return uri.split("\\?", 2)[0].replaceFirst(":(//)", ":").replaceFirst(":/(?=/)", ":");
    }
}
