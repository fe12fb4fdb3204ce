package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.PrometheusText;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.RawClient.Received;
import dev.sidecar.testkit.RoutesFolder;
import dev.sidecar.testkit.Sidecar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong is seen in all views alike, and traffic alone is enough for that. */
@ProgramTest
class OneStateTest {

    private final FakeProvider provider = FakeProvider.start();
    private @Nullable Sidecar sidecar;

    @AfterEach
    void stop() {
        if (sidecar != null) {
            sidecar.close();
        }
        provider.close();
    }

    private Sidecar start(String... properties) {
        var all = new ArrayList<>(List.of(properties));
        all.add("sidecar.provider=acme");
        var started = Sidecar.inFrontOf(provider.baseUrl(), all.toArray(String[]::new));
        sidecar = started;
        return started;
    }

    // ---- the key ----

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aWrongKeyIsNamedInEveryView(int status) throws IOException {
        provider.script(_ -> Answer.error(status, "invalid_api_key", "Authorization failed"));
        var running = start();
        var answer = post(running, "meta/llama");
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("X-Sidecar-Key-Refused")).isEqualTo("acme");
        assertThat(answer.text()).contains("Authorization failed");
        // One request is no proof. It makes the sidecar ask for the models, with the same key.
        await().until(() -> state(running).equals("key_refused"));

        var status1 = status(running);
        assertThat(status1.at("/condition/severity").asText()).isEqualTo("bad");
        assertThat(status1.at("/condition/causes/0/key").asText()).isEqualTo("acme");
        assertThat(status1.at("/condition/causes/0/status").asInt()).isEqualTo(status);
        assertThat(status1.at("/condition/causes/0/since").asDouble())
                .isBetween(status1.get("timestamp").asDouble() - 60, status1.get("timestamp").asDouble());
        assertThat(status1.at("/keys/0/provider").asText()).isEqualTo("acme");
        assertThat(status1.at("/keys/0/name").asText()).isEqualTo("acme");
        assertThat(status1.at("/keys/0/state").asText()).isEqualTo("refused");
        assertThat(status1.at("/condition/headline").asText())
                .matches("Provider refuses key acme \\(" + status + "\\) since \\d\\d:\\d\\d UTC\\.");
        assertSaidAlike(running, status1.get("condition"));
        assertThat(text(running)).contains("key        acme: refused");
        var ready = get(running.port(), "/health/ready");
        assertThat(ready.status()).as("other replicas have the same key").isEqualTo(200);
        assertThat(json(ready).get("ready").asBoolean()).isTrue();
        assertThat(json(ready).get("key_accepted").asBoolean()).isFalse();
        assertThat(keyState(running)).containsExactlyInAnyOrderEntriesOf(
                Map.of("ok", 0.0, "paused", 0.0, "refused", 1.0, "circuit_open", 0.0));

