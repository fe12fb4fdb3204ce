package dev.sidecar.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A chat response as the chunks of a stream: role, tokens, finish reason and, on request, usage. */
record ChatStream(String model, Reply.Stamp stamp, boolean includeUsage) {

    Reply.Events of(Generated generated, int choices, Usage usage) {
        List<Reply.Event> events = new ArrayList<>();
        for (int index = 0; index < choices; index++) {
            events.add(new Reply.Event(chunk(index, opening(generated), null), false));
            for (String token : generated.tokens()) {
                events.add(new Reply.Event(chunk(index, delta(generated, token), null), true));
            }
            events.add(new Reply.Event(chunk(index, new JsonObject(), generated.finishReason()), false));
        }
        if (includeUsage) {
            events.add(new Reply.Event(frame(new JsonArray()).put("usage", usage.toJson()), false));
        }
        return new Reply.Events(events, usage);
    }

    private static JsonObject opening(Generated generated) {
        JsonObject delta = new JsonObject().put("role", "assistant");
        return switch (generated) {
            case Generated.Text _ -> delta.put("content", "");
            case Generated.ToolCall call -> delta.put("content", null).put("tool_calls",
                    new JsonArray().add(call.toJson("").put("index", 0)));
        };
    }

    private static JsonObject delta(Generated generated, String token) {
        return switch (generated) {
            case Generated.Text _ -> new JsonObject().put("content", token);
            case Generated.ToolCall _ -> new JsonObject().put("tool_calls", new JsonArray().add(
                    new JsonObject().put("index", 0).put("function", new JsonObject().put("arguments", token))));
        };
    }

    private JsonObject chunk(int index, JsonObject delta, @Nullable String finishReason) {
        JsonObject frame = frame(new JsonArray().add(new JsonObject().put("index", index).put("delta", delta)
                .put("logprobs", null).put("finish_reason", finishReason)));
        return includeUsage ? frame.put("usage", null) : frame;
    }

    private JsonObject frame(JsonArray choices) {
        return new JsonObject().put("id", stamp.id("chatcmpl")).put("object", "chat.completion.chunk")
                .put("created", stamp.epochSecond()).put("model", model).put("choices", choices);
    }
}
