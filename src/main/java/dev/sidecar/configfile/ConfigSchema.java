package dev.sidecar.configfile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.sidecar.config.Suggestion;
import dev.sidecar.files.Finding;
import dev.sidecar.files.SchemaFindings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Checks the file against its JSON schema, the same file as {@code deploy/sidecar.schema.json}, which editors use. Reasons
 * never show a value: someone may have written a key in a wrong place. Not thread-safe.
 */
final class ConfigSchema {

    static final String RESOURCE = "/schema/sidecar.schema.json";

    private final JsonNode text;
    private final JsonSchema schema;

    ConfigSchema() {
        try (var in = ConfigSchema.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the program has no " + RESOURCE);
            }
            text = new ObjectMapper().readTree(in);
            schema = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The first finding at each place. */
    List<Finding> findings(JsonNode content) {
        return SchemaFindings.of(schema, content, this::reason);
    }

    private String reason(ValidationMessage message) {
        var rule = SchemaFindings.elements(message.getSchemaLocation().getFragment());
        var keyword = String.valueOf(rule.getLast());
        var value = at(rule);
        var part = at(rule.subList(0, rule.size() - 1));
        return switch (keyword) {
            case "additionalProperties" -> "unknown field" + meant(message.getProperty(), part);
            case "required" -> "the field '" + message.getProperty() + "' is missing";
            case "type" -> "must be " + type(value.asText());
            case "enum" -> "must be one of " + texts(value).stream().collect(Collectors.joining(", "));
            case "minimum" -> "must be at least " + value.asText();
            case "maximum" -> "must be at most " + value.asText();
            case "minItems", "minProperties" -> "must have at least " + value.asText();
            case "maxItems", "maxProperties" -> "must have at most " + value.asText();
            case "oneOf" -> "must have exactly one of the fields " + fields(value);
            default -> part.has("title") ? "must be " + part.get("title").asText() : "is not as the schema demands";
        };
    }

    private JsonNode at(List<Object> path) {
        var node = text;
        for (var element : path) {
            node = element instanceof Integer index ? node.path(index) : node.path(element.toString());
        }
        return node;
    }

    private static String meant(String field, JsonNode part) {
        var names = new ArrayList<String>();
        part.path("properties").fieldNames().forEachRemaining(names::add);
        return Suggestion.of(field, names).map(name -> ": perhaps '" + name + "' is meant")
                .orElse("; known are " + String.join(", ", names));
    }

    private static String type(String type) {
        return switch (type) {
            case "object" -> "a map of fields";
            case "array" -> "a list";
            case "string" -> "a text: put it in quotes";
            case "integer" -> "a whole number";
            case "boolean" -> "true or false";
            default -> "of type " + type;
        };
    }

    private static String fields(JsonNode alternatives) {
        return StreamSupport.stream(alternatives.spliterator(), false)
                .flatMap(each -> texts(each.path("required")).stream()).distinct().collect(Collectors.joining(", "));
    }

    private static List<String> texts(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
    }
}
