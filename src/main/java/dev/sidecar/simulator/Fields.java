package dev.sidecar.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the fields of a request body, and refuses wrong ones with an {@link ApiError} that names them. Immutable. */
record Fields(JsonObject body) {

    String model() {
        String model = requiredString("model");
        if (model.isBlank()) {
            throw ApiError.wrongValue("model", "'" + model + "'", "the name of a model");
        }
        return model;
    }

    String requiredString(String name) {
        return switch (body.getValue(name)) {
            case String text -> text;
            case null -> throw ApiError.missing(name);
            default -> throw ApiError.wrongType(name, "a string");
        };
    }

    boolean flag(String name) {
        return switch (body.getValue(name)) {
            case Boolean flag -> flag;
            case null -> false;
            default -> throw ApiError.wrongType(name, "a boolean");
        };
    }

    int integer(String name, int fallback, int least, int most) {
        return switch (body.getValue(name)) {
            case null -> fallback;
            case Integer value when value >= least && value <= most -> value;
            case Number value -> throw ApiError.wrongValue(name, value, least + " to " + most);
            default -> throw ApiError.wrongType(name, "an integer");
        };
    }

    @Nullable
    JsonObject object(String name) {
        return switch (body.getValue(name)) {
            case JsonObject object -> object;
            case null -> null;
            default -> throw ApiError.wrongType(name, "an object");
        };
    }

    @Nullable
    JsonArray array(String name) {
        return switch (body.getValue(name)) {
            case JsonArray array -> array;
            case null -> null;
            default -> throw ApiError.wrongType(name, "an array");
        };
    }

    /** One text, several, or the same as token numbers: the permitted forms of "prompt" and "input". */
    List<String> texts(String name) {
        return switch (body.getValue(name)) {
            case null -> throw ApiError.missing(name);
            case String text -> List.of(text);
            case JsonArray items when !items.isEmpty() && items.stream().allMatch(Integer.class::isInstance) -> List
                    .of(items.encode());
            case JsonArray items when !items.isEmpty() -> items.stream().map(item -> switch (item) {
                case String text -> text;
                case JsonArray tokens -> tokens.encode();
                case null, default -> throw ApiError.wrongType(name, "a string, an array of strings or of tokens");
            }).toList();
            default -> throw ApiError.wrongType(name, "a string, a non-empty array of strings or of tokens");
        };
    }
}
