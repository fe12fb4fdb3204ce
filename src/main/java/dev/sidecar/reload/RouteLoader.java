package dev.sidecar.reload;

import dev.sidecar.files.FileProblem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.camel.CamelContext;
import org.apache.camel.RouteConfigurationsBuilder;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/**
 * Loads the routes of a folder into a Camel context, and finds their problems: first those in the text of a file, then
 * those of building it, then those of the {@link GuardRails} and the {@link AdvisoryRules}. A started context builds
 * the routes at once, any other when it starts. Stateless and thread-safe.
 */
final class RouteLoader {

    private final GuardRails rails;

    RouteLoader(GuardRails rails) {
        this.rails = rails;
    }

    /** @throws RouteProblemsException with all problems of the first kind that has any */
    void load(List<RouteFile> files, CamelContext context) {
        build(parse(files, context), context);
        var routes = ((ModelCamelContext) context).getRouteDefinitions();
        var configurations = ((ModelCamelContext) context).getRouteConfigurationDefinitions();
        var problems = new ArrayList<>(rails.problems(files, routes, configurations));
        problems.addAll(AdvisoryRules.problems(files, routes, configurations, context::resolvePropertyPlaceholders));
        throwIfAny(problems);
    }

    private static Map<RouteFile, List<RoutesBuilder>> parse(List<RouteFile> files, CamelContext context) {
        var loader = PluginHelper.getRoutesLoader(context);
        var builders = new LinkedHashMap<RouteFile, List<RoutesBuilder>>();
        var problems = new ArrayList<FileProblem>();
        for (var file : files) {
            try {
                builders.put(file, List.copyOf(
                        loader.findRoutesBuilders(ResourceHelper.fromString(file.name(), file.text()))));
            } catch (Exception e) {
                problems.add(RouteErrorLocator.of(file, e, (ModelCamelContext) context));
            }
        }
        throwIfAny(problems);
        return builders;
    }

    /** @throws RouteProblemsException with the errors that editors of Camel routes would mark, for files that are YAML */
    void checkSchema(List<RouteFile> files) {
        var schema = new RouteSchema();
        throwIfAny(files.stream().flatMap(file -> schema.check(file).stream()).toList());
    }

    /** Adds the routeConfigurations of all files before the routes. */
    private static void build(Map<RouteFile, List<RoutesBuilder>> builders, CamelContext context) {
        var problems = new ArrayList<FileProblem>();
        builders.forEach((file, ofFile) -> ofFile.forEach(builder -> {
            try {
                if (builder instanceof RouteConfigurationsBuilder configuration) {
                    configuration.addRouteConfigurationsToCamelContext(context);
                }
            } catch (Exception e) {
                problems.add(RouteErrorLocator.of(file, e, (ModelCamelContext) context));
            }
        }));
        throwIfAny(problems);
        var fileOfRoute = new HashMap<String, String>();
        builders.forEach((file, ofFile) -> ofFile.forEach(builder -> {
            try {
                context.addRoutes(builder);
                duplicates(file, (ModelCamelContext) context, fileOfRoute).forEach(problems::add);
            } catch (Exception e) {
                problems.add(RouteErrorLocator.of(file, e, (ModelCamelContext) context));
            }
        }));
        throwIfAny(problems);
    }

    /** Camel itself keeps the last of several routes with one id, and drops those in other files. */
    private static List<FileProblem> duplicates(RouteFile file, ModelCamelContext context,
            Map<String, String> fileOfRoute) {
        return context.getRouteDefinitions().stream().map(RouteSteps::of)
                .filter(route -> route.file().equals(file.name())).map(route -> {
                    var first = fileOfRoute.putIfAbsent(route.id(), file.name());
                    return first == null || first.equals(file.name())
                            ? null
                            : route.problem("there is a route with the id '" + route.id() + "' in " + first + " too");
                }).filter(Objects::nonNull).toList();
    }

    /**
     * Starts the routes that were only built, except those with {@code autoStartup: false}.
     *
     * @throws RouteProblemsException when one cannot start
     */
    void start(CamelContext context) {
        var problems = new ArrayList<FileProblem>();
        for (var route : ((ModelCamelContext) context).getRouteDefinitions()) {
            try {
                if (!"false".equals(route.getAutoStartup())) {
                    context.getRouteController().startRoute(route.getRouteId());
                }
            } catch (Exception e) {
                var where = RouteSteps.of(route);
                problems.add(new FileProblem(where.file(), where.line(), 0, "route '" + where.id()
                        + "' cannot be started: " + RouteErrorLocator.reason(e)));
            }
        }
        throwIfAny(problems);
    }

    static void throwIfAny(List<FileProblem> problems) {
        if (!problems.isEmpty()) {
            throw new RouteProblemsException(problems);
        }
    }
}
