package dev.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
        nodes(RouteFiles.read(file), file.getFileName().toString(), unnamed, new ArrayList<>());
        assertThat(unnamed).isEmpty();
    }

    @Test
    void noIdIsUsedTwice() {
        var ids = new ArrayList<String>();
        RouteFiles.files().forEach(file -> nodes(RouteFiles.read(file), "", new ArrayList<>(), ids));
        assertThat(ids).doesNotHaveDuplicates().hasSizeGreaterThan(40);
    }

    @Test
    void everyRouteSaysWhatItDoes() {
        assertThat(RouteFiles.routes()).isNotEmpty().allSatisfy(
                route -> assertThat(route.get("description")).as("%s", route.get("id")).asString()
                        .hasSizeGreaterThan(10)
                        .endsWith("."));
    }

    /** Everything that processes a message: a route, its beginning, a step, a branch, an exception clause. */
    private static void nodes(Object yaml, String where, List<String> unnamed, List<String> ids) {
        if (yaml instanceof List<?> list) {
            list.forEach(entry -> nodes(entry, where, unnamed, ids));
        } else if (yaml instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                var path = where + "/" + key;
                switch (String.valueOf(key)) {
                    case "route", "from", "otherwise" -> named(value, path, unnamed, ids);
                    case "steps" -> ((List<?>) value).forEach(step -> ((Map<?, ?>) step)
                            .forEach((eip, body) -> named(body, path + "/" + eip, unnamed, ids)));
                    case "when" -> ((List<?>) value).forEach(branch -> named(branch, path, unnamed, ids));
                    case "onException" -> {
                        if (value instanceof Map<?, ?>) {
                            named(value, path, unnamed, ids);
                        }
                    }
                    default -> {
                        // an option, or a list of what has been seen to above
                    }
                }
                nodes(value, path, unnamed, ids);
            });
        }
    }

    private static void named(Object node, String path, List<String> unnamed, List<String> ids) {
        if (node instanceof Map<?, ?> map && map.get("id") instanceof String id && !id.isBlank()) {
            ids.add(id);
        } else {
            unnamed.add(path + ": " + node);
        }
    }
}
