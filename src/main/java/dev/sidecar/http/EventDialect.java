package dev.sidecar.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the APIs that stream server-sent events tell a client that it still waits, and that its request has failed under a
 * status of 200. The SDKs skip the former and raise the latter. Each text is one whole event. Stateless.
 */
public enum EventDialect {

    /** OpenAI's chats and completions: data with a field {@code error} is one. */
    COMPLETIONS {
        @Override
        String event(ObjectNode error) {
            return data(object().set("error", error));
        }
    },
    /** OpenAI's responses have an event for errors; the field {@code error} is what its SDKs raise. */
    RESPONSES {
        @Override
        String event(ObjectNode error) {
            var event = object().put("type", "error");
            Stream.of("code", "message", "param").forEach(field -> event.set(field, error.path(field)));
            return "event: error\n" + data(event.put("sequence_number", 0).set("error", error));
        }
    },
    /** Anthropic's messages have events for both. */
    MESSAGES {
        @Override
        public String waiting(String words) {
            return ": " + words + "\nevent: ping\ndata: {\"type\": \"ping\"}\n\n";
        }

        @Override
        String event(ObjectNode error) {
            return "event: error\n" + data(object().put("type", "error").set("error", error));
        }
    };

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, EventDialect> BY_PATH = Map.of("/v1/chat/completions", COMPLETIONS,
            "/v1/completions", COMPLETIONS, "/v1/responses", RESPONSES, "/v1/messages", MESSAGES);

    /** That of the requests to this path, if they can ask for a stream of events. */
    public static Optional<EventDialect> ofPath(@Nullable String path) {
        return path == null ? Optional.empty() : Optional.ofNullable(BY_PATH.get(path));
    }

    /** @param words one line */
    public String waiting(String words) {
        return ": " + words + "\n\n";
    }

    /** One of the sidecar's own errors. */
    public String error(ErrorBody error) {
        try {
            return event((ObjectNode) JSON.readTree(error.toJson()).get("error"));
        } catch (IOException e) {
            throw new IllegalStateException("an error's JSON is JSON", e);
        }
    }

    /**
     * An error of the provider, in its own words where they can be read.
     *
     * @param body of its response, or the beginning of it
     */
    public String providerError(int status, byte[] body) {
        var read = read(body);
        if (read.path("error") instanceof ObjectNode error) {
            if (!error.hasNonNull("type")) {
                error.put("type", ErrorBody.of(status, "", "").type());
            }
            return event(error);
        }
        var why = Stream.of("error", "message", "detail", "title").map(read::path).filter(JsonNode::isTextual)
                .map(JsonNode::asText).limit(1).collect(Collectors.joining());
        return error(ErrorBody.of(status, "upstream_error",
                "the provider responded with status " + status + (why.isEmpty() ? "" : ": " + why)));
    }

    private static JsonNode read(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            return JsonNodeFactory.instance.missingNode(); // it was no JSON, or only the beginning of it
        }
    }

    /** @param error as in {@link ErrorBody}, or as the provider has it */
    abstract String event(ObjectNode error);

    /** JSON is written in one line: all that breaks a line is escaped in it. */
    private static String data(JsonNode content) {
        return "data: " + content + "\n\n";
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
