package dev.sidecar.reload;

import dev.sidecar.files.FileProblem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;

/**
 * The demands on a folder of routes, beyond those of Camel. It needs a path from the proxy's entry through the throttle
 * to the provider and back, and a response to failures. No step may lead nowhere, and no route may read a secret of the
 * sidecar. Immutable.
 */
final class GuardRails {

    private static final String ENTRY = "platform-http:/v1";
    private static final String THROTTLE = "adaptiveThrottle";

    private final boolean throttleDemanded;
    private final boolean clientsDemanded;

    /**
     * @param throttleDemanded false if a setting explicitly allows a proxy without a throttle
     * @param clientsDemanded whether the routes must ask who calls
     */
    GuardRails(boolean throttleDemanded, boolean clientsDemanded) {
        this.throttleDemanded = throttleDemanded;
        this.clientsDemanded = clientsDemanded;
    }

    List<FileProblem> problems(List<RouteFile> files, List<RouteDefinition> routes,
            List<RouteConfigurationDefinition> configurations) {
        var problems = new ArrayList<FileProblem>();
        var steps = routes.stream().map(RouteSteps::of).toList();
        var deadEnds = deadEnds(steps);
        deadEnds.forEach(deadEnd -> problems.add(deadEnd.problem(files)));
        wayThrough(steps, deadEnds, problems);
        failures(configurations, problems);
        files.forEach(file -> problems.addAll(SecretReferences.problems(file)));
        return problems;
    }

    /** A step of {@code route} that sends to an address where no route begins. */
    private record DeadEnd(RouteSteps route, RouteSteps.Send send) {

        FileProblem problem(List<RouteFile> files) {
            var reason = "no route begins at " + send.to() + ", to which this step sends";
            return files.stream().filter(file -> file.name().equals(route.file())).findFirst()
                    .map(file -> RouteErrorLocator.at(file, send.line(), reason))
                    .orElseGet(() -> new FileProblem(route.file(), send.line(), 0, reason));
        }
    }

    private static List<DeadEnd> deadEnds(List<RouteSteps> routes) {
        var beginnings = routes.stream().map(RouteSteps::from).collect(Collectors.toSet());
        return routes.stream().flatMap(route -> route.sends().stream()
                .filter(send -> !beginnings.contains(send.to())).map(send -> new DeadEnd(route, send))).toList();
    }

    private void wayThrough(List<RouteSteps> routes, List<DeadEnd> deadEnds, List<FileProblem> problems) {
        var entries = routes.stream().filter(route -> route.from().startsWith(ENTRY)).toList();
        if (entries.isEmpty()) {
            problems.add(FileProblem.ofFolder("no route receives requests: none begins at platform-http:/v1/"));
            return;
        }
        var way = reachable(entries, routes);
        if (deadEnds.stream().anyMatch(deadEnd -> way.contains(deadEnd.route()))) {
            return; // the missing parts may be where that step was meant to lead
        }
        demand(way, "headerPolicy", "lets header fields in", problems);
        if (throttleDemanded) {
            demand(way, THROTTLE, "keeps to the provider's limit", problems);
            demand(way, "takeSlot", "takes a slot of the budget", problems);
            if (way.stream().noneMatch(RouteSteps::takesFromQueue)) {
                problems.add(FileProblem.ofFolder("nothing that " + ENTRY
                        + "/ leads to takes requests out of the queue: no route begins at seda:... with"
                        + " queue: '#requestQueue'" + HOW_TO_GO_WITHOUT));
            }
        }
        if (clientsDemanded) {
            demand(way, "identifyClient", "knows the clients of SIDECAR_CONFIG", problems);
            demand(way, "modelAccess", "keeps clients to their models", problems);
        }
        demand(way, "upstreamRequest", "puts together what the provider sees", problems);
        demand(way, "relay", "relays the answer to the client", problems);
        if (way.stream().noneMatch(RouteSteps::forwards)) {
            problems.add(FileProblem.ofFolder(
                    "no request is forwarded: no step that " + ENTRY + "/ leads to has httpClient: '#upstreamClient'"));
        }
    }

    private static final String HOW_TO_GO_WITHOUT = "; a proxy without a limiter has to be asked for with"
            + " SIDECAR_ALLOW_ROUTES_WITHOUT_THROTTLE=true";

    private void demand(Set<RouteSteps> way, String bean, String why, List<FileProblem> problems) {
        if (way.stream().noneMatch(route -> route.processors().contains(bean))) {
            var limiter = bean.equals(THROTTLE) || bean.equals("takeSlot");
            problems.add(
                    FileProblem.ofFolder("no step that " + ENTRY + "/ leads to has ref: " + bean + ", which " + why
                            + (limiter ? HOW_TO_GO_WITHOUT : "")));
        }
    }

    private static Set<RouteSteps> reachable(List<RouteSteps> entries, List<RouteSteps> routes) {
        Map<String, List<RouteSteps>> byBeginning = new HashMap<>();
        routes.forEach(route -> byBeginning.computeIfAbsent(route.from(), from -> new ArrayList<>()).add(route));
        var reached = new LinkedHashSet<>(entries);
        var open = new ArrayList<>(entries);
        while (!open.isEmpty()) {
            for (var send : open.removeLast().sends()) {
                if (send.copies()) {
                    continue;
                }
                for (var next : byBeginning.getOrDefault(send.to(), List.of())) {
                    if (reached.add(next)) {
                        open.add(next);
                    }
                }
            }
        }
        return reached;
    }

    private static void failures(List<RouteConfigurationDefinition> configurations, List<FileProblem> problems) {
        Predicate<RouteConfigurationDefinition> respondsToErrors = configuration -> configuration.getOnExceptions()
                .stream()
                .anyMatch(clause -> RouteSteps.refs(clause).contains("errorAnswer"));
        if (configurations.stream().noneMatch(respondsToErrors)) {
            problems.add(FileProblem.ofFolder("failures would be answered with nothing: no routeConfiguration has an"
                    + " onException with ref: errorAnswer"));
        }
    }
}
