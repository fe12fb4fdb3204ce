package dev.sidecar.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RecordedRequest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireClient;
import dev.sidecar.throttle.budget.TokenFigures;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A provider that limits tokens too: what responses cost, however they say it, decides who goes next. */
@ProgramTest
class TokensTest {

    private static final int LIMIT = 100_000;
    /** Of a prompt that takes three quarters of the limit. */
    private static final int LONG = 300_000;
    private static final String USAGE = "\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}";

    private static HttpClient http;
    private static FakeProvider provider;
    private static Sidecar sidecar;

    private long before;

    @BeforeAll
    static void start() {
        http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.rate-tpm=" + LIMIT);
    }

    @BeforeEach
    void look() {
        await().untilAsserted(() -> assertThat(figures().reserved()).isZero());
        before = figures().used();
    }

    @AfterAll
    static void stop() {
        http.close();
        sidecar.close();
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    /** What responses have cost since the test has begun; none of it is older than a minute. */
    private long spent() {
        return figures().used() - before;
    }

    @Test
    void aLongPromptWaitsUntilTheOneBeforeHasSettled() throws Exception {
        provider.script(request -> isNamed("first", request)
                ? answer(40, 10).after(Duration.ofMillis(1_500))
                : answer(40, 10));
        int sent = provider.requests().size() + 1;
        var first = send("first", LONG, "");
        provider.awaitRequests(sent, Duration.ofSeconds(10));
        var second = send("second", LONG, "");
        await().untilAsserted(() -> assertThat(status()).contains("\"waits_for\":\"tokens\""));
        assertThat(provider.requests()).hasSize(sent);
        assertThat(first.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(second.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        await().untilAsserted(() -> assertThat(spent()).isEqualTo(100));
        assertThat(status())
                .containsPattern("\"model_tokens\":\\{\"allowed\":100000,\"used\":[1-9]\\d*,\"reserved\":0}");
        assertThat(metrics()).containsPattern("sidecar_key_model_tokens\\{key=\"nvidia\",kind=\"used\"} [1-9]");
        await().untilAsserted(() -> assertThat(metrics())
                .containsPattern("sidecar_model_tokens_total\\{client=\"anonymous\",direction=\"input\"} [1-9]")
                .containsPattern("sidecar_model_tokens_total\\{client=\"anonymous\",direction=\"output\"} [1-9]"));
    }

    @Test
    void aStreamSettlesWithItsLastChunkAndKeepsItsBytes() throws Exception {
        var events = List.of("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":null}\n\n",
                "data: {\"choices\":[]," + USAGE.formatted(30, 7, 37) + "}\n\n", "data: [DONE]\n\n");
        provider.script(_ -> stream(events));
        var answered = send("stream", 100, ",\"stream\":true").get(10, TimeUnit.SECONDS);
        assertThat(answered.body()).isEqualTo(String.join("", events));
        await().untilAsserted(() -> assertThat(spent()).isEqualTo(37));
    }

    @Test
    void aStreamThatDoesNotSayItIsCountedByItsEvents() throws Exception {
        provider.script(_ -> Answer.chatStream(List.of("a", "b", "c", "d", "e", "f"), Duration.ZERO));
        send("stream", 100, ",\"stream\":true").get(10, TimeUnit.SECONDS);
        // the input is estimated from some 170 bytes; six tokens, the end, and [DONE]
        await().untilAsserted(() -> assertThat(spent()).isBetween(8L + 30, 8L + 60));
        assertThat(figures().reserved()).isZero();
    }

    @Test
    void whoLeavesPaysForWhatHasComeUntilThen() throws IOException {
        provider.script(
                _ -> Answer.chatStream(List.of("a", "b", "c", "d", "e", "f", "g", "h"), Duration.ofMillis(300)));
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/chat/completions",
                    body("gone", 100, ",\"stream\":true").getBytes(StandardCharsets.UTF_8), "Content-Type",
                    "application/json");
            client.readHead();
        }
        await().untilAsserted(() -> assertThat(figures().reserved()).isZero());
        assertThat(spent()).isBetween(30L, 70L);
    }

    @Test
    void aRefusedRequestCostsNothing() throws Exception {
        provider.script(FakeProvider.inOrder(Answer.tooManyRequests("Retry-After", "0"), answer(20, 5)));
        assertThat(send("again", 100, "").get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        await().untilAsserted(() -> assertThat(spent()).isEqualTo(25));
        provider.script(_ -> Answer.error(400, "bad", "no"));
        assertThat(send("bad", 100, "").get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(400);
        await().untilAsserted(() -> assertThat(spent()).isEqualTo(25));
    }

    @Test
    void aDeadProviderLeavesNoReservationBehind() throws Exception {
        provider.script(_ -> new Answer.ResetBeforeHead());
        assertThat(send("dead", 100, "").get(60, TimeUnit.SECONDS).statusCode()).isGreaterThanOrEqualTo(500);
        await().untilAsserted(() -> assertThat(figures().reserved()).isZero());
    }

    private static boolean isNamed(String who, RecordedRequest request) {
        return request.bodyText().contains("\"user\":\"" + who + "\"");
    }

    private static Answer.Full answer(int input, int output) {
        return Answer.json(200, "{\"id\":\"x\",\"choices\":[]," + USAGE.formatted(input, output, input + output) + "}");
    }

    private static Answer stream(List<String> events) {
        return new Answer.Chunked(200, Header.list("Content-Type", "text/event-stream"),
                events.stream().map(each -> each.getBytes(StandardCharsets.UTF_8)).toList(), Duration.ZERO);
    }

    private static CompletableFuture<HttpResponse<String>> send(String who, int bytes, String more) {
        return http.sendAsync(
                HttpRequest.newBuilder(sidecar.uri("/v1/chat/completions")).header("Content-Type", "application/json")
                        .header("X-Request-Timeout-Ms", who.equals("dead") ? "2000" : "30000")
                        .POST(BodyPublishers.ofString(body(who, bytes, more))).build(),
                BodyHandlers.ofString());
    }

    private static String body(String who, int bytes, String more) {
        return "{\"model\":\"%1$s\",\"user\":\"%1$s\",\"max_tokens\":100%2$s,\"messages\":[{\"role\":\"user\",\"content\":\"%3$s\"}]}"
                .formatted(who, more, "x".repeat(bytes));
    }

    private static TokenFigures figures() {
        return sidecar.throttle().snapshot().modelTokens().orElseThrow();
    }

    private String status() throws IOException, InterruptedException {
        return get(sidecar.uri("/status").toString());
    }

    private String metrics() throws IOException, InterruptedException {
        return get("http://127.0.0.1:" + sidecar.managementPort() + "/metrics");
    }

    private String get(String address) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString()).body();
    }
}
