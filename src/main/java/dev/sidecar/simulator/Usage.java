package dev.sidecar.simulator;

import io.vertx.core.json.JsonObject;

/** How many tokens a request and its answer are charged as. */
record Usage(int prompt, int completion) {

    JsonObject toJson() {
        return new JsonObject().put("prompt_tokens", prompt).put("completion_tokens", completion).put("total_tokens",
                prompt + completion);
    }
}
