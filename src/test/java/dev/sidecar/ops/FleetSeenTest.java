package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.PrometheusText;
import dev.sidecar.testkit.RedisServer;
import dev.sidecar.testkit.Sidecar;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Two replicas and a real Redis: every view of each shows the fleet. */
@ProgramTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FleetSeenTest {

    private static final int LIMIT = 4;
    private static final Duration A_WHILE = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static FakeProvider provider;
    private static RedisServer redis;
    private static Sidecar one;
    private static Sidecar other;
    private static OpenApiDocument document;

    @BeforeAll
    static void start() throws Exception {
        provider = FakeProvider.start();
        redis = RedisServer.start();
        one = replica("one", redis.url());
        other = replica("other", redis.url());
        document = OpenApiDocument.read(get(one, "/api/openapi.json").body());
    }

    @AfterAll
    static void stop() {
        one.close();
        other.close();
        redis.close();
        provider.close();
    }

    private static Sidecar replica(String name, String redisUrl) {
        return Sidecar.inFrontOf(provider.baseUrl(), "sidecar.redis-url=" + redisUrl, "sidecar.replica-id=" + name,
                "sidecar.rate-rpm=" + LIMIT, "sidecar.queue-timeout=600", "sidecar.log-level=OFF");
    }

    private static HttpResponse<String> get(Sidecar of, String path, String... headers) {
        return send(HttpRequest.newBuilder(of.uri(path)), headers);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, String... headers) {
        try {
            return CLIENT.send((headers.length == 0 ? request : request.headers(headers)).build(),
                    BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static HttpRequest.Builder chat(Sidecar of) {
        return HttpRequest.newBuilder(of.uri("/v1/chat/completions")).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"model\":\"m\"}"));
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
    }

    private static JsonNode status(Sidecar of) {
        return json(get(of, "/status").body());
    }

    private static PrometheusText metrics(Sidecar of) {
        return PrometheusText.parse(send(HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + of.managementPort() + "/metrics"))).body());
    }

    private static void awaitBoth(Predicate<JsonNode> shows) {
        await().atMost(A_WHILE).until(() -> shows.test(status(one)) && shows.test(status(other)));
    }

    private static void awaitShared() {
        awaitBoth(status -> status.at("/fleet/mode").asText().equals("shared")
                && status.at("/fleet/replicas").size() == 2 && status.at("/budget/limit").asInt() == LIMIT);
    }

    private static boolean isLeader(Sidecar replica) {
        var fleet = status(replica).get("fleet");
        return fleet.get("leader").asText().equals(fleet.get("replica").asText());
    }

    @Test
    @Order(1)
    void bothTellTheSameFleetOfWhichOneLeads() {
        awaitShared();
        awaitBoth(status -> status.at("/fleet/replicas").findValues("part_rpm").stream()
                .allMatch(part -> part.asInt() > 0));
        var first = status(one).get("fleet");
        var second = status(other).get("fleet");
        assertThat(first.get("replica").asText()).isEqualTo("one");
        assertThat(second.get("replica").asText()).isEqualTo("other");
        assertThat(first.get("leader")).isEqualTo(second.get("leader"));
        assertThat(first.get("replicas").findValuesAsText("id")).containsExactlyInAnyOrder("one", "other");
        assertThat(first.get("replicas").findValues("part_rpm")).extracting(JsonNode::asInt).containsExactly(2, 2);
        assertThat(first.get("redis_ms").asDouble()).isPositive();
        assertThat(document.problems(document.json().at("/components/schemas/Status"), status(one))).isEmpty();
        assertThat(json(get(one, "/health").body()).get("fleet").asText()).isEqualTo("ok");
        assertThat(get(one, "/status", "Accept", "text/plain").body())
                .containsPattern("fleet {6}shared, as one; (one|other) leads; a message takes [0-9.]+ ms");
    }

    @Test
    @Order(2)
    void eachShowsTheQueueAndTheBudgetOfBothAndCountsItsOwnRequests() {
        awaitShared();
        List<CompletableFuture<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < LIMIT + 2; i++) {
            calls.add(CLIENT.sendAsync(chat(i % 2 == 0 ? one : other).build(), BodyHandlers.ofString()));
        }
        awaitBoth(status -> status.at("/queue/current_size").asInt() == 2 && status.at("/budget/used").asInt() == LIMIT
                && status.get("line").size() == 2 && status.at("/clients/0/waiting").asInt() == 2
                && status.at("/keys/0/used").asInt() == LIMIT
                && status.at("/fleet/replicas").findValues("waiting").stream().mapToInt(JsonNode::asInt).sum() == 2);
        var first = status(one);
        assertThat(first.at("/queue/max_size").asInt()).isEqualTo(20_000);
        assertThat(first.at("/budget/left").asInt()).isZero();
        assertThat(first.at("/token_bucket/tokens").asDouble()).isZero();
        assertThat(first.at("/retreat/base_rpm").asInt()).isEqualTo(LIMIT);
        assertThat(first.at("/condition/causes/0/waiting").asInt()).isEqualTo(2);
        assertThat(first.at("/queue/total_enqueued").asInt()).isEqualTo(3);
        assertThat(one.throttle().size() + other.throttle().size()).isEqualTo(2);
        assertThat(document.problems(document.json().at("/components/schemas/Status"), first)).isEmpty();

        var both = List.of(metrics(one), metrics(other));
        assertThat(both).extracting(each -> each.value("sidecar_rate_rpm", "kind", "base")).containsExactly(2.0, 2.0);
        assertThat(both.stream().mapToDouble(each -> each.sum("sidecar_queue_depth")).sum()).isEqualTo(2);
        assertThat(both).allSatisfy(each -> assertThat(each.value("sidecar_condition", "state", "waiting")).isOne());
        calls.forEach(each -> each.cancel(true));
        awaitBoth(status -> status.at("/queue/current_size").asInt() == 0);
    }

    /** After requests of both: the leader is not asked by itself. */
    @Test
    @Order(3)
    void theMetricsOfAFleetAreThoseOfThePageAndOnlyAFollowerMeasuresGrants() throws IOException {
        awaitShared();
        var leader = metrics(isLeader(one) ? one : other);
        var follower = metrics(isLeader(one) ? other : one);
        var named = Pattern.compile("\\bsidecar_fleet_[a-z_]+").matcher(Files.readString(Path.of("deploy/METRICS.md")))
                .results().map(MatchResult::group).map(name -> name.replaceAll("_bucket$", "")).distinct().toList();
        assertThat(leader.families().keySet().stream()
                .filter(name -> name.startsWith("sidecar_fleet_") && !name.endsWith("_max")))
                .containsExactlyInAnyOrderElementsOf(named);
        assertThat(leader.samples("sidecar_fleet_mode")).extracting(each -> each.labels().get("mode"))
                .containsExactlyInAnyOrder("single", "shared", "alone", "rejoining");
        assertThat(leader.samples("sidecar_fleet_transitions_total")).extracting(each -> each.labels().get("to"))
                .containsExactlyInAnyOrder("shared", "alone", "rejoining");
        assertThat(leader.value("sidecar_fleet_mode", "mode", "shared")).isOne();
        assertThat(leader.sum("sidecar_fleet_mode")).isOne();
        assertThat(leader.value("sidecar_fleet_replicas")).isEqualTo(2);
        assertThat(leader.value("sidecar_fleet_transitions_total", "to", "shared")).isPositive();
        assertThat(leader.value("sidecar_fleet_grant_seconds_count")).isZero();
        assertThat(follower.value("sidecar_fleet_grant_seconds_count")).isPositive();
    }

    @Test
    @Order(4)
    void withoutRedisEachIsAloneWithItsPartAndStaysReady() {
        awaitShared();
        redis.kill();
        try {
            awaitBoth(status -> status.at("/fleet/mode").asText().equals("alone"));
            var status = status(one);
            assertThat(status.get("fleet").has("leader")).isFalse();
            assertThat(status.at("/fleet/replicas").findValuesAsText("id")).containsExactly("one");
            assertThat(status.at("/budget/limit").asInt()).isEqualTo(2);
            assertThat(status.at("/condition/state").asText()).isEqualTo("fleet_alone");
            assertThat(document.problems(document.json().at("/components/schemas/Status"), status)).isEmpty();
            assertThat(json(get(one, "/health").body()).get("fleet").asText()).isEqualTo("warning");
            var ready = get(one, "/health/ready");
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(json(ready.body()).get("state").asText()).isEqualTo("fleet_alone");
            await().atMost(A_WHILE).untilAsserted(() -> assertThat(
                    metrics(one).value("sidecar_condition_cause", "cause", "fleet_alone")).isOne());
            assertThat(metrics(one).value("sidecar_fleet_mode", "mode", "alone")).isOne();
        } finally {
            redis.restart();
        }
        awaitShared();
    }

    @Test
    @Order(5)
    void whoStartsWithoutRedisAndKnowsNoPartRefusesAndIsNotReady() {
        var nobody = RedisServer.start();
        nobody.kill();
        try (var lonely = replica("lonely", nobody.url())) {
            await().atMost(A_WHILE).until(() -> status(lonely).at("/condition/state").asText().equals("no_share"));
            var refused = send(chat(lonely));
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(json(refused.body()).at("/error/code").asText()).isEqualTo("no_share");
            assertThat(json(refused.body()).at("/error/message").asText()).contains("no part of the limit");
            assertThat(retryAfter(refused)).isNotNull().matches("[1-9][0-9]*");
            var ready = get(lonely, "/health/ready");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(json(ready.body()).get("headline").asText()).contains("has no part of the limit");
            assertThat(get(lonely, "/health").statusCode()).isEqualTo(200);
            assertThat(document.problems(document.json().at("/components/schemas/Status"), status(lonely))).isEmpty();
            assertThat(document.problems(document.json().at("/components/schemas/Readiness"), json(ready.body())))
                    .isEmpty();
        }
    }

    private static @Nullable String retryAfter(HttpResponse<String> response) {
        return response.headers().firstValue("Retry-After").orElse(null);
    }
}
