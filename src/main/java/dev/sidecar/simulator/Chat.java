package dev.sidecar.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/chat/completions}: calls the first tool of a user's message, or responds with text. */
final class Chat {

    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool", "function");
    private static final int CHARACTERS_A_TOKEN = 4;

    private final int usualTokens;

    Chat(int usualTokens) {
        this.usualTokens = usualTokens;
    }

    Reply answer(JsonObject body, Reply.Stamp stamp) {
        Fields fields = new Fields(body);
        String model = fields.model();
        List<Message> messages = messages(fields);
        boolean stream = fields.flag("stream");
        int choices = fields.integer("n", 1, 1, 8);
        int most = fields.integer("max_completion_tokens", fields.integer("max_tokens", Integer.MAX_VALUE, 1,
                Integer.MAX_VALUE), 1, Integer.MAX_VALUE);
        Generated generated = generate(fields, messages, stamp).upTo(most);
        int promptTokens = messages.stream().mapToInt(message -> 3 + CannedText.count(message.text())).sum();
        Usage usage = new Usage(promptTokens, choices * generated.tokens().size());
        if (stream) {
            JsonObject options = fields.object("stream_options");
            boolean includeUsage = options != null && new Fields(options).flag("include_usage");
            return new ChatStream(model, stamp, includeUsage).of(generated, choices, usage);
        }
        return new Reply.Json(whole(model, stamp, generated, choices, usage), usage);
    }

    private Generated generate(Fields fields, List<Message> messages, Reply.Stamp stamp) {
        Message last = messages.getLast();
        JsonObject tool = last.role().equals("user") ? chosenTool(fields) : null;
        if (tool != null) {
            String arguments = SchemaExample.object(new Fields(tool).object("parameters")).encode();
            return new Generated.ToolCall(stamp.id("call"), new Fields(tool).requiredString("name"),
                    CannedText.pieces(arguments, CHARACTERS_A_TOKEN));
        }
        JsonObject format = fields.object("response_format");
        String formatType = format == null ? "text" : new Fields(format).requiredString("type");
        if (format != null && formatType.equals("json_schema")) {
            JsonObject named = new Fields(format).object("json_schema");
            JsonObject schema = named == null ? null : new Fields(named).object("schema");
            return json(SchemaExample.object(schema));
        }
        if (formatType.equals("json_object")) {
            return json(new JsonObject().put("answer", opening(messages)));
        }
        return Generated.Text.of(opening(messages), usualTokens, usualTokens);
    }

    private static Generated json(JsonObject example) {
        return new Generated.Text(CannedText.pieces(example.encode(), CHARACTERS_A_TOKEN), "stop");
    }

    private static String opening(List<Message> messages) {
        Message last = messages.getLast();
        String subject = last.role().equals("tool") ? "The tool's result has " : "Your prompt has ";
        return subject + last.text().length() + " characters in message " + messages.size()
                + " of this conversation, and this is the simulated provider's answer.";
    }

    /** The function that {@code tool_choice} names, or the first one; null if there is none or none is wanted. */
    private static @Nullable JsonObject chosenTool(Fields fields) {
        JsonArray tools = fields.array("tools");
        Object choice = fields.body().getValue("tool_choice");
        if (tools == null || tools.isEmpty() || "none".equals(choice)) {
            return null;
        }
        String wanted = choice instanceof JsonObject chosen && chosen.getValue("function") instanceof JsonObject named
                ? new Fields(named).requiredString("name")
                : null;
        for (Object tool : tools) {
            if (!(tool instanceof JsonObject described)
                    || !(described.getValue("function") instanceof JsonObject function)) {
                throw ApiError.wrongType("tools", "an array of functions");
            }
            if (wanted == null || wanted.equals(new Fields(function).requiredString("name"))) {
                return function;
            }
        }
        throw ApiError.wrongValue("tool_choice", wanted, "the name of one of the tools");
    }

    private static List<Message> messages(Fields fields) {
        JsonArray array = fields.array("messages");
        if (array == null) {
            throw ApiError.missing("messages");
        }
        if (array.isEmpty()) {
            throw ApiError.wrongValue("messages", "[]", "at least one message");
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            String param = "messages[" + i + "]";
            if (!(array.getValue(i) instanceof JsonObject message)) {
                throw ApiError.wrongType(param, "an object");
            }
            if (!(message.getValue("role") instanceof String role) || !ROLES.contains(role)) {
                throw ApiError.wrongValue(param + ".role", message.getValue("role"),
                        ROLES.stream().sorted().collect(Collectors.joining(", ")));
            }
            messages.add(new Message(role, text(message.getValue("content"), param + ".content")));
        }
        return messages;
    }

    private static String text(@Nullable Object content, String param) {
        return switch (content) {
            case null -> "";
            case String text -> text;
            case JsonArray parts -> parts.stream()
                    .map(part -> part instanceof JsonObject object && object.getValue("text") instanceof String text
                            ? text
                            : "")
                    .collect(Collectors.joining("\n"));
            default -> throw ApiError.wrongType(param, "a string or an array of parts");
        };
    }

    private static JsonObject whole(String model, Reply.Stamp stamp, Generated generated, int count, Usage usage) {
        String text = String.join("", generated.tokens());
        JsonObject message = new JsonObject().put("role", "assistant").put("refusal", null);
        switch (generated) {
            case Generated.Text _ -> message.put("content", text);
            case Generated.ToolCall call -> message.put("content", null).put("tool_calls",
                    new JsonArray().add(call.toJson(text)));
        }
        JsonArray choices = new JsonArray();
        for (int index = 0; index < count; index++) {
            choices.add(new JsonObject().put("index", index).put("message", message).put("logprobs", null)
                    .put("finish_reason", generated.finishReason()));
        }
        return new JsonObject().put("id", stamp.id("chatcmpl")).put("object", "chat.completion")
                .put("created", stamp.epochSecond()).put("model", model).put("choices", choices)
                .put("usage", usage.toJson());
    }

    private record Message(String role, String text) {
    }
}
