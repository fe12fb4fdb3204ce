package dev.sidecar.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** {@code GET /v1/models}: the models that the simulated provider lists. It also accepts any other model. */
final class Models {

    private static final List<String> IDS = List.of("meta/llama-3.1-8b-instruct", "nvidia/nemotron-mini-4b-instruct",
            "nvidia/nv-embedqa-e5-v5");
    private static final long CREATED = 1_735_689_600;

    private Models() {
    }

    static Reply list() {
        return new Reply.Json(new JsonObject().put("object", "list").put("data",
                new JsonArray(IDS.stream().map(Models::describe).toList())), Usage.NONE);
    }

    static Reply one(String id) {
        if (!IDS.contains(id)) {
            throw ApiError.unknownModel(id);
        }
        return new Reply.Json(describe(id), Usage.NONE);
    }

    private static JsonObject describe(String id) {
        return new JsonObject().put("id", id).put("object", "model").put("created", CREATED).put("owned_by",
                id.substring(0, id.indexOf('/')));
    }
}
