package dev.sidecar;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;

/** The shipped route files, read as plain YAML. */
final class RouteFiles {

    static final Path FOLDER = Path.of("routes");

    private RouteFiles() {
    }

    static List<Path> files() {
        try (var files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".camel.yaml")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void copyTo(Path folder) {
        files().forEach(file -> {
            try {
                Files.copy(file, folder.resolve(file.getFileName()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    static List<Object> read(Path file) {
        try (var in = Files.newBufferedReader(file)) {
            return new Yaml().load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Map<?, ?>> routes() {
        var routes = new ArrayList<Map<?, ?>>();
        files().forEach(file -> read(file).forEach(entry -> {
            if (entry instanceof Map<?, ?> map && map.get("route") instanceof Map<?, ?> route) {
                routes.add(route);
            }
        }));
        return routes;
    }

    static List<String> routeIds() {
        return routes().stream().map(route -> String.valueOf(route.get("id"))).toList();
    }

    static List<String> exceptionClauseIds() {
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
}
