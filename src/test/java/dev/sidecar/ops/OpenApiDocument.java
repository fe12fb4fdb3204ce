package dev.sidecar.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The description of the sidecar's own paths, read strictly: a field that it does not name is an error, although it lets
 * programs expect further ones.
 */
final class OpenApiDocument {

    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "options", "head", "patch");

    private final JsonNode document;

    private OpenApiDocument(JsonNode document) {
        this.document = document;
    }

    static OpenApiDocument read(String json) {
        try {
            var document = new ObjectMapper().readTree(json);
            close(document);
            return new OpenApiDocument(document);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void close(JsonNode node) {
        if (node instanceof ObjectNode object && object.path("properties").isObject()
                && !object.has("additionalProperties")) {
            object.put("additionalProperties", false);
        }
        node.forEach(OpenApiDocument::close);
    }

    JsonNode json() {
        return document;
    }

    /** Such as {@code GET /status}. */
    Set<String> operations() {
        var operations = new TreeSet<String>();
        document.get("paths").properties().forEach(path -> path.getValue().properties().stream()
                .filter(entry -> METHODS.contains(entry.getKey()))
                .forEach(entry -> operations.add(entry.getKey().toUpperCase(Locale.ROOT) + " "
                        + path.getKey())));
        return operations;
    }

    /** Such as {@code GET /status 200}. */
    Set<String> responses() {
        var responses = new TreeSet<String>();
        for (var operation : operations()) {
            operation(operation).get("responses").fieldNames()
                    .forEachRemaining(status -> responses.add(operation + " " + status));
        }
        return responses;
    }

    private JsonNode operation(String operation) {
        var words = operation.split(" ", 2);
        return document.get("paths").get(words[1]).get(words[0].toLowerCase(Locale.ROOT));
    }

    /** What the response holds; null if the document does not know this status or this type. */
    @Nullable
    JsonNode content(String operation, int status, String type) {
        var response = resolved(operation(operation).path("responses").path(String.valueOf(status)));
        return response.path("content").get(type);
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
    }

    /** What is wrong with a value. */
    List<String> problems(JsonNode schema, JsonNode value) {
        return schema(schema).validate(value).stream().map(Object::toString).toList();
    }

    private JsonSchema schema(JsonNode schema) {
        var whole = ((ObjectNode) schema).deepCopy();
        whole.set("components", document.get("components"));
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(whole);
    }
}
