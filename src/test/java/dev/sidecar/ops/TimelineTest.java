package dev.sidecar.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireClient;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The picture of the minute: what was sent, what waits, what holds the budget down, and what was refused. */
@ProgramTest
class TimelineTest {

    private final FakeProvider provider = FakeProvider.start();
    private Sidecar sidecar;

    @BeforeEach
    void start() {
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.timeout=2", "sidecar.rate-rpm=5",
                "sidecar.bucket-capacity=5", "sidecar.queue-max=3", "sidecar.queue-timeout=3600");
    }

    @AfterEach
    void stop() {
        sidecar.close();
        provider.close();
    }

    @Test
    void eachSendIsThereWithWhatBecameOfIt() throws Exception {
        post("{\"model\":\"whole\"}", "X-Priority", "high");
        provider.script(_ -> Answer.error(404, "no", "no"));
        post("{\"model\":\"unknown\"}");
        provider.script(_ -> new Answer.CutMidStream(200, Header.list("Content-Type", "text/event-stream"),
                List.of("data: 1\n\n".getBytes(UTF_8)), Answer.Framing.CHUNKED, Duration.ZERO));
        post("{\"model\":\"cut\"}");
        send("GET", "/v1/models", null);
        provider.script(_ -> Answer.chatStream(Collections.nCopies(1_000, "t"), Duration.ofMillis(20)));
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/x", "{}".getBytes(UTF_8));
            client.readHead();
            await().untilAsserted(() -> assertThat(status().at("/timeline/sent"))
                    .extracting(sent -> sent.get("outcome").asText())
                    .containsExactly("running", "failed", "done", "done"));
            var sent = status().at("/timeline/sent");
            assertThat(sent).extracting(each -> each.path("model").asText("none")).containsExactly("none", "cut",
                    "unknown", "whole");
            assertThat(sent).extracting(each -> each.get("priority").asText()).containsExactly("normal", "normal",
                    "normal", "high");
            assertThat(sent).allSatisfy(each -> {
                assertThat(each.get("age_seconds").asDouble()).isBetween(0.0, 30.0);
                assertThat(each.get("wait_seconds").asDouble()).isBetween(0.0, 30.0);
            });
            assertThat(status().at("/budget/used").asInt()).isEqualTo(4);
        }
        await().untilAsserted(() -> assertThat(status().at("/timeline/sent/0/outcome").asText())
                .as("its client has left").isEqualTo("done"));
        assertThat(status().at("/timeline/window_seconds").asDouble()).isEqualTo(60.6);
    }

    @Test
    void aRefusalOfTheProviderIsAPauseAndARefusedSend() throws Exception {
        provider.script(_ -> Answer.tooManyRequests("Retry-After", "30"));
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/x", "{\"model\":\"m\"}".getBytes(UTF_8));
            await().untilAsserted(() -> assertThat(status().at("/timeline/spans")).hasSize(1));
            var span = status().at("/timeline/spans/0");
            assertThat(span.get("kind").asText()).isEqualTo("pause");
            assertThat(span.get("from_seconds").asDouble()).isBetween(-20.0, 0.0);
            assertThat(span.get("to_seconds").asDouble()).isBetween(10.0, 30.0);
            assertThat(status().at("/timeline/sent/0/outcome").asText()).isEqualTo("refused");
            assertThat(status().at("/line/0/deadline_seconds").asDouble()).isBetween(3_500.0, 3_600.0);
        }
    }

    @Test
    void whatIsRefusedIsCountedByReasonClassAndModel() throws Exception {
        sidecar.throttle().drain();
        post("{\"model\":\"m\"}", "X-Priority", "low");
        post("{\"model\":\"m\"}", "X-Priority", "low");
        sidecar.breaker().transitionToOpenState();
        post("{}", "X-Priority", "high");
        await().untilAsserted(() -> assertThat(status().get("refused")).hasSize(2));
        var refused = status().get("refused");
        assertThat(refused.get(0).get("last_seconds").asDouble()).isBetween(0.0, 30.0);
        assertThat(refused).extracting(row -> row.get("reason").asText() + " " + row.get("priority").asText() + " "
                + row.path("model").asText("none") + " " + row.get("count").asInt())
                .containsExactly("deadline_unreachable low m 2", "circuit_open high none 1");
        assertThat(
                new String(WireClient.exchange(sidecar.port(), "GET", "/status", null, "Accept", "text/plain").body(),
                        UTF_8))
                .containsPattern(" {8}2 low +[\\d.]+ s  deadline_unreachable, m\n")
                .containsPattern(" {8}1 high +[\\d.]+ s  circuit_open, -\n");
        sidecar.breaker().reset();
    }

    private JsonNode status() throws IOException {
        return new ObjectMapper().readTree(WireClient.exchange(sidecar.port(), "GET", "/status", null).body());
    }

    private void post(String body, String... headers) throws IOException {
        send("POST", "/v1/x", body, headers);
    }

    private void send(String method, String path, @Nullable String body, String... headers) throws IOException {
        try (var client = WireClient.to(sidecar.port())) {
            var all = Stream.concat(Stream.of("Content-Type", "application/json"), Stream.of(headers));
            client.send(method, path, body == null ? null : body.getBytes(UTF_8), all.toArray(String[]::new));
            client.read();
        } catch (EOFException brokenOff) {
            // one of the endings
        }
    }
}
