package dev.sidecar.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.files.WatchPace;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.PrometheusText;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each provider and each key is seen in every view, and one that fails does not hide those that serve. */
@ProgramTest
class SeveralProvidersStateTest {

    private static final WatchPace QUICK = new WatchPace(Duration.ofMillis(20), Duration.ofMillis(60));
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;
    private final FakeProvider ours = FakeProvider.start();
    private final FakeProvider elsewhere = FakeProvider.start();
    private Path file;
    private Sidecar sidecar;

    @BeforeEach
    void start() throws IOException {
        for (var key : List.of("team-a", "team-b", "team-c", "spare")) {
            Files.writeString(folder.resolve(key), "secret-of-" + key);
        }
        file = folder.resolve("sidecar.yaml");
        write("{name: team-a, file: team-a, rate-rpm: 600}", "{name: team-b, file: team-b, rate-rpm: 60}",
                "{name: team-c, file: team-c, account: team-b}");
        sidecar = Sidecar.ofFile(file, context -> context.registerBean(WatchPace.class, () -> QUICK),
                "sidecar.circuit-breaker.window-size=4", "sidecar.circuit-breaker.minimum-calls=4");
    }

    private void write(String... keysOfOurs) throws IOException {
        Files.writeString(file, """
                providers:
                  - name: ours
                    base-url: %s
                    keys: [%s]
                  - name: elsewhere
                    base-url: %s
                    keys: [{name: spare, file: spare, rate-rpm: 30}]
                    fallback-after: 10s
                """.formatted(ours.baseUrl(), String.join(", ", keysOfOurs), elsewhere.baseUrl()));
    }

    @AfterEach
    void stop() {
        sidecar.close();
        ours.close();
        elsewhere.close();
    }

    @Test
    void eachKeyAndEachProviderIsInTheStatusAsItIsDescribed() throws IOException {
        var status = status();
        assertThat(status.get("keys").findValuesAsText("name")).containsExactly("team-a", "team-b", "team-c", "spare");
        assertThat(status.at("/keys/2/account").asText()).isEqualTo("team-b");
        assertThat(status.at("/keys/0/account").isMissingNode()).isTrue();
        assertThat(status.at("/keys/0/rate_rpm").asInt()).isEqualTo(600);
        assertThat(status.at("/keys/3/rate_rpm").asInt()).isEqualTo(30);
        assertThat(status.get("providers").findValuesAsText("provider")).containsExactly("ours", "elsewhere");
        assertThat(status.at("/providers/1/fallback_after_seconds").asInt()).isEqualTo(10);
        assertThat(status.at("/providers/0/reachable").isMissingNode()).isTrue();
        assertDescribed(status);
        assertThat(text()).contains("provider   ours: not heard of yet, circuit closed\n",
                "provider   elsewhere: not heard of yet, circuit closed, for what has waited 10 s\n",
                "key        team-a: ok, 0 of 600 used, 600 a minute in force\n",
                "key        team-c (account team-b): ok, 0 of 60 used, 60 a minute in force\n");
        assertThat(text()).doesNotContain("secret-of");
    }

    @Test
    void aRevokedKeyIsNamedAndEverybodyIsServed() throws IOException {
        ours.script(request -> request.header("Authorization").orElse("").endsWith("team-a")
                ? Answer.error(401, "invalid_api_key", "revoked")
                : Answer.chat("Hello"));
        await().untilAsserted(() -> {
            post();
            assertThat(status().at("/condition/state").asText()).isEqualTo("key_out");
        });
        assertThat(post().status()).isEqualTo(200);
        var status = status();
        assertThat(status.at("/condition/severity").asText()).isEqualTo("warn");
        assertThat(status.at("/condition/headline").asText())
                .matches("Provider ours refuses key team-a \\(401\\) since \\d\\d:\\d\\d UTC\\.");
        assertThat(status.at("/keys/0/state").asText()).isEqualTo("refused");
        assertThat(status.at("/keys/1/state").asText()).isEqualTo("ok");
        assertDescribed(status);
        var ready = json(get("/health/ready"));
        assertThat(ready.get("ready").asBoolean()).isTrue();
        assertThat(ready.get("key_accepted").asBoolean()).isTrue();
        assertThat(ready.get("state").asText()).isEqualTo("key_out");
        await().untilAsserted(() -> {
            var metrics = metrics();
            assertThat(metrics.value("sidecar_key_state", "key", "team-a", "state", "refused")).isOne();
            assertThat(metrics.value("sidecar_key_state", "key", "team-b", "state", "ok")).isOne();
            assertThat(metrics.value("sidecar_condition_cause", "cause", "key_out")).isOne();
            assertThat(metrics.value("sidecar_condition_cause", "cause", "key_refused")).isZero();
        });
        assertThat(text()).contains("state      warn: Provider ours refuses key team-a (401) since ")
                .containsPattern("key {8}team-a: refused, \\d+ of 600 used, .*, provider said 401\n");
    }

