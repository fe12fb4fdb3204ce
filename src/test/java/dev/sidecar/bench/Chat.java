package dev.sidecar.bench;

import java.nio.charset.StandardCharsets;

/** The requests and answers that client and mock provider agree on, ready as bytes. */
final class Chat {

    static final int CHUNKS = 20;
    static final int CHUNK_GAP_MILLIS = 50;

    static final byte[] PLAIN_REQUEST_BODY = requestBody(false);
    static final byte[] STREAM_REQUEST_BODY = requestBody(true);

    /** Asks for a stream that goes on until the provider is told to end it. */
    static final byte[] LONG_STREAM_REQUEST_BODY = bytes(new String(STREAM_REQUEST_BODY, StandardCharsets.US_ASCII)
            .replace("\"user\":\"bench\"", "\"user\":\"crowd\""));

    /** From one chunk of a long stream to the next. */
    static final int LONG_STREAM_GAP_MILLIS = 1000;

    static final byte[] ANSWER_BODY = bytes("""
            {"id":"chatcmpl-7b1c2d9e4f","object":"chat.completion","created":1782259200,\
            "model":"meta/llama-3.1-8b-instruct","choices":[{"index":0,"message":{"role":"assistant","content":\
            "A reverse proxy takes a request from a client, hands it to the server behind it and brings the answer \
            back. What it adds to the way is time and memory: the copy from one connection to the other, the look \
            at the headers, and whatever else it decides for each request. A benchmark that leaves out the direct \
            way cannot tell what the proxy adds, and one that leaves out another proxy cannot tell what of that is \
            needed.","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":96,\
            "completion_tokens":87,"total_tokens":183},"system_fingerprint":null}""");

    static final byte[] ANSWER = join(
            bytes(head("200 OK", "application/json", "content-length: " + ANSWER_BODY.length)),
            ANSWER_BODY);

    static final byte[] STREAM_HEAD = bytes(head("200 OK", "text/event-stream", "transfer-encoding: chunked"));
    static final byte[] STREAM_END = join(chunk("data: [DONE]\n\n"), bytes("0\r\n\r\n"));
    static final byte[] DONE = bytes("data: [DONE]");

    private static final int STAMP_DIGITS = 19;
    private static final String EVENT = """
            data: {"id":"chatcmpl-7b1c2d9e4f","object":"chat.completion.chunk","created":1782259200,\
            "model":"meta/llama-3.1-8b-instruct","choices":[{"index":0,"delta":{"content":" token"},\
            "finish_reason":null}],"sent":%s}

            """.formatted("0".repeat(STAMP_DIGITS));

    /** An event without its line ends, as {@link #stampOf} expects it. */
    static final int EVENT_LENGTH = EVENT.length() - 2;
    static final byte[] EVENT_CHUNK = chunk(EVENT);

    private static final int STAMP_IN_EVENT = EVENT_LENGTH - 1 - STAMP_DIGITS;
    private static final int STAMP_IN_CHUNK = EVENT_CHUNK.length - 2 - EVENT.length() + STAMP_IN_EVENT;

    private static final long EPOCH = System.nanoTime();

    private Chat() {
    }

    /** Monotonic nanoseconds, never negative, the same for the client and the mock provider. */
    static long now() {
        return System.nanoTime() - EPOCH;
    }

