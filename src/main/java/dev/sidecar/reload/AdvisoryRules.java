package dev.sidecar.reload;

import dev.sidecar.files.FileProblem;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.EnrichDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.PollEnrichDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RecipientListDefinition;
import org.apache.camel.model.RouteConfigurationDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RoutingSlipDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.util.URISupport;
import org.jspecify.annotations.Nullable;

/**
 * What no route may contain because of advisories on Apache Camel without a fixed release for the version in use.
 * SECURITY.md lists them. Each rule names its advisory, so that it can be removed when Camel is fixed.
 *
 * <p>Stateless. It helps against mistakes, not against an operator who evades it.
 */
final class AdvisoryRules {

    private static final Pattern HTTP_URI = Pattern.compile("(?i)\\bhttps?:[^,\\s]*");
    private static final Set<String> HTTP = Set.of("http", "https");
    private static final Set<String> KEYED = Set.of("upstreamRequest", "otherUpstreamRequest", "mirrorRequest");
    private static final String OTHER_PROVIDER = "${exchangeProperty.SidecarUpstreamUrl}";
    private static final Set<String> SAFE_CLIENT = Set.of("#upstreamClient", "#bean:upstreamClient");
    private static final Pattern PROXY_PATH = Pattern.compile("(?i)(?:platform-http:|rest:[a-z]+:)/*proxy.*");

    /** An endpoint that a step at {@code place} sends to; {@code keyed} if its request was built with a provider's key. */
    private record Target(String uri, FileProblem place, boolean keyed) {

        FileProblem problem(String reason) {
            return new FileProblem(place.file(), place.line(), place.column(), reason);
        }
    }

    private AdvisoryRules() {
    }

    /** @param placeholders replaces the placeholders in a URI by their values */
    static List<FileProblem> problems(List<RouteFile> files, List<RouteDefinition> routes,
            List<RouteConfigurationDefinition> configurations,
            UnaryOperator<String> placeholders) {
        UnaryOperator<String> resolved = uri -> resolve(uri, placeholders);
        var problems = new ArrayList<FileProblem>();
        for (var route : routes) {
            beginning(RouteSteps.of(route), resolved, problems);
        }
        targets(files, routes, configurations, resolved).forEach(target -> sending(target, problems));
        return problems.stream().distinct().toList(); // a routeConfiguration is a part of each route
    }

    private static String resolve(String uri, UnaryOperator<String> placeholders) {
        try {
            return placeholders.apply(uri);
        } catch (IllegalArgumentException e) {
            return uri; // the step is never built, or Camel would have reported this
        }
    }

    private static void beginning(RouteSteps route, UnaryOperator<String> placeholders, List<FileProblem> problems) {
        if (PROXY_PATH.matcher(placeholders.apply(route.from())).matches()) {
            problems.add(route.problem(
                    "a path that begins with 'proxy' makes the route an open proxy, which serves every path and"
                            + " sends to the host that the client names (CVE-2026-85316); choose another path"));
        }
    }

    private static void sending(Target target, List<FileProblem> problems) {
        var scheme = target.uri().split(":", 2)[0].toLowerCase(Locale.ROOT);
        if (scheme.equals("rest")) {
            problems.add(target.problem("an endpoint of the component 'rest' sends by header fields of the message"
                    + " (CVE-2026-78164); use an endpoint 'http:' with skipControlHeaders: true"));
        }
        if (!HTTP.contains(scheme)) {
            return;
        }
        var options = options(target.uri());
        if (!"true".equals(options.get("skipControlHeaders"))) {
            problems.add(target.problem(
                    "this endpoint lets header fields of the message, such as CamelHttpUri, say where it sends,"
                            + " and expands placeholders in them (CVE-2026-78164): it needs skipControlHeaders: true"));
        }
        if (!"false".equals(options.getOrDefault("followRedirects", "false"))) {
            problems.add(target.problem("this endpoint follows redirects and may take credentials along to another host"
                    + " (CVE-2026-85251): leave out followRedirects"));
        }
        if (target.keyed() && !SAFE_CLIENT.contains(String.valueOf(options.get("httpClient")))) {
            problems.add(target.problem(
                    "what is sent here was put together under a provider's key, and only the sidecar's own client"
                            + " never follows a redirect with it (CVE-2026-85251): it needs httpClient: '#upstreamClient'"));
        }
    }

