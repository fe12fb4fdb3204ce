package dev.sidecar.routes;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        RouteFiles.nodes(RouteFiles.read(file), (node, path) -> {
            if (!(node.get("id") instanceof String id) || id.isBlank()) {
                unnamed.add(path + ": " + node);
            }
        });
        assertThat(unnamed).isEmpty();
    }

    @Test
    void noIdIsUsedTwice() {
        var ids = new ArrayList<Object>();
        RouteFiles.files()
                .forEach(file -> RouteFiles.nodes(RouteFiles.read(file), (node, path) -> ids.add(node.get("id"))));
        assertThat(ids).doesNotHaveDuplicates().hasSizeGreaterThan(40);
    }

    /** In words for whoever sees it in a diagram, where comments are not. */
    @ParameterizedTest
    @MethodSource("files")
    void everyNodeSaysWhatItIsFor(Path file) {
        assertThat(RouteFiles.silentNodes(file)).isEmpty();
    }

    /** By it Hawtio and the dashboard show what operators edit before the sidecar's own pages. */
    @Test
    void everyRouteHasAGroup() {
        assertThat(RouteFiles.routes()).allSatisfy(
                route -> assertThat(String.valueOf(route.get("group"))).isIn("requests", "counts", "sidecar"));
    }

    /** Hawtio cuts longer ones in its diagrams. */
    @Test
    void theIdsOfTheWayOfARequestAreShortEnoughForADiagram() {
        var ids = new ArrayList<String>();
        RouteFiles.routes().stream().filter(route -> "requests".equals(route.get("group")))
                .forEach(route -> RouteFiles.nodes(route, (node, path) -> ids.add(String.valueOf(node.get("id")))));
        assertThat(ids).hasSizeGreaterThan(20).allSatisfy(id -> assertThat(id).hasSizeLessThan(20));
    }
}
