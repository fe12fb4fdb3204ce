package dev.sidecar.simulator;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** What the simulated model said: tokens, and why it stopped. */
sealed interface Generated {

    List<String> tokens();

    String finishReason();

    /** Plain text. */
    record Text(List<String> tokens, String finishReason) implements Generated {

        /** As long as the provider's setting says, or shorter where the request allows less. */
        static Text of(String opening, int usual, int most) {
            return new Text(CannedText.tokens(opening, Math.min(usual, most)), most < usual ? "length" : "stop");
        }

        String whole() {
            return String.join("", tokens);
        }
    }

    /** A call of one of the caller's tools; the tokens make up the arguments. */
    record ToolCall(String id, String name, List<String> tokens) implements Generated {

        @Override
        public String finishReason() {
            return "tool_calls";
        }

        JsonObject toJson(String arguments) {
            return new JsonObject().put("id", id).put("type", "function").put("function",
                    new JsonObject().put("name", name).put("arguments", arguments));
        }
    }
}
