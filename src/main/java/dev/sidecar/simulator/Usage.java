package dev.sidecar.simulator;

import io.vertx.core.json.JsonObject;

/** The tokens charged for a request and its response. */
record Usage(int prompt, int completion) {

    static final Usage NONE = new Usage(0, 0);

    int total() {
        return prompt + completion;
    }

    JsonObject toJson() {
        return new JsonObject().put("prompt_tokens", prompt).put("completion_tokens", completion).put("total_tokens",
                total());
    }
}
