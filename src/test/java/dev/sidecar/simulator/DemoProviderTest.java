package dev.sidecar.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class DemoProviderTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String HELLO = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";

    private static Vertx vertx;
    private static HttpClient client;

    private final AtomicLong now = new AtomicLong();
    private DemoProvider provider;

    @BeforeAll
    static void startVertx() {
        vertx = Vertx.vertx();
        client = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stopVertx() {
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @BeforeEach
    void startProvider() {
        start(new DemoSettings(0, 3, Duration.ZERO, Duration.ZERO, 12));
    }

    @AfterEach
    void stopProvider() {
        provider.close();
    }

    private void start(DemoSettings settings) {
        if (provider != null) {
            provider.close();
        }
        provider = new DemoProvider(vertx, settings, now::get);
        int port = provider.start();
        assertThat(provider.baseUrl()).isEqualTo("http://127.0.0.1:" + port);
    }

    @Test
    void itTellsWhenRequestsArrived() throws Exception {
        for (int i = 0; i < 4; i++) {
            now.addAndGet(1_000_000_000L);
            post(CHAT, HELLO);
        }
        get("/v1/models");

        JsonObject told = json(get("/arrivals"), 200);
        JsonArray times = told.getJsonArray("arrivals_ms");
        assertThat(times).hasSize(4);
        assertThat(times.getLong(3) - times.getLong(0)).isEqualTo(3000);
        assertThat(told.getLong("refused")).as("over the limit of 3").isEqualTo(1);
        assertThat(told.getJsonArray("tokens")).as("3 and 2 of the message, 12 of the response")
                .isEqualTo(new JsonArray().add(17).add(17).add(17).add(0));
        assertThat(told.getLong("refused_for_tokens")).isZero();
    }

    @Test
    void answersChatTheSameWayEveryTimeWithUsage() throws Exception {
        JsonObject answer = json(post(CHAT, HELLO), 200);
        assertThat(answer.getString("object")).isEqualTo("chat.completion");
        assertThat(answer.getString("model")).isEqualTo("m");
        JsonObject choice = answer.getJsonArray("choices").getJsonObject(0);
        assertThat(choice.getString("finish_reason")).isEqualTo("stop");
        String text = choice.getJsonObject("message").getString("content");
        assertThat(text).startsWith("Your prompt has 5 characters");
        JsonObject usage = answer.getJsonObject("usage");
        assertThat(usage.getInteger("completion_tokens")).isEqualTo(12);
        assertThat(usage.getInteger("total_tokens")).isEqualTo(usage.getInteger("prompt_tokens") + 12);

        JsonObject again = json(post(CHAT, HELLO), 200);
        assertThat(again.getJsonArray("choices")).isEqualTo(answer.getJsonArray("choices"));
        assertThat(again.getString("id")).isNotEqualTo(answer.getString("id"));
    }

    @Test
    void aShorterAnswerThanUsualEndsForItsLength() throws Exception {
        JsonObject request = new JsonObject(HELLO).put("max_tokens", 4).put("n", 2);
        JsonObject answer = json(post(CHAT, request.encode()), 200);
        assertThat(answer.getJsonArray("choices")).hasSize(2);
        JsonObject second = answer.getJsonArray("choices").getJsonObject(1);
        assertThat(second.getString("finish_reason")).isEqualTo("length");
        assertThat(second.getJsonObject("message").getString("content")).isEqualTo("Your prompt has 5");
        assertThat(answer.getJsonObject("usage").getInteger("completion_tokens")).isEqualTo(8);
    }

    @Test
    void nothingIsLongerThanTheRequestAllows() throws Exception {
        JsonObject json = new JsonObject(HELLO).put("max_completion_tokens", 2).put("response_format",
                new JsonObject().put("type", "json_object"));
        JsonObject tool = new JsonObject(HELLO).put("max_tokens", 1).put("tools",
                new JsonArray().add(new JsonObject().put("type", "function").put("function",
                        new JsonObject("""
                                {"name":"look","parameters":{"properties":{"where":{"type":"string"}}}}"""))));
        for (JsonObject request : List.of(json, tool)) {
            JsonObject answer = json(post(CHAT, request.encode()), 200);
            assertThat(answer.getJsonObject("usage").getInteger("completion_tokens")).isBetween(1, 2);
            assertThat(choice(answer).getString("finish_reason")).isEqualTo("length");
        }
    }

    @Test
    void streamsTheSameTextThatItAnswersWhole() throws Exception {
        String whole = json(post(CHAT, HELLO), 200).getJsonArray("choices").getJsonObject(0).getJsonObject("message")
                .getString("content");
        HttpResponse<String> streamed = post(CHAT, new JsonObject(HELLO).put("stream", true).encode());
        assertThat(streamed.headers().firstValue("content-type")).hasValue("text/event-stream; charset=utf-8");
        List<JsonObject> chunks = chunks(streamed.body());
        assertThat(chunks).hasSize(14).allSatisfy(chunk -> {
            assertThat(chunk.getString("object")).isEqualTo("chat.completion.chunk");
            assertThat(chunk.containsKey("usage")).isFalse();
        });
        assertThat(choice(chunks.getFirst()).getJsonObject("delta").getString("role")).isEqualTo("assistant");
        assertThat(choice(chunks.getLast()).getString("finish_reason")).isEqualTo("stop");
        assertThat(chunks.stream().map(chunk -> choice(chunk).getJsonObject("delta").getString("content", ""))
                .reduce("", String::concat)).isEqualTo(whole);
    }

    @Test
    void streamedUsageComesLastAndOnlyWhenAskedFor() throws Exception {
        JsonObject request = new JsonObject(HELLO).put("stream", true).put("stream_options",
                new JsonObject().put("include_usage", true));
        List<JsonObject> chunks = chunks(post(CHAT, request.encode()).body());
        assertThat(chunks.getLast().getJsonArray("choices")).isEmpty();
        assertThat(chunks.getLast().getJsonObject("usage").getInteger("completion_tokens")).isEqualTo(12);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void completesAPrompt(boolean stream) throws Exception {
        JsonObject request = new JsonObject().put("model", "m").put("prompt", new JsonArray().add("ab").add("abc"))
                .put("stream", stream);
        HttpResponse<String> response = post("/v1/completions", request.encode());
        String texts = stream
                ? chunks(response.body()).stream().map(chunk -> choice(chunk).getString("text")).reduce("",
                        String::concat)
                : json(response, 200).getJsonArray("choices").stream()
                        .map(choice -> ((JsonObject) choice).getString("text")).reduce("", String::concat);
        assertThat(texts).contains("Your prompt has 2 characters", "Your prompt has 3 characters");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"/v1/chat/completions | {\"messages\":[] | ",
            "/v1/chat/completions | {\"messages\":[]} trailing | ", "/v1/chat/completions | [] | ",
            "/v1/chat/completions | '' | ", "/v1/chat/completions | {\"messages\":[]} | model",
            "/v1/chat/completions | {\"model\":7} | model", "/v1/chat/completions | {\"model\":\" \"} | model",
            "/v1/chat/completions | {\"model\":\"m\"} | messages",
            "/v1/chat/completions | {\"model\":\"m\",\"messages\":[]} | messages",
            "/v1/chat/completions | {\"model\":\"m\",\"messages\":[1]} | messages[0]",
            "/v1/chat/completions | {\"model\":\"m\",\"messages\":[{\"role\":\"x\"}]} | messages[0].role",
            "/v1/chat/completions | {\"model\":\"m\",\"messages\":[{\"role\":\"user\"}],\"n\":0} | n",
            "/v1/chat/completions | {\"model\":\"m\",\"messages\":[{\"role\":\"user\"}],\"stream\":\"y\"} | stream",
            "/v1/completions | {\"model\":\"m\"} | prompt", "/v1/embeddings | {\"model\":\"m\",\"input\":[]} | input",
            "/v1/embeddings | {\"model\":\"m\",\"input\":\"a\",\"encoding_format\":\"x\"} | encoding_format"})
    void refusesWrongRequestsInOpenAisShape(String path, String body, String param) throws Exception {
        HttpResponse<String> response = post(path, body);
        JsonObject error = json(response, 400).getJsonObject("error");
        assertThat(error.fieldNames()).containsExactlyInAnyOrder("message", "type", "param", "code");
        assertThat(error.getString("type")).isEqualTo("invalid_request_error");
        assertThat(error.getString("param")).isEqualTo(param);
        assertThat(error.getString("message")).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource({"GET,/", "GET,/v1/chat/completions", "POST,/v1/models", "DELETE,/v1/models/m", "POST,/v1/unknown",
            "GET,/v1/models/unknown", "GET,/v1/models/%ZZ"})
    void everythingElseIsNotFound(String method, String path) throws Exception {
        if (path.contains("%ZZ")) {
            assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                    .startsWith("HTTP/1.1 404 ");
            return;
        }
        HttpResponse<String> response = client.send(HttpRequest.newBuilder(URI.create(provider.baseUrl() + path))
                .method(method, HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(json(response, 404).getJsonObject("error").getString("type")).isEqualTo("invalid_request_error");
    }

    @Test
    void refusesAboveTheLimitUntilTheSecondItNames() throws Exception {
        for (int i = 0; i < 3; i++) {
            json(post(CHAT, HELLO), 200);
        }
        now.addAndGet(Duration.ofMillis(20_500).toNanos());
        HttpResponse<String> refused = post(CHAT, HELLO);
        assertThat(json(refused, 429).getJsonObject("error").getString("code")).isEqualTo("rate_limit_exceeded");
        assertThat(refused.headers().firstValue("retry-after")).hasValue("40");
        now.addAndGet(Duration.ofSeconds(39).toNanos());
        assertThat(post(CHAT, HELLO).headers().firstValue("retry-after")).hasValue("1");
        now.addAndGet(Duration.ofMillis(500).toNanos());
        json(post(CHAT, HELLO), 200);
        assertThat(provider.accepted()).isEqualTo(4);
        assertThat(provider.refused()).isEqualTo(2);
    }

    @Test
    void countsEveryPostAndNothingElse() throws Exception {
        json(post("/v1/unknown", "x"), 404);
        json(post(CHAT, "not json"), 400);
        json(post("/v1/files", ""), 400);
        json(post(CHAT, HELLO), 429);
        assertThat(get("/v1/models").statusCode()).isEqualTo(200);
        assertThat(provider.requests()).isEqualTo(5);
    }

    @Test
    void thinksBeforeTheFirstByteAndPausesBetweenTokens() throws Exception {
        start(new DemoSettings(0, 3, Duration.ofMillis(60), Duration.ofMillis(10), 12));
        long start = System.nanoTime();
        assertThat(post(CHAT, HELLO).statusCode()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(60));
        start = System.nanoTime();
        assertThat(chunks(post(CHAT, new JsonObject(HELLO).put("stream", true).encode()).body())).hasSize(14);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(180));
    }

    @Test
    void stopsThinkingWhenTheClientIsGone() throws Exception {
        start(new DemoSettings(0, 3, Duration.ofMinutes(5), Duration.ZERO, 12));
        try (Socket socket = open(CHAT, HELLO)) {
            await().until(() -> provider.accepted() == 1);
            assertThat(socket.isConnected()).isTrue();
        }
        await().until(() -> provider.aborted() == 1);
    }

    @Test
    void stopsProducingWhenTheClientIsGone() throws Exception {
        start(new DemoSettings(0, 3, Duration.ZERO, Duration.ofMillis(5), 40_000));
        try (Socket socket = open(CHAT, new JsonObject(HELLO).put("stream", true).encode())) {
            assertThat(socket.getInputStream().readNBytes(500)).hasSize(500);
        }
        await().until(() -> provider.aborted() == 1);
        long tokens = provider.tokensStreamed();
        await().during(Duration.ofMillis(100)).atMost(Duration.ofSeconds(5))
                .until(() -> provider.tokensStreamed() == tokens);
    }

    @Test
    void aReaderWhoDoesNotReadStopsTheWriter() throws Exception {
        start(new DemoSettings(0, 3, Duration.ZERO, Duration.ZERO, 40_000));
        try (Socket socket = open(CHAT, new JsonObject(HELLO).put("stream", true).encode())) {
            await().until(() -> provider.tokensStreamed() > 0);
            await().during(Duration.ofMillis(100)).until(() -> provider.tokensStreamed() < 40_000);
            String all = new String(socket.getInputStream().readAllBytes(), UTF_8);
            assertThat(all).contains("data: [DONE]");
        }
        assertThat(provider.tokensStreamed()).isEqualTo(40_000);
        assertThat(provider.aborted()).isZero();
    }

    @Test
    void everyAnswerHasItsOwnRequestId() throws Exception {
        String first = post(CHAT, HELLO).headers().firstValue("x-request-id").orElseThrow();
        String second = get("/nowhere").headers().firstValue("x-request-id").orElseThrow();
        assertThat(first).startsWith("req-").isNotEqualTo(second);
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(provider.baseUrl() + path))
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(provider.baseUrl() + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private Socket open(String path, String body) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(provider.baseUrl()).getPort());
        socket.getOutputStream().write(("POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body).getBytes(UTF_8));
        return socket;
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(provider.baseUrl()).getPort())) {
            socket.getOutputStream().write(request.getBytes(UTF_8));
            return new String(socket.getInputStream().readAllBytes(), UTF_8);
        }
    }

    private static JsonObject json(HttpResponse<String> response, int status) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
        return new JsonObject(response.body());
    }

    private static List<JsonObject> chunks(String events) {
        assertThat(events).endsWith("\n\ndata: [DONE]\n\n");
        return events.lines().filter(line -> !line.isEmpty() && !line.equals("data: [DONE]")).map(line -> {
            assertThat(line).startsWith("data: {");
            return new JsonObject(line.substring("data: ".length()));
        }).toList();
    }

    private static JsonObject choice(JsonObject chunk) {
        return chunk.getJsonArray("choices").getJsonObject(0);
    }
}
