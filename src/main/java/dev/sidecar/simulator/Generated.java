package dev.sidecar.simulator;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** The output of the simulated model: tokens, and the reason of its end. */
sealed interface Generated {

    /** The reason of an end that the request's limit brought about. */
    String CUT = "length";

    List<String> tokens();

    String finishReason();

    /** The same, cut to what the request allows. */
    Generated upTo(int most);

    /** Plain text. */
    record Text(List<String> tokens, String finishReason) implements Generated {

        /** A text of the configured length, or shorter if the request allows less. */
        static Text of(String opening, int usual, int most) {
            return new Text(CannedText.tokens(opening, Math.min(usual, most)), most < usual ? CUT : "stop");
        }

        @Override
        public Text upTo(int most) {
            return tokens.size() <= most ? this : new Text(tokens.subList(0, most), CUT);
        }

        String whole() {
            return String.join("", tokens);
        }
    }

    /** A call of one of the client's tools; the tokens form the arguments. */
    record ToolCall(String id, String name, List<String> tokens, String finishReason) implements Generated {

        ToolCall(String id, String name, List<String> tokens) {
            this(id, name, tokens, "tool_calls");
        }

        @Override
        public ToolCall upTo(int most) {
            return tokens.size() <= most ? this : new ToolCall(id, name, tokens.subList(0, most), CUT);
        }

        JsonObject toJson(String arguments) {
            return new JsonObject().put("id", id).put("type", "function").put("function",
                    new JsonObject().put("name", name).put("arguments", arguments));
        }
    }
}
