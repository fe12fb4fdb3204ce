package dev.sidecar.simulator;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** The output of the simulated model: tokens, and the reason of its end. */
sealed interface Generated {

    List<String> tokens();

    String finishReason();

    /** Plain text. */
    record Text(List<String> tokens, String finishReason) implements Generated {

        /** A text of the configured length, or shorter if the request allows less. */
        static Text of(String opening, int usual, int most) {
            return new Text(CannedText.tokens(opening, Math.min(usual, most)), most < usual ? "length" : "stop");
        }

        String whole() {
            return String.join("", tokens);
        }
    }

    /** A call of one of the client's tools; the tokens form the arguments. */
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
