package dev.sidecar.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sidecar.simulator.DemoProvider.KeyCounts;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A simulated provider that knows several keys. */
@Timeout(30)
class DemoKeysTest {

    private static final DemoSettings SETTINGS = new DemoSettings(0, 1000, Duration.ZERO, Duration.ZERO, 4)
            .withKeys(List.of(new DemoKey("key-a", 3, "sliding-log"), new DemoKey("key-b", 2, "strict-sliding-log")));

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
        start(SETTINGS);
    }

    @AfterEach
    void stopProvider() {
        provider.close();
    }

    @Test
    void eachKeyHasItsOwnLimit() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(post("key-a")).as("request %d", i + 1).isEqualTo(i < 3 ? 200 : 429);
        }
        assertThat(post("key-b")).isEqualTo(200);
        assertThat(provider.counts("key-a")).isEqualTo(new KeyCounts(3, 2, 0));
        assertThat(provider.counts("key-b")).isEqualTo(new KeyCounts(1, 0, 0));
        assertThat(provider.accepted()).isEqualTo(4);
        assertThat(provider.refused()).isEqualTo(2);
        assertThat(send("POST", "Authorization", "Bearer key-a").body()).contains("3 requests a minute");
    }

    @Test
    void eachKeyIsCountedInItsOwnWay() throws Exception {
        for (var key : List.of("key-a", "key-b")) {
            for (int i = 0; i < 4; i++) {
                post(key);
            }
        }
        pass(Duration.ofSeconds(59));
        post("key-a");
        post("key-b");
        pass(Duration.ofSeconds(2));
        assertThat(post("key-a")).as("refused ones do not count").isEqualTo(200);
        assertThat(post("key-b")).as("refused ones count: one is in the window").isEqualTo(200);
        assertThat(post("key-b")).isEqualTo(429);
    }

    @ParameterizedTest
    @CsvSource({"Authorization, Bearer key-a", "authorization, bearer key-a", "x-api-key, key-a", "api-key, key-a"})
    void aKeyIsReadFromAnyOfTheUsualFields(String field, String value) throws Exception {
        assertThat(send("POST", field, value).statusCode()).isEqualTo(200);
        assertThat(provider.counts("key-a").accepted()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"POST, Authorization, Bearer key-c", "GET, Authorization, Bearer key-c", "POST, Authorization, key-a",
            "GET, Authorization, Basic key-a", "POST, x-api-key, key-c", "POST, x-other, key-a", "POST, api-key, *"})
    void whatIsNoKeyOfTheProviderGets401(String method, String field, String value) throws Exception {
        var response = send(method, field, value);
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(code(response)).isEqualTo("invalid_api_key");
        assertThat(response.body()).doesNotContain("key-a", "key-c");
        assertThat(provider.accepted() + provider.refused()).isZero();
    }

    @Test
    void withoutConfiguredKeysAnyWillDo() throws Exception {
        start(new DemoSettings(0, 2, Duration.ZERO, Duration.ZERO, 4));
        assertThat(post("one")).isEqualTo(200);
        assertThat(send("POST", "x-other", "none").statusCode()).isEqualTo(200);
        assertThat(post("two")).as("one limit for all").isEqualTo(429);
        assertThatThrownBy(() -> provider.revoke("*")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRevokedKeyGets401ForEverythingUntilItIsRestored() throws Exception {
        post("key-a");
        provider.revoke("key-a");
        assertThat(post("key-a")).isEqualTo(401);
        assertThat(get("key-a")).isEqualTo(401);
        assertThat(post("key-b")).isEqualTo(200);
        assertThat(get("key-b")).isEqualTo(200);
        assertThat(provider.counts("key-a")).isEqualTo(new KeyCounts(1, 0, 2));
        provider.restore("key-a");
        assertThat(get("key-a")).isEqualTo(200);
        assertThat(List.of(post("key-a"), post("key-a"), post("key-a"))).as("what was denied used nothing")
                .containsExactly(200, 200, 429);
    }

    @Test
    void aKeyWithoutCreditGets402ButMayReadTheModels() throws Exception {
        provider.takeCredit("key-b");
        assertThat(post("key-b")).isEqualTo(402);
        assertThat(code(send("POST", "api-key", "key-b"))).isEqualTo("insufficient_quota");
        assertThat(get("key-b")).isEqualTo(200);
        assertThat(post("key-a")).isEqualTo(200);
        assertThat(provider.counts("key-b")).isEqualTo(new KeyCounts(0, 0, 2));
        provider.restore("key-b");
        assertThat(post("key-b")).isEqualTo(200);
    }

    @Test
    void aForbiddenModelGets403WithThisKeyAlone() throws Exception {
        provider.forbid("key-a", "m");
        var response = send("POST", "Authorization", "Bearer key-a");
        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(code(response)).isEqualTo("model_not_allowed");
        assertThat(post("key-b")).isEqualTo(200);
        assertThat(get("key-a")).isEqualTo(200);
        provider.forbid("key-b", "another model");
        assertThat(post("key-b")).isEqualTo(200);
        provider.restore("key-a");
        assertThat(post("key-a")).isEqualTo(200);
    }

    @Test
    void aKeyThatWasNotConfiguredIsAMistakeOfTheTestAndIsNotShown() {
        assertThatThrownBy(() -> provider.revoke("key-c")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("key-c");
        assertThatThrownBy(() -> provider.counts("key-c")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theWorkersOfAModelServeAllKeys() throws Exception {
        start(new DemoSettings(0, 1000, Duration.ofMinutes(5), Duration.ZERO, 4, "sliding-log", "seconds", false, 1,
                429,
                0, false).withKeys(SETTINGS.keys()));
        var running = sendAsync("key-a");
        await().until(() -> provider.accepted() == 1);
        assertThat(post("key-b")).isEqualTo(429);
        assertThat(provider.counts("key-b")).isEqualTo(new KeyCounts(0, 1, 0));
        running.cancel(true);
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

    private static String code(HttpResponse<String> response) {
        return new JsonObject(response.body()).getJsonObject("error").getString("code");
    }

    private int post(String key) throws Exception {
        return send("POST", "Authorization", "Bearer " + key).statusCode();
    }

    private int get(String key) throws Exception {
        return send("GET", "Authorization", "Bearer " + key).statusCode();
    }

    private HttpResponse<String> send(String method, String field, String value) throws Exception {
        return client.send(request(method, field, value), HttpResponse.BodyHandlers.ofString());
    }

    private CompletableFuture<HttpResponse<String>> sendAsync(String key) {
        return client.sendAsync(request("POST", "Authorization", "Bearer " + key),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String method, String field, String value) {
        var post = method.equals("POST");
        return HttpRequest.newBuilder(URI.create(provider.baseUrl() + (post ? "/v1/completions" : "/v1/models")))
                .version(HttpClient.Version.HTTP_1_1).header(field, value)
                .method(method, post
                        ? HttpRequest.BodyPublishers.ofString("{\"model\":\"m\",\"prompt\":\"hello\"}")
                        : HttpRequest.BodyPublishers.noBody())
                .build();
    }
}