        provider.script(_ -> Answer.chat("Hello"));
        assertThat(post(running, "meta/llama").headers())
                .noneMatch(header -> header.name().equalsIgnoreCase("X-Sidecar-Key-Refused"));
        assertThat(state(running)).isEqualTo("serving");
        assertThat(json(get(running.port(), "/health/ready")).get("key_accepted").asBoolean()).isTrue();
        assertThat(keyState(running)).containsExactlyInAnyOrderEntriesOf(
                Map.of("ok", 1.0, "paused", 0.0, "refused", 0.0, "circuit_open", 0.0));
    }

    @Test
    void aModelThatTheKeyMayNotUseIsNoWrongKey() throws IOException {
        provider.script(request -> request.method().equals("POST") && request.bodyText().contains("secret")
                ? Answer.error(403, "forbidden", "not yours")
                : Answer.chat("Hello"));
        var running = start();
        assertThat(post(running, "secret-model").header("X-Sidecar-Key-Refused")).isEqualTo("acme");
        await().until(() -> status(running).at("/upstream/source").asText().equals("probe"));
        var status = status(running);
        assertThat(status.at("/condition/state").asText()).isEqualTo("key_refused_for_model");
        assertThat(status.at("/condition/causes/0/model").asText()).isEqualTo("secret-model");
        assertThat(status.at("/keys/0/state").asText()).isEqualTo("ok");
        assertThat(status.at("/keys/0/refused_model").asText()).isEqualTo("secret-model");
        assertThat(json(get(running.port(), "/health/ready")).get("key_accepted").asBoolean()).isTrue();
        assertThat(text(running))
                .contains("state      warn: Provider refuses key acme (403) for model secret-model since ");
        assertSaidAlike(running, status.get("condition"));
        post(running, "meta/llama");
        assertThat(state(running)).isEqualTo("serving");
    }

    @Test
    void aClientIsNotToldOfTheKeyWhereTheProviderHasSentThatHeader() {
        provider.script(_ -> new Answer.Full(200, Header.list("X-Sidecar-Key-Refused", "forged"),
                new byte[0]));
        assertThat(post(start(), "meta/llama").headers())
                .noneMatch(header -> header.name().equalsIgnoreCase("X-Sidecar-Key-Refused"));
    }

    // ---- reachable ----

    @Test
    void aRequestShowsThatTheProviderIsThereAndThatItIsGone() {
        var running = start("sidecar.timeout=2", "sidecar.queue-timeout=2");
        assertThat(status(running).at("/upstream/state").asText()).isEqualTo("unknown");
        post(running, "meta/llama");
        var upstream = status(running).get("upstream");
        assertThat(upstream.get("state").asText()).isEqualTo("reachable");
        assertThat(upstream.get("source").asText()).isEqualTo("request");
        assertThat(upstream.get("age_seconds").isNumber()).isTrue();
        provider.stop();
        await().untilAsserted(() -> {
            assertThat(post(running, "meta/llama").status()).isEqualTo(502);
            assertThat(state(running)).isEqualTo("upstream_unreachable");
        });
        assertThat(status(running).at("/upstream/state").asText()).isEqualTo("unreachable");
        assertThat(text(running)).contains("bad: Provider unreachable since ");
    }

    // ---- the circuit ----

    @Test
    void anOpenCircuitIsTheState() throws IOException {
        provider.script(_ -> Answer.error(500, "broken", "broken"));
        var running = start("sidecar.circuit-breaker.window-size=4", "sidecar.circuit-breaker.minimum-calls=4");
        for (int i = 0; i < 4; i++) {
            post(running, "meta/llama");
        }
        var condition = status(running).get("condition");
        assertThat(condition.get("state").asText()).isEqualTo("circuit_open");
        assertThat(condition.at("/causes/0/failed").asInt()).isEqualTo(4);
        assertThat(condition.at("/causes/0/calls").asInt()).isEqualTo(4);
        assertThat(condition.at("/causes/0/probe_seconds").asDouble()).isBetween(1.0, 60.0);
        assertThat(status(running).at("/keys/0/state").asText()).isEqualTo("circuit_open");
        assertThat(text(running))
                .contains("bad: Circuit open: 4 of 4 calls failed (latest: status 500); next probe in ");
        assertThat(json(get(running.port(), "/health/ready")).get("state").asText()).isEqualTo("circuit_open");
        assertThat(gauges(running, "sidecar_condition", "state")).containsExactly("circuit_open");
        assertThat(gauges(running, "sidecar_condition_cause", "cause")).contains("circuit_open");
    }

    // ---- those who wait ----

    @Test
    void thoseWhoWaitAreToldOfWithTheirAge() {
        var running = start("sidecar.rate-rpm=1", "sidecar.bucket-capacity=1", "sidecar.queue-timeout=3600");
        post(running, "meta/llama");
        try (var client = RawClient.to(running.port())) {
            client.send(request("meta/llama"));
            await().until(() -> running.throttle().size() == 1);
            assertThat(state(running)).isEqualTo("waiting");
            await().until(() -> status(running).at("/condition/causes/0/longest_seconds").asDouble() > 0.1);
            assertThat(text(running))
                    .contains("state      busy: Serving. Next slot in ", "           1 waits, longest ")
                    .containsPattern(
                            "normal +1   the longest for [\\d.]+ s   waits of the last minute|normal +1   the longest for");
        }
    }

    @Test
    void lowIsSaidToWaitShort() {
        var running = start("sidecar.low-timeout=7");
        assertThat(status(running).at("/queue/low_timeout_seconds").asDouble()).isEqualTo(7);
        assertThat(text(running)).contains("low waits 7.0 s at most and is then refused (SIDECAR_LOW_TIMEOUT)");
    }

    // ---- the routes ----

    @Test
    void anEditOfTheRoutesThatWasRefusedIsOnTopOfTheText(@TempDir Path folder) {
        var routes = RoutesFolder.in(folder);
        var running = start("sidecar.routes-dir=" + folder);
        routes.edit("ops.camel.yaml", "ref: readiness", "ref: readines");
        await().until(() -> state(running).equals("routes_refused"));
        assertThat(text(running).lines().limit(4)).anyMatch(line -> line.startsWith(
                "state      warn: Route edit of "));
        assertThat(text(running)).contains(" refused: ops.camel.yaml:");
        assertThat(json(get(running.port(), "/health/ready")).get("ready").asBoolean()).isTrue();
    }

    // ---- helpers ----

    /** Text, readiness and metrics use the same words and the same state. */
    private static void assertSaidAlike(Sidecar sidecar, JsonNode condition) throws IOException {
        var headline = condition.get("headline").asText();
        var detail = condition.get("detail").asText();
        var state = condition.get("state").asText();
        assertThat(text(sidecar)).contains(": " + headline + "\n           " + detail + "\n");
        var ready = json(get(sidecar.port(), "/health/ready"));
        assertThat(ready.get("headline").asText()).isEqualTo(headline);
        assertThat(ready.get("detail").asText()).isEqualTo(detail);
        assertThat(ready.get("state").asText()).isEqualTo(state);
        assertThat(gauges(sidecar, "sidecar_condition", "state")).containsExactly(state);
        assertThat(gauges(sidecar, "sidecar_condition_cause", "cause")).containsExactlyInAnyOrderElementsOf(
                condition.get("causes").valueStream().map(cause -> cause.get("code").asText()).toList());
    }

    /** The values of the label whose gauge is 1. */
    private static List<String> gauges(Sidecar sidecar, String name, String label) throws IOException {
        return PrometheusText.parse(get(sidecar.managementPort(), "/metrics").text()).samples(name).stream()
                .filter(sample -> sample.value() == 1).map(sample -> sample.labels().get(label)).toList();
    }

    private static String state(Sidecar sidecar) {
        return status(sidecar).at("/condition/state").asText();
    }

    private static JsonNode status(Sidecar sidecar) {
        return json(get(sidecar.port(), "/status"));
    }

    private static String text(Sidecar sidecar) {
        return get(sidecar.port(), "/status", "Accept: text/plain").text();
    }

    private static Map<String, Double> keyState(Sidecar sidecar) throws IOException {
        var scraped = PrometheusText.parse(get(sidecar.managementPort(), "/metrics").text());
        var states = new HashMap<String, Double>();
        for (var sample : scraped.samples("sidecar_key_state")) {
            assertThat(sample.labels()).containsOnlyKeys("key", "state").containsEntry("key", "acme");
            states.put(sample.labels().get("state"), sample.value());
        }
        return states;
    }

    private static Received post(Sidecar to, String model) {
        try (var client = RawClient.to(to.port())) {
            return client.send(request(model)).receive();
        }
    }

    private static String request(String model) {
        var body = "{\"model\":\"" + model + "\"}";
        return "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
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
