package dev.sidecar.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /v1/completions}: one choice for each prompt. */
final class Completions {

    private static final int MOST_PROMPTS = 64;

    private final int usualTokens;

    Completions(int usualTokens) {
        this.usualTokens = usualTokens;
    }

    Reply answer(JsonObject body, Reply.Stamp stamp) {
        Fields fields = new Fields(body);
        JsonObject frame = new JsonObject().put("id", stamp.id("cmpl")).put("object", "text_completion")
                .put("created", stamp.epochSecond()).put("model", fields.model());
        List<String> prompts = fields.texts("prompt");
        if (prompts.size() > MOST_PROMPTS) {
            throw ApiError.wrongValue("prompt", prompts.size() + " prompts", "at most " + MOST_PROMPTS);
        }
        int most = fields.integer("max_tokens", Integer.MAX_VALUE, 1, Integer.MAX_VALUE);
        List<Generated.Text> texts = prompts.stream().map(prompt -> Generated.Text.of("Your prompt has "
                + prompt.length() + " characters, and this is how the simulated provider goes on.", usualTokens, most))
                .toList();
        Usage usage = new Usage(prompts.stream().mapToInt(CannedText::count).sum(),
                texts.stream().mapToInt(text -> text.tokens().size()).sum());
        if (!fields.flag("stream")) {
            JsonArray choices = new JsonArray();
            texts.forEach(text -> choices.add(choice(choices.size(), text.whole(), text.finishReason())));
            return new Reply.Json(frame.put("choices", choices).put("usage", usage.toJson()), usage);
        }
        JsonObject options = fields.object("stream_options");
        boolean includeUsage = options != null && new Fields(options).flag("include_usage");
        List<Reply.Event> events = new ArrayList<>();
        for (int index = 0; index < texts.size(); index++) {
            Generated.Text text = texts.get(index);
            for (String token : text.tokens()) {
                events.add(new Reply.Event(chunk(frame, choice(index, token, null)), true));
            }
            events.add(new Reply.Event(chunk(frame, choice(index, "", text.finishReason())), false));
        }
        if (includeUsage) {
            events.add(new Reply.Event(frame.copy().put("choices", new JsonArray()).put("usage", usage.toJson()),
                    false));
        }
        return new Reply.Events(events, usage);
    }

    private static JsonObject chunk(JsonObject frame, JsonObject choice) {
        return frame.copy().put("choices", new JsonArray().add(choice));
    }

    private static JsonObject choice(int index, String text, @Nullable String finishReason) {
        return new JsonObject().put("index", index).put("text", text).put("logprobs", null).put("finish_reason",
                finishReason);
    }
}
