package dev.sidecar.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonNodePath;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.ValidationMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a JSON schema finds wrong in a document. Stateless. */
public final class SchemaFindings {

    private SchemaFindings() {
    }

    /**
     * The first finding at each place.
     *
     * @param reason puts a message of the validator into words
     */
    public static List<Finding> of(JsonSchema schema, JsonNode content, Function<ValidationMessage, String> reason) {
        Map<String, ValidationMessage> byPlace = new LinkedHashMap<>();
        schema.validate(content)
                .forEach(message -> byPlace.putIfAbsent(message.getInstanceLocation().toString(), message));
        return byPlace.values().stream().map(message -> new Finding(elements(message.getInstanceLocation()),
                message.getProperty(), reason.apply(message))).toList();
    }

    /** The names and positions of a path. */
    public static List<Object> elements(JsonNodePath path) {
        var elements = new ArrayList<Object>();
        for (int i = 0; i < path.getNameCount(); i++) {
            elements.add(path.getElement(i));
        }
        return elements;
    }
}
