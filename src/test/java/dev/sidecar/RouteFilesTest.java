package dev.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shipped routes can be read, and spoken about, by whoever operates them. */
class RouteFilesTest {

    static List<Path> files() {
        return RouteFiles.files();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyNodeHasAnId(Path file) {
        var unnamed = new ArrayList<String>();
        nodes(RouteFiles.read(file), (node, path) -> {
            if (!(node.get("id") instanceof String id) || id.isBlank()) {
                unnamed.add(path + ": " + node);
            }
        });
        assertThat(unnamed).isEmpty();
    }

    @Test
    void noIdIsUsedTwice() {
        var ids = new ArrayList<Object>();
        RouteFiles.files().forEach(file -> nodes(RouteFiles.read(file), (node, path) -> ids.add(node.get("id"))));
        assertThat(ids).doesNotHaveDuplicates().hasSizeGreaterThan(40);
    }

    /** In words for whoever sees it in a diagram, where comments are not. */
    @ParameterizedTest
    @MethodSource("files")
    void everyNodeSaysWhatItIsFor(Path file) {
        var silent = new ArrayList<String>();
        nodes(RouteFiles.read(file), (node, path) -> {
            if (path.endsWith("/from")) {
                return; // of where a route begins its own description speaks
            }
            if (!(node.get("description") instanceof String words) || words.isBlank() || !words.endsWith(".")) {
                silent.add(String.valueOf(node.get("id")));
            }
        });
        assertThat(silent).isEmpty();
    }

    /** Everything that processes a message: a route, its beginning, a step, a branch, an exception clause. */
    private static void nodes(Object yaml, BiConsumer<Map<?, ?>, String> visitor) {
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
