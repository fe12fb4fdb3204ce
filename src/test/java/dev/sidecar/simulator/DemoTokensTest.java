package dev.sidecar.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.simulator.DemoProvider.TokenCounts;
import dev.sidecar.simulator.limits.TokenShapes;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulated provider's limit of tokens, over HTTP and with a clock that the test moves. */
@Timeout(30)
class DemoTokensTest {

    private static final String LOG = "sliding-log";

    private static Vertx vertx;
    private static HttpClient client;

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(30).toNanos());
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
        start(settings(1000, LOG, "arrival"));
    }

    @AfterEach
    void stopProvider() {
        provider.close();
    }

    static Collection<String> shapes() {
        return TokenShapes.names();
    }

    /** 97 tokens of input, and 20 of output. */
    @Test
    void aRequestCostsItsMessagesAndItsResponse() throws Exception {
        var response = chat(97, new JsonObject());
        assertThat(usage(response)).isEqualTo(new JsonObject().put("prompt_tokens", 97).put("completion_tokens", 20)
                .put("total_tokens", 117));
        assertFields(response, 1000, 883, "1m0s");
        assertThat(usage(chat(97, new JsonObject().put("max_tokens", 3))).getInteger("total_tokens")).isEqualTo(100);
        assertThat(provider.tokensUsed()).isEqualTo(217);
        assertThat(provider.refusedForTokens()).isZero();
    }

    @Test
    void theMessageOfARefusalIsOpenAis() throws Exception {
        chat(800, new JsonObject());
        pass(Duration.ofMillis(20_500));
        var refused = chat(250, new JsonObject());
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(new JsonObject(refused.body()).getJsonObject("error")).isEqualTo(new JsonObject()
                .put("message", "Rate limit reached for m on tokens per min (TPM): Limit 1000, Used 820, Requested 270."
                        + " Please try again in 39.5s.")
                .put("type", "tokens").put("param", null).put("code", "rate_limit_exceeded"));
        assertThat(refused.headers().firstValue("retry-after")).hasValue("40");
        assertFields(refused, 1000, 180, "39.5s");
        assertThat(provider.refused()).isEqualTo(1);
        assertThat(provider.refusedForTokens()).isEqualTo(1);
        assertThat(provider.tokensUsed()).as("it cost nothing").isEqualTo(820);
        assertThat(chat(150, new JsonObject()).statusCode()).as("a smaller one fits").isEqualTo(200);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void everyShapeLetsInAgainAfterTheSecondsItNames(String shape) throws Exception {
        start(settings(1000, shape, "arrival"));
        for (int round = 0; round < 3; round++) {
            var response = chat(300, new JsonObject());
            while (response.statusCode() == 200) {
                response = chat(300, new JsonObject());
            }
            pass(Duration.ofSeconds(Long.parseLong(response.headers().firstValue("retry-after").orElseThrow())));
            assertThat(chat(300, new JsonObject()).statusCode()).isEqualTo(200);
        }
        assertThat(provider.refusedForTokens()).isEqualTo(3);
    }

    @Test
    void theOutputOfAStreamCountsWhenItHasEnded() throws Exception {
        start(settings(1000, LOG, "both"));
        var stream = new JsonObject().put("stream", true).put("stream_options",
                new JsonObject().put("include_usage", true));
        var response = chat(980, stream);
        assertFields(response, 1000, 20, "1m0s");
        assertThat(response.body()).contains("\"usage\":{\"prompt_tokens\":980,\"completion_tokens\":20,"
                + "\"total_tokens\":1000}");
        assertThat(chat(10, stream).statusCode()).isEqualTo(429);
        assertThat(provider.tokensUsed()).isEqualTo(1000);
    }

    @Test
    void whatCountsAtTheEndMayExceedTheLimit() throws Exception {
        start(settings(1000, LOG, "end"));
        assertFields(chat(3000, new JsonObject()), 1000, 1000, "0s");
        var refused = chat(10, new JsonObject());
        assertThat(refused.body()).contains("Limit 1000, Used 3020, Requested 1.");
        assertFields(refused, 1000, 0, "1m0s");
    }

    @Test
    void whoLeavesIsChargedWhatWasProducedUntilThen() throws Exception {
        start(new DemoSettings(0, 1000, Duration.ZERO, Duration.ofMillis(5), 2000)
                .withTokens(10_000, LOG, "both"));
        var response = client.send(request(body(97).put("stream", true)), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream stream = response.body()) {
            assertThat(stream.readNBytes(2000)).hasSize(2000);
        }
        await().until(() -> provider.aborted() == 1);
        assertThat(provider.tokensUsed()).isBetween(98L, 1500L);
    }

    @Test
    void wrongRequestsAndRefusedOnesCostNoTokens() throws Exception {
        start(new DemoSettings(0, 2, Duration.ZERO, Duration.ZERO, 20)
                .withTokens(1000, LOG, "arrival"));
        var wrong = client.send(request(new JsonObject().put("model", "m")), HttpResponse.BodyHandlers.ofString());
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertFields(wrong, 1000, 1000, "0s");
        chat(80, new JsonObject());
        var refused = chat(80, new JsonObject());
        assertThat(refused.body()).contains("2 requests a minute");
        assertFields(refused, 1000, 900, "1m0s");
        assertThat(provider.refusedForTokens()).isZero();
    }

    @Test
    void withoutALimitTokensAreOnlyCounted() throws Exception {
        start(settings(0, LOG, "arrival"));
        assertThat(chat(1_000_000, new JsonObject()).headers().map().keySet())
                .noneMatch(name -> name.startsWith("x-ratelimit"));
        assertThat(provider.tokensUsed()).isEqualTo(1_000_020);
    }

    @Test
    void aProviderThatSaysNothingDoesNotSayItInTheMessageEither() throws Exception {
        start(new DemoSettings(0, 1000, Duration.ZERO, Duration.ZERO, 20, LOG, "none",
                false, 0, 429, 0, false).withTokens(100, LOG, "arrival"));
        chat(80, new JsonObject());
        var refused = chat(80, new JsonObject());
        assertThat(refused.body()).contains("Please try again later.");
        assertThat(refused.headers().map()).doesNotContainKey("retry-after");
    }

    @Test
    void eachKeyHasItsOwnTokens() throws Exception {
        start(new DemoSettings(0, 1000, Duration.ZERO, Duration.ZERO, 20)
                .withKeys(List.of(new DemoKey("key-a", 40, LOG, 100), new DemoKey("key-b", 40, LOG))));
        for (int i = 0; i < 2; i++) {
            chat(80, new JsonObject(), "key-a");
            chat(80, new JsonObject(), "key-b");
        }
        assertThat(provider.tokens("key-a")).isEqualTo(new TokenCounts(100, 1));
        assertThat(provider.tokens("key-b")).isEqualTo(new TokenCounts(200, 0));
    }

    private static DemoSettings settings(int tokens, String shape, String moment) {
        return new DemoSettings(0, 1000, Duration.ZERO, Duration.ZERO, 20).withTokens(tokens, shape, moment);
    }

    private void start(DemoSettings settings) {
        if (provider != null) {
            provider.close();
        }
        provider = new DemoProvider(vertx, settings, now::get);
        provider.start();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private static void assertFields(HttpResponse<?> response, int limit, int remaining, String reset) {
        var fields = response.headers();
        assertThat(fields.firstValue("x-ratelimit-limit-tokens")).hasValue(Integer.toString(limit));
        assertThat(fields.firstValue("x-ratelimit-remaining-tokens")).hasValue(Integer.toString(remaining));
        assertThat(fields.firstValue("x-ratelimit-reset-tokens")).hasValue(reset);
    }

    private static JsonObject usage(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return new JsonObject(response.body()).getJsonObject("usage");
    }

    private HttpResponse<String> chat(int input, JsonObject more) throws Exception {
        return chat(input, more, "any");
    }

    private HttpResponse<String> chat(int input, JsonObject more, String key) throws Exception {
        return client.send(request(body(input).mergeIn(more), key), HttpResponse.BodyHandlers.ofString());
    }

    /** A chat of one message of this many tokens. */
    private static JsonObject body(int input) {
        return new JsonObject().put("model", "m").put("messages", new JsonArray().add(
                new JsonObject().put("role", "user").put("content", "x".repeat((input - 3) * 4))));
    }

    private HttpRequest request(JsonObject body) {
        return request(body, "any");
    }

    private HttpRequest request(JsonObject body, String key) {
        return HttpRequest.newBuilder(URI.create(provider.baseUrl() + "/v1/chat/completions"))
                .version(HttpClient.Version.HTTP_1_1).header("Authorization", "Bearer " + key)
                .POST(HttpRequest.BodyPublishers.ofString(body.encode())).build();
    }
}
