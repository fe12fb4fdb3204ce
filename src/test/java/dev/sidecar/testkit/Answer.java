package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What the fake provider does with one request. Arrays handed in are not to be changed afterwards. */
@SuppressWarnings("ArrayRecordComponent") // compared by identity only
public sealed interface Answer {

    /** A whole answer after {@code delay}; gets a Content-Length unless the headers frame it. */
    record Full(int status, List<Header> headers, byte[] body, Duration delay) implements Answer {

        public Full(int status, List<Header> headers, byte[] body) {
            this(status, headers, body, Duration.ZERO);
        }

        public Full after(Duration longer) {
            return new Full(status, headers, body, longer);
        }
    }

    /** A chunked answer: the head at once, {@code pause} before every chunk but the first. */
    record Chunked(int status, List<Header> headers, List<byte[]> chunks, Duration pause) implements Answer {
    }

    /** Never answers; the connection stays open until the client or the test closes it. */
    record Silent() implements Answer {
    }

    /** Sends the head and these chunks, then closes the connection although the framing promises more. */
    record CutMidStream(int status, List<Header> headers, List<byte[]> chunks, Framing framing, Duration pause)
            implements
                Answer {
    }

    /** How a body that will be cut says how long it would have been; where only a close ends it, RST is the cut. */
    enum Framing {
        CHUNKED, CONTENT_LENGTH, CLOSE
    }

    /** Resets the connection (RST) after the request was read, without a byte of an answer. */
    record ResetBeforeHead() implements Answer {
    }

    /** Sends these bytes in place of an answer, then closes. */
    record Garbage(byte[] bytes) implements Answer {
    }

    /** Sends the head line by line, with {@code pause} after each line; then the body at once. */
    record SlowHead(Full answer, Duration pause) implements Answer {
    }

    /** Neither Content-Length nor chunks: the end of the connection ends the body. */
    record CloseDelimited(int status, List<Header> headers, List<byte[]> chunks, Duration pause) implements Answer {
    }

    /** An interim answer (103 for example) before the final one. */
    record Informational(int status, List<Header> headers, Answer then) implements Answer {
    }

    /** Head and body byte by byte, each in its own write. */
    record OneByteAtATime(Full answer, Duration pause) implements Answer {
    }

    static Full json(int status, String json) {
        return new Full(status, Header.list("Content-Type", "application/json"), json.getBytes(UTF_8));
    }

    /** A chat completion that says {@code text}. */
    static Full chat(String text) {
        return json(200, """
                {"id":"chatcmpl-1","object":"chat.completion","created":1782259200,"model":"fake","choices":[\
                {"index":0,"message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],\
                "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}""".formatted(text));
    }

    /** A streamed chat completion: one event a token, then the reason of its end and {@code [DONE]}. */
    static Chunked chatStream(List<String> tokens, Duration pause) {
        String frame = "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1782259200,"
                + "\"model\":\"fake\",\"choices\":[{\"index\":0,\"delta\":{%s},\"finish_reason\":%s}]}\n\n";
        Stream<String> events = tokens.stream().map(token -> frame.formatted("\"content\":\"" + token + "\"", "null"));
        Stream<String> end = Stream.of(frame.formatted("", "\"stop\""), "data: [DONE]\n\n");
        return new Chunked(200, Header.list("Content-Type", "text/event-stream"),
                Stream.concat(events, end).map(event -> event.getBytes(UTF_8)).toList(), pause);
    }

    /** An error in OpenAI's shape. */
    static Full error(int status, String code, String message) {
        return json(status, "{\"error\":{\"message\":\"%s\",\"type\":\"api_error\",\"param\":null,\"code\":\"%s\"}}"
                .formatted(message, code));
    }

    /** A 429 with these headers, such as Retry-After. */
    static Full tooManyRequests(String... headers) {
        Full plain = error(429, "rate_limit_exceeded", "Too many requests");
        return new Full(429, Stream.concat(plain.headers().stream(), Header.list(headers).stream()).toList(),
                plain.body());
    }
}
