package dev.sidecar.providers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The models that one provider lists, as it describes them. Nobody changes the entries.
 *
 * @param entries in the provider's order, each with an {@code id}
 */
record ListedModels(List<ObjectNode> entries) {

    static final ListedModels NONE = new ListedModels(List.of());

    private static final ObjectMapper JSON = new ObjectMapper();

    ListedModels {
        entries = List.copyOf(entries);
    }

    /**
     * Of a response to {@code GET /v1/models}: an object with a list of {@code data}, or, as some providers send it, only the
     * list.
     *
     * @throws IOException when it is none
     */
    static ListedModels of(byte[] response) throws IOException {
        JsonNode root = JSON.readTree(response);
        JsonNode list = root.isArray() ? root : root.path("data");
        if (!list.isArray()) {
            throw new IOException("the response is no list of models");
        }
        var entries = new ArrayList<ObjectNode>();
        for (var each : list) {
            if (each instanceof ObjectNode entry && entry.path("id").isTextual()) {
                entries.add(entry);
            }
        }
        return new ListedModels(entries);
    }

    static String id(ObjectNode entry) {
        return entry.path("id").textValue();
    }
}
