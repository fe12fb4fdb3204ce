package dev.sidecar.simulator;

import static java.time.format.DateTimeFormatter.RFC_1123_DATE_TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.simulator.limits.Shapes;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Collection;
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
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways in which the simulated provider can count and refuse, over HTTP and with a clock that the test moves. */
@Timeout(30)
class DemoLimitsTest {

    private static final String SLIDING_LOG = "sliding-log";
    private static final String MESSAGE = "ResourceExhausted: Worker local total request limit reached ";

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
        start(settings(12, SLIDING_LOG, "seconds", false));
    }

    @AfterEach
    void stopProvider() {
        provider.close();
    }

    static Collection<String> shapes() {
        return Shapes.names();
    }

    // ---- counting ----

    @ParameterizedTest
    @MethodSource("shapes")
    void everyShapeLetsInAgainAfterTheSecondsItNames(String shape) throws Exception {
        start(settings(12, shape, "seconds", false));
        for (int round = 0; round < 3; round++) {
            HttpResponse<String> last = untilRefused();
            assertThat(last.statusCode()).isEqualTo(429);
            assertThat(new JsonObject(last.body()).getJsonObject("error").getString("message"))
                    .isEqualTo("Rate limit reached: 12 requests a minute. Please try again later.");
            pass(Duration.ofSeconds(Long.parseLong(header(last, "retry-after"))));
            assertThat(post("m").statusCode()).isEqualTo(200);
        }
        assertThat(provider.refused()).isEqualTo(3);
    }

    @Test
    void shapesDifferInWhatTheyLetInAtOnce() throws Exception {
        assertThat(atOnce("sliding-log")).isEqualTo(12);
        assertThat(atOnce("token-bucket-7")).isEqualTo(7);
        assertThat(atOnce("token-bucket-2")).isEqualTo(2);
        assertThat(atOnce("sub-window")).isEqualTo(2);
    }

    @Test
    void theSecondUserTakesWhatTheFirstCannotHaveThen() throws Exception {
        start(new DemoSettings(0, 30, Duration.ZERO, Duration.ZERO, 4, SLIDING_LOG, "seconds", true, 0, 429, 10,
                false));
        assertThat(header(post("m"), "x-ratelimit-remaining-requests")).isEqualTo("29");
        pass(Duration.ofMinutes(10));
        assertThat(Integer.parseInt(header(post("m"), "x-ratelimit-remaining-requests"))).isBetween(16, 22);
        untilRefused();
        assertThat(provider.accepted()).isBetween(18L, 24L);
    }

    // ---- headers ----

    @Test
    void aDateIsTheFirstSecondAtWhichTheRequestIsLetIn() throws Exception {
        start(settings(1, SLIDING_LOG, "http-date", false));
        Instant before = Instant.now();
        post("m");
        pass(Duration.ofSeconds(20));
        // The provider's time of day began when it was made, and only the test moves it.
        Instant date = ZonedDateTime.parse(header(post("m"), "retry-after"), RFC_1123_DATE_TIME).toInstant();
        assertThat(date).isBetween(before.plusSeconds(50), before.plusSeconds(62));
    }

    @Test
    void millisecondsGoIntoAHeaderOfTheirOwn() throws Exception {
        start(settings(1, SLIDING_LOG, "retry-after-ms", false));
        post("m");
        pass(Duration.ofMillis(20_500));
        HttpResponse<String> refused = post("m");
        assertThat(header(refused, "retry-after-ms")).isEqualTo("39500");
        assertThat(refused.headers().firstValue("retry-after")).isEmpty();
    }

    @Test
    void aProviderMaySayNothingOrNonsense() throws Exception {
        start(settings(1, SLIDING_LOG, "none", false));
        post("m");
        HttpResponse<String> refused = post("m");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().map()).doesNotContainKeys("retry-after", "retry-after-ms");
        start(settings(1, SLIDING_LOG, "absurd", false));
        post("m");
        assertThat(header(post("m"), "retry-after")).isEqualTo("999999999");
    }

    @Test
    void rateLimitHeadersTellWhatIsLeftOnEveryPost() throws Exception {
        start(settings(2, SLIDING_LOG, "seconds", true));
        assertRateLimit(post("m"), 2, 1, "1m0s");
        pass(Duration.ofMillis(20_500));
        assertRateLimit(post("m"), 2, 0, "1m0s");
        pass(Duration.ofMillis(500));
        assertRateLimit(post("m"), 2, 0, "59.5s");
        assertThat(client.send(HttpRequest.newBuilder(URI.create(provider.baseUrl() + "/v1/models")).build(),
                HttpResponse.BodyHandlers.ofString()).headers().map()).doesNotContainKey("x-ratelimit-limit-requests");
    }

    @Test
    void rateLimitHeadersAreForThoseWhoWantThem() throws Exception {
        start(settings(2, SLIDING_LOG, "seconds", false));
        assertThat(post("m").headers().map().keySet()).noneMatch(name -> name.startsWith("x-ratelimit"));
    }

    // ---- workers ----

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void busyWorkersRefuseInTheProvidersWordsWithoutATime(int status) throws Exception {
        start(workers(32, status, Duration.ofMinutes(5)));
        List<CompletableFuture<HttpResponse<String>>> running = new ArrayList<>();
        // Others keep 24 of the 32 busy, and the clock stands still.
        for (int i = 0; i < 8; i++) {
            running.add(send("m"));
        }
        await().until(() -> provider.accepted() == 8);
        HttpResponse<String> refused = post("m");
        assertThat(refused.statusCode()).isEqualTo(status);
        assertThat(new JsonObject(refused.body()).getJsonObject("error").getString("message"))
                .isEqualTo(MESSAGE + "(32/32)");
        assertThat(new JsonObject(refused.body()).getJsonObject("error").getInteger("code")).isEqualTo(status);
        assertThat(refused.headers().map()).doesNotContainKeys("retry-after", "retry-after-ms");
        assertThat(provider.refused()).isEqualTo(1);
        running.forEach(request -> request.cancel(true));
    }

    @Test
    void aWorkerIsFreeAgainWhenTheAnswerHasEndedOrTheClientHasGone() throws Exception {
        start(workers(1, 429, Duration.ZERO));
        for (int i = 0; i < 3; i++) {
            assertThat(post("m").statusCode()).isEqualTo(200);
            assertThat(stream("m").statusCode()).isEqualTo(200);
        }
        start(workers(1, 429, Duration.ofMinutes(5)));
        CompletableFuture<HttpResponse<String>> leaving = send("m");
        await().until(() -> provider.accepted() == 1);
        assertThat(post("m").body()).contains(MESSAGE + "(1/1)");
        CompletableFuture<HttpResponse<String>> other = send("another model");
        await().until(() -> provider.accepted() == 2);
        leaving.cancel(true);
        await().until(() -> provider.aborted() == 1);
        CompletableFuture<HttpResponse<String>> next = send("m");
        await().until(() -> provider.accepted() == 3);
        other.cancel(true);
        next.cancel(true);
    }

    @Test
    void aRequestThatIsWrongDoesNotKeepItsWorker() throws Exception {
        start(workers(1, 429, Duration.ZERO));
        for (int i = 0; i < 2; i++) {
            assertThat(post("/v1/chat/completions", new JsonObject().put("model", "m")).statusCode()).isEqualTo(400);
        }
        assertThat(post("m").statusCode()).isEqualTo(200);
    }

    // ---- network ----

    @Test
    void theNetworkTakesItsTimeInBothDirections() throws Exception {
        start(new DemoSettings(0, 1, Duration.ZERO, Duration.ZERO, 4, SLIDING_LOG, "seconds", false, 0, 429, 0, true));
        for (int status : List.of(200, 429)) {
            long before = System.nanoTime();
            assertThat(post("m").statusCode()).isEqualTo(status);
            // At least 50 ms each way; a timer may be a millisecond early.
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(98));
        }
    }

    private void start(DemoSettings settings) {
        if (provider != null) {
            provider.close();
        }
        provider = new DemoProvider(vertx, settings, now::get);
        provider.start();
    }

    private static DemoSettings settings(int limit, String shape, String retryAfter, boolean headers) {
        return new DemoSettings(0, limit, Duration.ZERO, Duration.ZERO, 4, shape, retryAfter, headers, 0, 429, 0,
                false);
    }

    private static DemoSettings workers(int cap, int status, Duration thinkingTime) {
        return new DemoSettings(0, 1000, thinkingTime, Duration.ZERO, 4, SLIDING_LOG, "seconds", false, cap, status, 0,
                false);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private int atOnce(String shape) throws Exception {
        start(settings(12, shape, "seconds", false));
        untilRefused();
        return (int) provider.accepted();
    }

    private HttpResponse<String> untilRefused() throws Exception {
        HttpResponse<String> response = post("m");
        while (response.statusCode() == 200) {
            response = post("m");
        }
        return response;
    }

    private static void assertRateLimit(HttpResponse<String> response, int limit, int remaining, String reset) {
        assertThat(header(response, "x-ratelimit-limit-requests")).isEqualTo(Integer.toString(limit));
        assertThat(header(response, "x-ratelimit-remaining-requests")).isEqualTo(Integer.toString(remaining));
        assertThat(header(response, "x-ratelimit-reset-requests")).isEqualTo(reset);
    }

    private static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElseThrow(() -> new AssertionError(name + " is missing"));
    }

    private static JsonObject completion(String model) {
        return new JsonObject().put("model", model).put("prompt", "hello");
    }

    private HttpResponse<String> post(String model) throws Exception {
        return post("/v1/completions", completion(model));
    }

    private HttpResponse<String> stream(String model) throws Exception {
        return post("/v1/completions", completion(model).put("stream", true));
    }

    private HttpResponse<String> post(String path, JsonObject body) throws Exception {
        return client.send(request(path, body), HttpResponse.BodyHandlers.ofString());
    }

    private CompletableFuture<HttpResponse<String>> send(String model) {
        return client.sendAsync(request("/v1/completions", completion(model)), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String path, JsonObject body) {
        return HttpRequest.newBuilder(URI.create(provider.baseUrl() + path)).version(HttpClient.Version.HTTP_1_1)
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body.encode()))
                .build();
    }
}