    @Test
    void aProviderThatFailsIsOutAndTheOtherServes() throws IOException {
        ours.script(_ -> Answer.error(500, "broken", "broken"));
        await().untilAsserted(() -> {
            post();
            assertThat(status().at("/condition/state").asText()).isEqualTo("provider_out");
        });
        assertThat(post().header("X-Sidecar-Provider")).isEqualTo("elsewhere");
        var status = status();
        assertThat(status.at("/condition/headline").asText()).startsWith(
                "Provider ours is out: circuit open (latest: status 500), next probe in ")
                .endsWith("; elsewhere serves.");
        assertThat(status.at("/providers/0/out").asText()).isEqualTo("circuit_open");
        assertThat(status.at("/providers/0/circuit").asText()).isEqualTo("open");
        assertThat(status.at("/providers/1/circuit").asText()).isEqualTo("closed");
        assertThat(status.at("/circuit_breaker/state").asText()).isEqualTo("open");
        assertThat(status.get("keys").findValuesAsText("state").subList(0, 3)).containsOnly("circuit_open");
        assertThat(status.at("/keys/3/state").asText()).isEqualTo("ok");
        assertDescribed(status);
        assertThat(json(get("/health/ready")).get("ready").asBoolean()).isTrue();
        await().untilAsserted(() -> {
            var metrics = metrics();
            assertThat(metrics.value("sidecar_circuit_state", "provider", "ours", "state", "open")).isOne();
            assertThat(metrics.value("sidecar_circuit_state", "provider", "elsewhere", "state", "closed")).isOne();
            assertThat(metrics.value("sidecar_provider_out", "provider", "ours", "reason", "circuit_open")).isOne();
            assertThat(metrics.sum("sidecar_provider_out", "provider", "elsewhere")).isZero();
            assertThat(metrics.value("sidecar_condition_cause", "cause", "circuit_open")).isZero();
            assertThat(metrics.sum("sidecar_requests_total", "provider", "elsewhere", "outcome", "ok")).isPositive();
        });
        assertThat(text()).containsPattern("provider {3}ours: .*, circuit open, next probe in ");
    }

    @Test
    void withEveryProviderGoneItIsAnOutage() throws IOException {
        ours.stop();
        elsewhere.stop();
        await().untilAsserted(
                () -> assertThat(json(get("/health/ready")).get("state").asText()).isEqualTo("upstream_unreachable"));
        assertThat(get("/health/ready").status()).isEqualTo(503);
        assertDescribed(status());
        elsewhere.restart();
        await().untilAsserted(() -> assertThat(get("/health/ready").status()).isEqualTo(200));
        assertThat(status().at("/condition/state").asText()).isEqualTo("provider_out");
        assertDescribed(status());
    }

    @Test
    void keysAndProvidersFollowTheFile() throws IOException {
        write("{name: team-b, file: team-b, rate-rpm: 90}", "{name: team-a, file: team-a, account: team-b}");
        await().untilAsserted(() -> assertThat(status().get("keys").findValuesAsText("name"))
                .containsExactly("team-b", "team-a", "spare"));
        await().untilAsserted(() -> {
            var metrics = metrics();
            assertThat(metrics.samples("sidecar_key_tokens_available")).extracting(s -> s.labels().get("key"))
                    .containsExactlyInAnyOrder("team-a", "team-b", "spare");
            assertThat(metrics.value("sidecar_key_rate_rpm", "key", "team-a", "kind", "base")).isEqualTo(90);
        });
        Files.writeString(file, """
                providers:
                  - {name: new, base-url: %s, keys: [{name: spare, file: spare, rate-rpm: 30}]}
                """.formatted(elsewhere.baseUrl()));
        await().untilAsserted(() -> assertThat(status().get("keys")).hasSize(1));
        assertThat(status().has("providers")).isFalse();
        assertThat(status().at("/keys/0/provider").asText()).isEqualTo("new");
        await().untilAsserted(() -> assertThat(metrics().samples("sidecar_circuit_state"))
                .extracting(s -> s.labels().get("provider")).containsOnly("new"));
        assertThat(metrics().samples("sidecar_upstream_errors_total", "provider", "new")).isNotEmpty();
    }

    private void assertDescribed(JsonNode status) throws IOException {
        var document = OpenApiDocument.read(get("/api/openapi.json").text());
        assertThat(document.problems(document.json().at("/components/schemas/Status"), status)).isEmpty();
    }

    private PrometheusText metrics() throws IOException {
        return PrometheusText
                .parse(WireClient.exchange(sidecar.managementPort(), "GET", "/metrics", null).text());
    }

    private JsonNode status() throws IOException {
        return json(get("/status", "Accept", "application/json"));
    }

    private String text() throws IOException {
        return get("/status", "Accept", "text/plain").text();
    }

    private WireAnswer post() throws IOException {
        return WireClient.exchange(sidecar.port(), "POST", "/v1/chat/completions", "{\"model\":\"m\"}".getBytes(UTF_8),
                "Content-Type", "application/json");
    }

    private WireAnswer get(String path, String... fields) throws IOException {
        return WireClient.exchange(sidecar.port(), "GET", path, null, fields);
    }

    private static JsonNode json(WireAnswer answer) throws IOException {
        return JSON.readTree(answer.body());
    }
}