    /** Writes the time of sending into a copy of {@link #EVENT_CHUNK}. */
    static void stamp(byte[] eventChunk, long nanos) {
        long rest = nanos;
        for (int i = STAMP_IN_CHUNK + STAMP_DIGITS - 1; i >= STAMP_IN_CHUNK; i--) {
            eventChunk[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    static long stampOf(byte[] event) {
        long nanos = 0;
        for (int i = STAMP_IN_EVENT; i < STAMP_IN_EVENT + STAMP_DIGITS; i++) {
            nanos = nanos * 10 + event[i] - '0';
        }
        return nanos;
    }

    /** The whole request as a client of the official Node SDK sends it. */
    static byte[] request(int port, boolean stream) {
        return request(port, stream ? STREAM_REQUEST_BODY : PLAIN_REQUEST_BODY);
    }

    static byte[] request(int port, byte[] body) {
        String head = """
                POST /v1/chat/completions HTTP/1.1
                host: 127.0.0.1:%d
                connection: keep-alive
                accept: application/json
                accept-encoding: gzip, deflate
                authorization: Bearer nvapi-of-the-client
                content-type: application/json
                content-length: %d
                user-agent: OpenAI/JS 5.12.2
                x-stainless-arch: x64
                x-stainless-lang: js
                x-stainless-os: Linux
                x-stainless-package-version: 5.12.2
                x-stainless-retry-count: 0
                x-stainless-runtime: node
                x-stainless-runtime-version: v22.17.0
                x-stainless-timeout: 600

                """.formatted(port, body.length).replace("\n", "\r\n");
        return join(bytes(head), body);
    }

    /** What a browser sends for the dashboard's events. */
    static byte[] viewerRequest(int port) {
        return bytes("""
                GET /api/dashboard/stream HTTP/1.1
                host: 127.0.0.1:%d
                accept: text/event-stream
                cache-control: no-cache
                sec-fetch-mode: cors
                sec-fetch-site: same-origin

                """.formatted(port).replace("\n", "\r\n"));
    }

    /** A request for a plain answer with a long talk before it, of exactly so many bytes. */
    static byte[] talk(int bytes) {
        String turn = """
                {"role":"user","content":"And what if the provider is slow on that day, and the next one too?"},\
                {"role":"assistant","content":"Then the line grows until its limit, and whoever comes after that is \
                told at once when to come again, which is better than to wait for nothing."},""";
        String head = "{\"model\":\"meta/llama-3.1-8b-instruct\",\"messages\":[";
        String tail = "{\"role\":\"user\",\"content\":\"%s\"}],\"max_tokens\":256,\"user\":\"crowd\",\"stream\":false}";
        int room = bytes - head.length() - tail.length() + "%s".length();
        if (room < 0) {
            throw new IllegalArgumentException("a talk has at least " + (bytes - room) + " bytes");
        }
        return bytes(head + turn.repeat(room / turn.length()) + tail.formatted("z".repeat(room % turn.length())));
    }

    static byte[] refusal(String status, String why) {
        byte[] body = bytes("{\"error\":{\"message\":\"" + why + "\"}}");
        return join(bytes(head(status, "application/json", "content-length: " + body.length)), body);
    }

    static byte[] join(byte[] first, byte[] second) {
        byte[] both = new byte[first.length + second.length];
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String head(String status, String type, String framing) {
        return """
                HTTP/1.1 %s
                content-type: %s
                %s
                date: Sun, 22 Nov 2026 00:00:00 GMT
                server: mock
                vary: Origin
                access-control-expose-headers: nvcf-reqid
                nvcf-reqid: 6f1a0b34-5f0e-4ab9-9f52-0d9f3c1e7a55
                nvcf-status: fulfilled

                """.formatted(status, type, framing).replace("\n", "\r\n");
    }

    private static byte[] chunk(String data) {
        return bytes(Integer.toHexString(data.length()) + "\r\n" + data + "\r\n");
    }

    private static byte[] requestBody(boolean stream) {
        return bytes("""
                {"model":"meta/llama-3.1-8b-instruct","messages":[{"role":"system","content":"You are a careful \
                assistant. Answer in plain words, name your sources where you have any, and say so when you do not \
                know."},{"role":"user","content":"What does a reverse proxy between an application and a language \
                model provider cost, in time per request and in memory, and how would you measure that on one machine \
                so that somebody else can repeat it and get the same figures within a few percent?"}],\
                "temperature":0.2,"top_p":0.9,"max_tokens":256,"seed":7,"user":"bench","stream":%s}"""
                .formatted(stream));
    }
}
