package dev.sidecar.ops;

import dev.sidecar.ops.RouteCounts.Count;
import dev.sidecar.ops.Topology.RouteNode;
import dev.sidecar.ops.Topology.Step;
import dev.sidecar.ops.Topology.Way;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.CircuitBreakerDefinition;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.LoopDefinition;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.OtherwiseDefinition;
import org.apache.camel.model.OutputNode;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.WhenDefinition;
import org.apache.camel.model.WireTapDefinition;
import org.jspecify.annotations.Nullable;

/** One walk over the steps of a route, which finds the ways that leave it. Confined to one thread. */
final class TopologyWalk {

    /** The bean after which a request may go back into the queue. */
    private static final String FEEDBACK = "readAnswer";

    private final RouteDefinition definition;
    private final Map<String, String> beginnings;
    private final List<String> queues;
    private final RouteCounts counts;
    private final List<Step> steps = new ArrayList<>();
    private final List<Way> ways = new ArrayList<>();
    private final Map<String, Long> returns = new HashMap<>();
    private boolean last;

    private TopologyWalk(RouteDefinition definition, Map<String, String> beginnings, List<String> queues,
            RouteCounts counts) {
        this.definition = definition;
        this.beginnings = beginnings;
        this.queues = queues;
        this.counts = counts;
    }

    /**
     * @param beginnings the ids of all routes, by the endpoints where they begin
     * @param queues the ids of the routes that begin at the throttle's queue
     */
    static TopologyWalk of(RouteDefinition definition, Map<String, String> beginnings, List<String> queues,
            RouteCounts counts) {
        var walk = new TopologyWalk(definition, beginnings, queues, counts);
        // Camel puts exception clauses before the steps of every route; they are no part of its flow.
        definition.getOutputs().stream().filter(step -> !step.isAbstract())
                .forEach(step -> walk.visit(step, Place.OUTERMOST));
        return walk;
    }

    /** Whether a route begins at the throttle's queue. */
    static boolean isQueue(RouteDefinition route) {
        var uri = route.getInput().getEndpointUri();
        return uri.startsWith("seda:") && (uri.contains("queue=#requestQueue") || uri.contains("queue=#waitingLine"));
    }

    /**
     * What surrounds a step.
     *
     * @param label which requests get there, in a few words
     * @param description the same as a sentence
     * @param gate whether a circuit breaker may turn requests away before
     * @param loop the count of the loop around it
     */
    private record Place(int depth, @Nullable String label, @Nullable String description, boolean gate,
            @Nullable Count loop) {

        static final Place OUTERMOST = new Place(0, null, null, false, null);

        Place within(OptionalIdentifiedDefinition<?> node, @Nullable Count count) {
            var branch = node instanceof WhenDefinition || node instanceof OtherwiseDefinition
                    || node instanceof FilterDefinition;
            return new Place(depth + 1, node.getNote() != null ? node.getNote() : branch ? words(node) : label,
                    branch ? node.getDescriptionText() : description, gate || node instanceof CircuitBreakerDefinition,
                    node instanceof LoopDefinition ? count : loop);
        }

        /** An id as words: {@code queue-is-full} says enough where there is no note. */
        private static String words(OptionalIdentifiedDefinition<?> node) {
            return node.getId().replace('-', ' ');
        }
    }

    private void visit(OptionalIdentifiedDefinition<?> node, Place place) {
        var children = children(node);
        var count = count(node, children);
        var to = node instanceof ProcessorDefinition<?> step ? EndpointName.of(step) : null;
        steps.add(new Step(node.getId(), node.getShortName(), node.getDescriptionText(), place.depth, to,
                count == null ? null : count.total()));
        if (to != null) {
            last |= EndpointName.isOutside(to);
            send(node, to, place, count);
        }
        if (node instanceof ProcessDefinition process && FEEDBACK.equals(process.getRef())) {
            queues.forEach(queue -> ways.add(new Way(definition.getRouteId(), queue, Way.Kind.BACK, node.getNote(),
                    node.getDescriptionText(), false, null, null)));
        }
        var inside = place.within(node, count);
        children.forEach(child -> visit(child, inside));
    }

    /** Camel counts no branches, but their first steps. */
    private @Nullable Count count(OptionalIdentifiedDefinition<?> node,
            List<? extends OptionalIdentifiedDefinition<?>> children) {
        var count = counts.ofStep(node.getId());
        return count != null || children.isEmpty() ? count : counts.ofStep(children.getFirst().getId());
    }

    private static List<OptionalIdentifiedDefinition<?>> children(OptionalIdentifiedDefinition<?> node) {
        var children = new ArrayList<OptionalIdentifiedDefinition<?>>();
        switch (node) {
            case ChoiceDefinition choice -> {
                children.addAll(choice.getWhenClauses());
                addIfThere(children, choice.getOtherwise());
            }
            case CircuitBreakerDefinition breaker -> {
                children.addAll(breaker.getOutputs());
                addIfThere(children, breaker.getOnFallback());
            }
            case OutputNode block -> children.addAll(block.getOutputs());
            default -> {
                // a step without others inside
            }
        }
        return children;
    }

    private static void addIfThere(List<OptionalIdentifiedDefinition<?>> children,
            @Nullable OptionalIdentifiedDefinition<?> child) {
        if (child != null) {
            children.add(child);
        }
    }

    private void send(OptionalIdentifiedDefinition<?> step, String to, Place place, @Nullable Count count) {
        var target = beginnings.get(to);
        if (target == null) {
            return;
        }
        var loop = place.loop;
        var entered = count == null ? null : (Long) count.entered();
        if (count != null && loop != null) {
            // Each further turn of the loop is a request that goes back to where it has been.
            entered = Math.min(count.entered(), loop.entered());
            returns.merge(target, count.entered() - entered, Long::sum);
        }
        ways.add(new Way(definition.getRouteId(), target,
                step instanceof WireTapDefinition ? Way.Kind.COPY : Way.Kind.FORTH,
                step.getNote() != null ? step.getNote() : place.label,
                place.description != null ? place.description : step.getDescriptionText(), place.gate, entered,
                null));
    }

    RouteNode route() {
        var id = definition.getRouteId();
        return new RouteNode(id, definition.getGroup(), definition.getDescriptionText(),
                EndpointName.of(definition.getInput()), isQueue(definition), last, counts.ofRoute(id), null, steps);
    }

    List<Way> ways() {
        return ways;
    }

    /** How often a loop of this route has sent a request to a route again, by the id of that route. */
    Map<String, Long> returns() {
        return returns;
    }
}
