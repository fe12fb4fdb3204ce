package dev.sidecar.files;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A file as YAML 1.2: what it says, and where it says it. Immutable and thread-safe.
 *
 * @param name of the file
 * @param content maps, lists, text, numbers, and so on; null for an empty document
 */
public record YamlDocument(String name, String text, @Nullable Object content) {

    /** @throws org.snakeyaml.engine.v2.exceptions.YamlEngineException when it is no YAML, or not one document */
    public static YamlDocument of(String name, String text) {
        return new YamlDocument(name, text, new Load(settings(name)).loadFromString(text));
    }

    private static LoadSettings settings(String name) {
        return LoadSettings.builder().setLabel(name).build();
    }

    /** The findings with their places. */
    public List<FileProblem> locate(List<Finding> findings) {
        if (findings.isEmpty()) {
            return List.of();
        }
        // Parsed once more, because the places take memory that a good file does not need.
        var root = new Compose(settings(name)).composeString(text).orElse(null);
        var problems = new ArrayList<FileProblem>();
        for (var finding : findings) {
            var node = root == null ? null : find(root, finding);
            var mark = node == null ? null : node.getStartMark().orElse(null);
            problems.add(mark == null
                    ? FileProblem.ofFile(name, finding.reason())
                    : new FileProblem(name, mark.getLine() + 1, mark.getColumn() + 1, finding.reason()));
        }
        return problems;
    }

    /** The deepest node on the way that is there. */
    private static Node find(Node root, Finding finding) {
        var node = root;
        for (var element : finding.path()) {
            var next = child(node, element);
            if (next == null) {
                return node;
            }
            node = next;
        }
        var field = finding.field();
        return field != null && node instanceof MappingNode map ? name(map, field) : node;
    }

    private static @Nullable Node child(Node node, Object element) {
        if (node instanceof SequenceNode list && element instanceof Integer index) {
            return index < list.getValue().size() ? list.getValue().get(index) : null;
        }
        if (node instanceof MappingNode map) {
            return map.getValue().stream().filter(entry -> isNamed(entry.getKeyNode(), element.toString())).findFirst()
                    .map(NodeTuple::getValueNode).orElse(null);
        }
        return null;
    }

    private static Node name(MappingNode map, String field) {
        return map.getValue().stream().map(NodeTuple::getKeyNode).filter(key -> isNamed(key, field)).findFirst()
                .orElse(map);
    }

    private static boolean isNamed(Node key, String name) {
        return key instanceof ScalarNode scalar && scalar.getValue().equals(name);
    }
}
