package dev.sidecar.reload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonNodePath;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * Checks route files against the JSON schema of Camel's YAML DSL, which editors use.
 *
 * <p>The parsed schema is large, even with only its needed parts. So it exists only during a check. Not thread-safe.
 */
final class RouteSchema {

    private static final String SCHEMA = "/schema/camelYamlDsl.json";

    private final ObjectMapper json = new ObjectMapper();
    private final JsonSchema schema;

    RouteSchema() {
        try (var in = RouteSchema.class.getResourceAsStream(SCHEMA)) {
            if (in == null) {
                throw new IllegalStateException("camel-yaml-dsl brings no " + SCHEMA);
            }
            schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(json.readTree(in),
                    SchemaValidatorsConfig.builder().preloadJsonSchema(false).build());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first problem at each place, for a file that is YAML. */
    List<RouteProblem> check(RouteFile file) {
        var settings = LoadSettings.builder().setLabel(file.name()).build();
        JsonNode content = json.valueToTree(new Load(settings).loadFromString(file.text()));
        Map<String, ValidationMessage> byPlace = new LinkedHashMap<>();
        schema.validate(content)
                .forEach(message -> byPlace.putIfAbsent(message.getInstanceLocation().toString(), message));
        if (byPlace.isEmpty()) {
            return List.of();
        }
        var root = new Compose(settings).composeString(file.text()).orElse(null);
        var problems = new ArrayList<RouteProblem>();
        byPlace.values().forEach(message -> problems.add(problem(file, root, message)));
        return problems;
    }

    private static RouteProblem problem(RouteFile file, @Nullable Node root, ValidationMessage message) {
        var node = root == null ? null : find(root, message.getInstanceLocation(), message.getProperty());
        var mark = node == null ? null : node.getStartMark().orElse(null);
        var reason = message.getMessage();
        var colon = reason.indexOf(": ");
        return new RouteProblem(file.name(), mark == null ? 0 : mark.getLine() + 1,
                mark == null ? 0 : mark.getColumn() + 1, colon < 0 ? reason : reason.substring(colon + 2));
    }

    /** The node at a path, or the name of a property in it. */
    private static Node find(Node root, JsonNodePath path, @Nullable String property) {
        var node = root;
        for (int i = 0; i < path.getNameCount(); i++) {
            var next = child(node, path.getElement(i));
            if (next == null) {
                return node;
            }
            node = next;
        }
        return property != null && node instanceof MappingNode map ? name(map, property) : node;
    }

    private static @Nullable Node child(Node node, Object element) {
        if (node instanceof SequenceNode list && element instanceof Integer index) {
            return index < list.getValue().size() ? list.getValue().get(index) : null;
        }
        if (node instanceof MappingNode map) {
            return map.getValue().stream().filter(
                    entry -> entry.getKeyNode() instanceof ScalarNode key && key.getValue().equals(element.toString()))
                    .findFirst().map(entry -> entry.getValueNode()).orElse(null);
        }
        return null;
    }

    private static Node name(MappingNode map, String property) {
        return map.getValue().stream().map(entry -> entry.getKeyNode())
                .filter(key -> key instanceof ScalarNode scalar && scalar.getValue().equals(property)).findFirst()
                .orElse(map);
    }
}
