package dev.sidecar.routes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.yaml.snakeyaml.Yaml;

/** The shipped route files, read as plain YAML. */
public final class RouteFiles {

    public static final Path FOLDER = Path.of("routes");

    private RouteFiles() {
    }

    public static List<Path> files() {
        return files(FOLDER);
    }

    public static List<Path> files(Path folder) {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".camel.yaml")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void copyTo(Path folder) {
        files().forEach(file -> {
            try {
                Files.copy(file, folder.resolve(file.getFileName()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    public static List<Object> read(Path file) {
        try (var in = Files.newBufferedReader(file)) {
            return new Yaml().load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static List<Map<?, ?>> routes() {
        var routes = new ArrayList<Map<?, ?>>();
        files().forEach(file -> read(file).forEach(entry -> {
            if (entry instanceof Map<?, ?> map && map.get("route") instanceof Map<?, ?> route) {
                routes.add(route);
            }
        }));
        return routes;
    }

    public static List<String> routeIds() {
        return routes().stream().map(route -> String.valueOf(route.get("id"))).toList();
    }

    public static List<String> exceptionClauseIds() {
        var ids = new ArrayList<String>();
        files().forEach(file -> read(file).forEach(entry -> {
            if (entry instanceof Map<?, ?> map && map.get("routeConfiguration") instanceof Map<?, ?> configuration
                    && configuration.get("onException") instanceof List<?> clauses) {
                clauses.forEach(clause -> {
                    if (clause instanceof Map<?, ?> one && one.get("onException") instanceof Map<?, ?> node) {
                        ids.add(String.valueOf(node.get("id")));
                    }
                });
            }
        }));
        return ids;
    }

    /** The ids of the nodes that do not say what they are for; of where a route begins its own description speaks. */
    public static List<String> silentNodes(Path file) {
        var silent = new ArrayList<String>();
        nodes(read(file), (node, path) -> {
            if (!path.endsWith("/from") && !(node.get("description") instanceof String words && words.endsWith("."))) {
                silent.add(String.valueOf(node.get("id")));
            }
        });
        return silent;
    }

    /** Everything that processes a message: a route, its beginning, a step, a branch, an exception clause. */
    public static void nodes(Object yaml, BiConsumer<Map<?, ?>, String> visitor) {
        nodes(yaml, "", visitor);
    }

    private static void nodes(Object yaml, String where, BiConsumer<Map<?, ?>, String> visitor) {
        if (yaml instanceof List<?> list) {
            list.forEach(entry -> nodes(entry, where, visitor));
        } else if (yaml instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                var path = where + "/" + key;
                switch (String.valueOf(key)) {
                    case "route", "from", "otherwise", "onFallback" -> visit(value, path, visitor);
                    case "steps" -> ((List<?>) value).forEach(step -> ((Map<?, ?>) step)
                            .forEach((eip, body) -> visit(body, path + "/" + eip, visitor)));
                    case "when" -> ((List<?>) value).forEach(branch -> visit(branch, path, visitor));
                    case "onException" -> {
                        if (value instanceof Map<?, ?>) {
                            visit(value, path, visitor);
                        }
                    }
                    default -> {
                        // an option, or a list of what has been seen to above
                    }
                }
                nodes(value, path, visitor);
            });
        }
    }

    private static void visit(Object node, String path, BiConsumer<Map<?, ?>, String> visitor) {
        visitor.accept(node instanceof Map<?, ?> map ? map : Map.of("id", "", "what", String.valueOf(node)), path);
    }
}
