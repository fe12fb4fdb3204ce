package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.RawClient.Received;
import dev.sidecar.testkit.Sidecar;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators and orchestrators see, on both ports. */
@ProgramTest
class HealthTest {

    private static final Duration A_WHILE = Duration.ofSeconds(15);

    private static FakeProvider provider;
    private static Sidecar sidecar;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl());
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        provider.close();
    }

    @Test
    void healthSaysThatTheProcessLivesAndWhichOne() {
        var answer = get("/health");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        var health = json(answer);
        assertThat(health.fieldNames()).toIterable().containsExactlyInAnyOrder("status", "uptime", "version",
                "routes", "state", "fleet");
        assertThat(health.get("fleet").asText()).isEqualTo("off");
        assertThat(health.get("state").asText()).isEqualTo("off");
        assertThat(health.get("status").asText()).isEqualTo("ok");
        assertThat(health.get("uptime").isNumber()).isTrue();
        assertThat(health.get("uptime").asDouble()).isPositive();
        assertThat(health.get("version").asText()).matches("development|[0-9]+\\.[0-9]+.*");
    }

    @Test
    void readyFollowsTheProviderDownAndUpAgainWhileHealthStays() {
        await().atMost(A_WHILE).until(() -> get("/health/ready").status() == 200);
        assertThat(get("/health/ready").text()).isEqualTo(
                "{\"ready\":true,\"upstream_reachable\":true,\"queue_healthy\":true,\"token_bucket_healthy\":true,\"key_accepted\":true,"
                        + "\"state\":\"serving\",\"headline\":\"Serving.\",\"detail\":\"Nobody waits. 1000000 of 1000000 slots are free.\"}");
        provider.stop();
        try {
            await().atMost(A_WHILE).until(() -> get("/health/ready").status() == 503);
            assertThat(get("/health/ready").text()).startsWith(
                    "{\"ready\":false,\"upstream_reachable\":false,\"queue_healthy\":true,\"token_bucket_healthy\":true,\"key_accepted\":true,"
                            + "\"state\":\"upstream_unreachable\",\"headline\":\"Provider unreachable since ");
            assertThat(json(get("/status")).at("/upstream/state").asText()).isEqualTo("unreachable");
            assertThat(get("/health").status()).isEqualTo(200);
        } finally {
            provider.restart();
        }
        await().atMost(A_WHILE).until(() -> get("/health/ready").status() == 200);
    }

    @Test
    void probingOftenDoesNotAskTheProviderOften() {
        var before = provider.requests().size();
        var start = System.nanoTime();
        for (var i = 0; i < 200; i++) {
            get("/health/ready");
        }
        var elapsed = Duration.ofNanos(System.nanoTime() - start);
        assertThat(provider.requests().size() - before)
                .isLessThanOrEqualTo(1 + (int) elapsed.dividedBy(UpstreamProbe.FRESH));
    }

    @Test
    void aLineThatIsNineTenthsFullIsNotReady() {
        try (var slow = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.rate-rpm=1", "sidecar.bucket-capacity=1",
                "sidecar.queue-max=10", "sidecar.queue-timeout=3600")) {
            var clients = new ArrayList<RawClient>();
            try {
                clients.add(post(slow)); // takes the minute's only slot
                await().atMost(A_WHILE)
                        .until(() -> json(get(slow.port(), "/status")).at("/queue/total_dequeued").asInt() == 1);
                for (var i = 0; i < 8; i++) {
                    clients.add(post(slow));
                }
                await().atMost(A_WHILE).until(() -> slow.throttle().size() == 8);
                assertThat(json(get(slow.port(), "/health/ready")).get("queue_healthy").asBoolean()).isTrue();
                clients.add(post(slow));
                await().atMost(A_WHILE).until(() -> slow.throttle().size() == 9);
                var answer = get(slow.port(), "/health/ready");
                assertThat(answer.status()).isEqualTo(503);
                assertThat(json(answer).get("queue_healthy").asBoolean()).isFalse();
                assertThat(json(answer).get("upstream_reachable").asBoolean()).isTrue();
                var queue = json(get(slow.port(), "/status")).get("queue");
                assertThat(queue.get("current_size").asInt()).isEqualTo(9);
                assertThat(queue.at("/per_priority/normal").asInt()).isEqualTo(9);
                assertThat(queue.get("max_size").asInt()).isEqualTo(10);
            } finally {
                clients.forEach(RawClient::close);
            }
            await().atMost(A_WHILE).until(() -> slow.throttle().size() == 0);
            assertThat(json(get(slow.port(), "/health/ready")).get("queue_healthy").asBoolean()).isTrue();
        }
    }

    @Test
    void statusHasEveryFieldAndEachIsOfItsType() {
        var status = json(get("/status"));
        for (var number : List.of("/timestamp", "/uptime_seconds", "/token_bucket/tokens", "/token_bucket/rate_rpm",
                "/retreat/effective_rpm", "/retreat/base_rpm", "/retreat/upstream_429_rate")) {
            assertThat(status.at(number).isNumber()).as(number).isTrue();
        }
        for (var count : List.of("/token_bucket/capacity", "/queue/max_size", "/queue/current_size",
                "/queue/per_priority/high", "/queue/per_priority/normal", "/queue/per_priority/low",
                "/queue/total_enqueued", "/queue/total_dequeued", "/queue/total_dropped", "/requests/total",
                "/requests/nvidia", "/requests/passthrough", "/requests/ratelimited", "/errors/queue_full_rejects",
                "/errors/upstream_errors")) {
            assertThat(status.at(count).isIntegralNumber()).as(count).isTrue();
        }
        assertThat(status.at("/retreat/state").asText()).isEqualTo("NORMAL");
        assertThat(status.get("timestamp").asDouble()).isCloseTo(System.currentTimeMillis() / 1000.0,
                org.assertj.core.data.Offset.offset(5.0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "text/plain; charset=utf-8", "TEXT/PLAIN", "text/plain, */*;q=0.1",
            "application/json;q=0.5, text/plain"})
    void statusIsAReadablePageForWhoeverPrefersText(String accept) {
        var answer = get(sidecar.port(), "/status", "Accept: " + accept);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(answer.text()).startsWith("NVIDIA Sidecar, up ").contains("budget     [", " used in the last 60 s",
                "rate       1000000 a minute of 1000000", "circuit closed", "waiting    0 of 10000 at most");
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "application/json", "application/json, text/plain;q=0.9", "text/plain;q=0, */*",
            "text/html,application/xhtml+xml,*/*;q=0.8", "text/*;q=0.1, application/json", "text/plain/x"})
    void andJsonForEverybodyElse(String accept) {
        assertThat(get(sidecar.port(), "/status", "Accept: " + accept).header("Content-Type"))
                .isEqualTo("application/json");
    }

    @Test
    void statusCountsRequestsByModelAndKeepsNoMoreThanFiftyNames() {
        try (var client = RawClient.to(sidecar.port())) {
            var before = json(get("/status")).get("requests");
            for (var i = 0; i < 60; i++) {
                var body = "{\"model\":\"model-" + i + "\"}";
                client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: sidecar\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + body.length() + "\r\n\r\n" + body);
                assertThat(client.receive().status()).isEqualTo(200);
            }
            client.send("GET /v1/models HTTP/1.1\r\nHost: sidecar\r\n\r\n");
            assertThat(client.receive().status()).isEqualTo(200);
            var requests = json(get("/status")).get("requests");
            assertThat(requests.get("nvidia").asInt() - before.get("nvidia").asInt()).isEqualTo(60);
            assertThat(requests.get("passthrough").asInt() - before.get("passthrough").asInt()).isEqualTo(1);
            assertThat(requests.get("total").asInt() - before.get("total").asInt()).isEqualTo(61);
        }
        await().atMost(A_WHILE).untilAsserted(() -> {
            var models = json(get("/status")).get("models");
            var names = new ArrayList<String>();
            var answered = 0L;
            for (var row : models) {
                names.add(row.get("model").asText());
                answered += row.get("requests").asLong();
                assertThat(row.get("latency_ms_avg").asDouble()).isPositive()
                        .isLessThanOrEqualTo(row.get("latency_ms_max").asDouble() + 0.001);
            }
            assertThat(names).doesNotHaveDuplicates().hasSize(51).contains("other");
            assertThat(answered).isGreaterThanOrEqualTo(60);
        });
    }

    @ParameterizedTest
    @CsvSource({"/health,application/json", "/health/ready,application/json", "/status,application/json",
            "/status,text/plain", "/api/dashboard/history,application/json",
            "/api/dashboard/topology,application/json"})
    void noCacheKeepsWhatIsTrueOnlyNow(String path, String accept) {
        var answer = get(sidecar.port(), path, "Accept: " + accept);
        assertThat(answer.header("Content-Type")).startsWith(accept);
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    }

    @Test
    void theBareAddressLeadsToTheDashboard() {
        var answer = get("/");
        assertThat(answer.status()).isEqualTo(302);
        assertThat(answer.header("Location")).isEqualTo("/api/dashboard");
    }

    @Test
    void theDashboardIsAPageThatLoadsNothingFromElsewhere() {
        var page = get("/api/dashboard");
        assertThat(page.status()).isEqualTo(200);
        assertThat(page.header("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(page.header("Content-Security-Policy")).contains("default-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe-inline");
        assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(page.headers()).noneMatch(header -> header.name().startsWith("Access-Control-"));
        assertThat(page.text()).startsWith("<!").doesNotContain("http://", "https://")
                .doesNotContainPattern("<script>|<style|style=");
        for (var part : Map.of("dashboard.css", "text/css", "dashboard.js", "text/javascript").entrySet()) {
            assertThat(page.text()).contains(part.getKey());
            var answer = get("/api/dashboard/assets/" + part.getKey());
            assertThat(answer.status()).as(part.getKey()).isEqualTo(200);
            assertThat(answer.header("Content-Type")).startsWith(part.getValue());
            // Asked for again after an upgrade, whatever a browser has kept.
            assertThat(answer.header("Cache-Control")).isEqualTo("no-cache");
            assertThat(answer.body()).isNotEmpty();
        }
    }

    // ---- the management port ----

    @Test
    void metricsArePrometheusText() {
        var answer = get(sidecar.managementPort(), "/metrics");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("text/plain;");
        var sample = Pattern
                .compile("[a-zA-Z_:][a-zA-Z0-9_:]*(\\{([a-zA-Z_][a-zA-Z0-9_]*=\"([^\"\\\\\\n]|\\\\.)*\",?)*})?"
                        + " (NaN|[+-]?Inf|[-+0-9.eE]+)( [0-9]+)?");
        var lines = answer.text().lines().filter(line -> !line.startsWith("#")).toList();
        assertThat(lines).isNotEmpty().allMatch(sample.asMatchPredicate());
        assertThat(answer.text()).contains("# TYPE jvm_memory_used_bytes gauge");
        assertThat(answer.text()).doesNotContain(Sidecar.API_KEY);
    }

    @Test
    void theActuatorTellsHealthAndBuild() {
        var health = get(sidecar.managementPort(), "/actuator/health");
        assertThat(health.status()).isEqualTo(200);
        assertThat(json(health).get("status").asText()).isEqualTo("UP");
        assertThat(get(sidecar.managementPort(), "/actuator/info").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator", "/actuator/env", "/env", "/heapdump", "/actuator/heapdump", "/threaddump",
            "/actuator/shutdown", "/shutdown", "/loggers", "/beans", "/configprops", "/mappings", "/conditions",
            "/camel",
            "/actuator/jolokia", "/actuator/hawtio", "/h2-console", "/application.properties", "/v1/models", "/status"})
    void nothingElseIsServedOnTheManagementPort(String path) {
        var answer = get(sidecar.managementPort(), path);
        assertThat(answer.status()).isEqualTo(404);
        assertThat(json(answer).at("/error/code").asText()).isEqualTo("not_found");
        assertThat(answer.text()).doesNotContain(Sidecar.API_KEY, "Exception");
    }

    // ---- helpers ----

    private static RawClient post(Sidecar to) {
        return RawClient.to(to.port())
                .send("POST /v1/chat/completions HTTP/1.1\r\nHost: sidecar\r\nContent-Length: 0\r\n\r\n");
    }

    private static Received get(String path) {
        return get(sidecar.port(), path);
    }

    private static Received get(int port, String path, String... fields) {
        try (var client = RawClient.to(port)) {
            return client.send("GET " + path + " HTTP/1.1\r\nHost: localhost:" + port + "\r\nConnection: close\r\n"
                    + String.join("", List.of(fields).stream().map(field -> field + "\r\n").toList()) + "\r\n")
                    .receive();
        }
    }

    private static JsonNode json(Received answer) {
        try {
            return new ObjectMapper().readTree(answer.text());
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + answer, e);
        }
    }
}
