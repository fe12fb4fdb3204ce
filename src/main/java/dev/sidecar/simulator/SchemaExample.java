package dev.sidecar.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Makes the smallest value for a JSON schema of the kind used for tools. Stateless. */
final class SchemaExample {

    private static final int DEEPEST = 16;

    private SchemaExample() {
    }

    /** An object with the schema's required properties, or with its first one if none is required. */
    static JsonObject object(@Nullable JsonObject schema) {
        return object(schema == null ? new JsonObject() : schema, 0);
    }

    private static JsonObject object(JsonObject schema, int depth) {
        JsonObject example = new JsonObject();
        if (depth > DEEPEST || !(schema.getValue("properties") instanceof JsonObject properties)) {
            return example;
        }
        boolean anyRequired = schema.getValue("required") instanceof JsonArray names && !names.isEmpty();
        for (String name : properties.fieldNames()) {
            boolean wanted = anyRequired ? schema.getJsonArray("required").contains(name) : example.isEmpty();
            if (wanted) {
                example.put(name, value(name, properties.getValue(name), depth + 1));
            }
        }
        return example;
    }

    private static @Nullable Object value(String name, @Nullable Object described, int depth) {
        if (!(described instanceof JsonObject schema)) {
            return "example " + name;
        }
        if (schema.containsKey("const")) {
            return schema.getValue("const");
        }
        if (schema.getValue("enum") instanceof JsonArray values && !values.isEmpty()) {
            return values.getValue(0);
        }
        if (schema.containsKey("default")) {
            return schema.getValue("default");
        }
        if (schema.getValue("anyOf") instanceof JsonArray choices && !choices.isEmpty()) {
            return value(name, choices.getValue(0), depth + 1);
        }
        return switch (type(schema)) {
            case "integer", "number" -> schema.getValue("minimum") instanceof Number least ? least : 1;
            case "boolean" -> true;
            case "null" -> null;
            case "object" -> object(schema, depth);
            case "array" -> depth > DEEPEST
                    ? new JsonArray()
                    : new JsonArray().add(value(name, schema.getValue("items"), depth + 1));
            default -> "example " + name;
        };
    }

    private static String type(JsonObject schema) {
        return switch (schema.getValue("type")) {
            case String type -> type;
            case JsonArray types when !types.isEmpty() -> String.valueOf(types.getValue(0));
            case null, default -> schema.containsKey("properties") ? "object" : "string";
        };
    }
}