    private static List<Target> targets(List<RouteFile> files, List<RouteDefinition> routes,
            List<RouteConfigurationDefinition> configurations,
            UnaryOperator<String> placeholders) {
        var targets = new ArrayList<Target>();
        var afterKey = afterKey(routes);
        for (var route : routes) {
            var steps = RouteSteps.of(route);
            var keyLine = afterKey.contains(steps.id()) ? 0 : keyLine(route);
            for (var step : RouteSteps.all(route)) {
                var line = Math.max(0, step.getLineNumber());
                var place = place(files, steps.file(), step);
                uris(step, placeholders).forEach(uri -> targets.add(new Target(uri, place, line > keyLine)));
            }
        }
        for (var configuration : configurations) {
            var file = configuration.getResource() == null ? "" : configuration.getResource().getLocation();
            clauses(configuration).flatMap(clause -> RouteSteps.all(clause).stream())
                    .forEach(step -> uris(step, placeholders)
                            .forEach(uri -> targets.add(new Target(uri, place(files, file, step), false))));
        }
        return targets;
    }

    /** The place of the step's URI. It is in another file than the route's if a routeConfiguration has added the step. */
    private static FileProblem place(List<RouteFile> files, String file, ProcessorDefinition<?> step) {
        var line = Math.max(0, step.getLineNumber());
        var named = named(step);
        if (named != null) {
            var uri = named.split("\\?", 2)[0];
            var inOrder = Stream.concat(files.stream().filter(candidate -> candidate.name().equals(file)),
                    files.stream().filter(candidate -> !candidate.name().equals(file))).toList();
            for (var candidate : inOrder) {
                var lines = candidate.text().lines().toList();
                for (int i = candidate.name().equals(file) ? Math.max(0, line - 1) : 0; i < lines.size(); i++) {
                    var column = lines.get(i).indexOf(uri);
                    if (column >= 0) {
                        return new FileProblem(candidate.name(), i + 1, column + 1, "");
                    }
                }
            }
        }
        return new FileProblem(file, line, 0, "");
    }

    private static Stream<ProcessorDefinition<?>> clauses(RouteConfigurationDefinition configuration) {
        return Stream
                .of(configuration.getOnExceptions(), configuration.getOnCompletions(), configuration.getIntercepts(),
                        configuration.getInterceptFroms(), configuration.getInterceptSendTos())
                .flatMap(List::stream);
    }

    /** The line where a route builds a request with a key; above all lines if it does not. */
    private static int keyLine(RouteDefinition route) {
        return RouteSteps.all(route).stream().filter(AdvisoryRules::putsUnderKey)
                .mapToInt(ProcessorDefinition::getLineNumber).min().orElse(Integer.MAX_VALUE);
    }

    private static boolean putsUnderKey(ProcessorDefinition<?> step) {
        var bean = RouteSteps.ref(step);
        return bean != null && KEYED.contains(bean);
    }

    /** The routes that are reachable from a step after one that builds a request with a key. */
    private static Set<String> afterKey(List<RouteDefinition> routes) {
        var reached = new HashSet<String>();
        var open = new ArrayList<String>();
        for (var route : routes) {
            var keyLine = keyLine(route);
            RouteSteps.of(route).sends().stream().filter(send -> send.line() > keyLine)
                    .forEach(send -> open.add(send.to()));
        }
        while (!open.isEmpty()) {
            var beginning = open.removeLast();
            routes.stream().map(RouteSteps::of).filter(route -> route.from().equals(beginning))
                    .filter(route -> reached.add(route.id()))
                    .forEach(route -> route.sends().forEach(send -> open.add(send.to())));
        }
        return reached;
    }

    /** The endpoints that a step names; those from the message are unknown. */
    private static List<String> uris(ProcessorDefinition<?> step, UnaryOperator<String> placeholders) {
        var named = named(step);
        if (named == null) {
            return List.of();
        }
        var uri = placeholders.apply(named).strip();
        return step instanceof ExpressionNode
                ? HTTP_URI.matcher(uri).results().map(MatchResult::group).toList()
                : List.of(uri.replaceFirst("^language:[a-z]+:", ""));
    }

    private static @Nullable String named(ProcessorDefinition<?> step) {
        return switch (step) {
            // The address of a provider of the file.
            case ToDynamicDefinition dynamic -> dynamic.getUri() == null
                    ? null
                    : dynamic.getUri().replace(OTHER_PROVIDER, "https://provider");
            case EndpointRequiredDefinition endpoint -> endpoint.getEndpointUri();
            case EnrichDefinition enrich -> text(enrich);
            case PollEnrichDefinition enrich -> text(enrich);
            case RecipientListDefinition<?> list -> text(list);
            case RoutingSlipDefinition<?> slip -> text(slip);
            default -> null;
        };
    }

    private static @Nullable String text(ExpressionNode step) {
        return step.getExpression() == null ? null : step.getExpression().getExpression();
    }

    private static Map<String, Object> options(String uri) {
        var query = uri.indexOf('?');
        if (query < 0) {
            return Map.of();
        }
        try {
            return URISupport.parseQuery(uri.substring(query + 1));
        } catch (URISyntaxException e) {
            return Map.of(); // then the demanded options are missing
        }
    }
}
