package dev.sidecar.reload;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.sidecar.files.FileProblem;
import dev.sidecar.files.SchemaFindings;
import dev.sidecar.files.YamlDocument;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

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
    List<FileProblem> check(RouteFile file) {
        var document = YamlDocument.of(file.name(), file.text());
        return document.locate(SchemaFindings.of(schema, json.valueToTree(document.content()), RouteSchema::reason));
    }

    private static String reason(ValidationMessage message) {
        var text = message.getMessage();
        var colon = text.indexOf(": ");
        return colon < 0 ? text : text.substring(colon + 2);
    }
}
