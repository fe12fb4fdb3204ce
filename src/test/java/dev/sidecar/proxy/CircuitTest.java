package dev.sidecar.proxy;

import static dev.sidecar.proxy.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A provider that fails is left alone for a while, and found again by real requests. */
@ProgramTest
class CircuitTest {

    private static final Duration OPEN_FOR = Duration.ofMillis(700);

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private int before;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.circuit-breaker.window-size=6",
                "sidecar.circuit-breaker.minimum-calls=4", "sidecar.circuit-breaker.probes=1",
                "sidecar.circuit-breaker.open-for=" + OPEN_FOR.toMillis() + "ms");
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    @BeforeEach
    void begin() {
        Limits.open(sidecar);
        sidecar.breaker().reset();
        provider.script(request -> Answer.chat("Hello"));
        before = provider.requests().size();
    }

    private static WireAnswer post(String path, String... headers) throws IOException {
        return WireClient.exchange(sidecar.port(), "POST", path, utf8("{}"), headers);
    }

    private int tries() {
        return provider.requests().size() - before;
    }

    private static State state() {
        return sidecar.breaker().getState();
    }

    private static void assertCircuitOpen(WireAnswer answer) throws IOException {
        assertThat(answer.status()).as(answer.text()).isEqualTo(503);
        var error = new ObjectMapper().readTree(answer.body()).get("error");
        assertThat(error.get("code").asText()).isEqualTo("circuit_open");
        assertThat(error.get("type").asText()).isEqualTo("api_error");
        assertThat(answer.header("Retry-After")).isEqualTo("1");
        assertThat(answer.headers("X-Request-Id")).hasSize(1);
    }

    private static JsonNode circuitInStatus() throws IOException {
        var status = WireClient.exchange(sidecar.port(), "GET", "/status", null);
        return new ObjectMapper().readTree(status.body()).get("circuit_breaker");
    }

    private void open() throws IOException {
        provider.script(request -> Answer.error(500, "oops", "their words"));
        for (int i = 0; i < 4; i++) {
            var answer = post("/v1/fails");
            assertThat(answer.status()).isEqualTo(500);
            assertThat(answer.text()).as("the circuit does not replace it").contains("their words");
        }
        assertThat(state()).isEqualTo(State.OPEN);
    }

    @Test
    void itOpensAfterFailuresAndRefusesAtOnceAndAProbeClosesIt() throws IOException {
        assertThat(circuitInStatus().get("state").asText()).isEqualTo("closed");
        open();
        assertThat(circuitInStatus().get("state").asText()).isEqualTo("open");
        assertThat(circuitInStatus().get("failure_rate").asDouble()).isEqualTo(100.0);
        long began = System.nanoTime();
        assertCircuitOpen(post("/v1/while-open"));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(300));
        assertThat(tries()).isEqualTo(4);

        provider.script(request -> Answer.chat("Hello"));
        await().atMost(Duration.ofSeconds(3)).pollInterval(Duration.ofMillis(50))
                .until(() -> post("/v1/probe").status() == 200);
        assertThat(state()).isEqualTo(State.CLOSED);
    }

    @Test
    void aProbeThatFailsOpensItAgain() throws IOException {
        sidecar.breaker().transitionToOpenState();
        sidecar.breaker().transitionToHalfOpenState();
        provider.script(request -> Answer.error(500, "oops", "no"));
        assertThat(post("/v1/probe").status()).isEqualTo(500);
        assertThat(state()).isEqualTo(State.OPEN);
    }

    @Test
    void thoseWhoWaitAreRefusedTheMomentItOpens() throws Exception {
        Limits.close(sidecar, 100);
        try (var first = WireClient.to(sidecar.port()); var second = WireClient.to(sidecar.port())) {
            first.send("POST", "/v1/waits", utf8("{}"));
            second.send("POST", "/v1/waits", utf8("{}"), "X-Priority", "high");
            await().until(() -> sidecar.throttle().size() == 2);
            sidecar.breaker().transitionToOpenState();
            long opened = System.nanoTime();
            assertCircuitOpen(first.read());
            assertCircuitOpen(second.read());
            assertThat(Duration.ofNanos(System.nanoTime() - opened)).isLessThan(Duration.ofMillis(500));
        }
        assertThat(tries()).isZero();
    }

    @Test
    void whileAProbeIsUnderWayNobodyElseIsLetThroughAndItsSlotGoesBack() throws Exception {
        sidecar.breaker().transitionToOpenState();
        sidecar.breaker().transitionToHalfOpenState();
        provider.script(request -> new Answer.Silent());
        try (var probe = WireClient.to(sidecar.port())) {
            probe.send("POST", "/v1/probe", utf8("{}"));
            await().until(() -> tries() == 1);
            int budget = sidecar.throttle().snapshot().minute().left();
            assertCircuitOpen(post("/v1/besides"));
            await().untilAsserted(() -> assertThat(sidecar.throttle().snapshot().openSlots()).isEqualTo(1));
            assertThat(sidecar.throttle().snapshot().minute().left()).isGreaterThanOrEqualTo(budget);
            assertThat(tries()).isEqualTo(1);
        }
    }

    @Test
    void aProbeWhoseClientLeavesMakesRoomForAnother() throws Exception {
        sidecar.breaker().transitionToOpenState();
        sidecar.breaker().transitionToHalfOpenState();
        provider.script(request -> request.path().equals("/v1/leaves") ? new Answer.Silent() : Answer.chat("Hello"));
        for (int i = 1; i <= 3; i++) {
            try (var probe = WireClient.to(sidecar.port())) {
                int sent = i;
                probe.send("POST", "/v1/leaves", utf8("{}"));
                await().until(() -> tries() == sent);
            }
            await().until(() -> sidecar.throttle().snapshot().openSlots() == 0);
        }
        assertThat(state()).isEqualTo(State.HALF_OPEN);
        assertThat(post("/v1/stays").status()).isEqualTo(200);
        assertThat(state()).isEqualTo(State.CLOSED);
    }

    @Test
    void refusalsByALimitAndClientsThatLeaveNeverOpenIt() throws Exception {
        provider.script(request -> request.path().equals("/v1/leaves")
                ? new Answer.Silent()
                : Answer.error(429, "insufficient_quota", "no"));
        for (int i = 0; i < 8; i++) {
            assertThat(post("/v1/refused").status()).isEqualTo(429);
        }
        assertThat(sidecar.breaker().getMetrics().getNumberOfSuccessfulCalls()).isEqualTo(6);
        for (int i = 0; i < 8; i++) {
            try (var client = WireClient.to(sidecar.port())) {
                int sent = 9 + i;
                client.send("POST", "/v1/leaves", utf8("{}"));
                await().until(() -> tries() == sent);
            }
        }
        await().until(() -> sidecar.throttle().snapshot().openSlots() == 0);
        assertThat(state()).isEqualTo(State.CLOSED);
        assertThat(sidecar.breaker().getMetrics().getNumberOfFailedCalls()).isZero();
    }

    @Test
    void connectionsThatFailOpenItInTheMiddleOfTheTriesAndTheLastFailureIsTold() throws IOException {
        provider.script(request -> new Answer.ResetBeforeHead());
        var answer = post("/v1/resets");
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.text()).contains("upstream_unreachable");
        assertThat(tries()).isEqualTo(4);
        assertThat(state()).isEqualTo(State.OPEN);
    }

    @Test
    void theTryThatOpensItIsAnsweredWithTheProvidersOwnWords() throws IOException {
        provider.script(request -> Answer.error(503, "busy", "their words"));
        var answer = post("/v1/busy");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.text()).contains("their words");
        assertThat(tries()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "DELETE"})
    void whatDoesNotCountAgainstTheLimitGoesRoundIt(String method) throws IOException {
        provider.script(request -> Answer.error(500, "oops", "no"));
        for (int i = 0; i < 5; i++) {
            assertThat(WireClient.exchange(sidecar.port(), method, "/v1/x", null).status()).isEqualTo(500);
        }
        assertThat(state()).isEqualTo(State.CLOSED);
        sidecar.breaker().transitionToOpenState();
        provider.script(request -> Answer.chat("Hello"));
        assertThat(WireClient.exchange(sidecar.port(), method, "/v1/x", null).status()).isEqualTo(200);
        assertThat(state()).isEqualTo(State.OPEN);
    }

    @Test
    void aRequestAlreadyAtTheProviderIsAnsweredAlthoughItOpens() throws Exception {
        provider.script(request -> Answer.chatStream(List.of("a", "b", "c"), Duration.ofMillis(50)));
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/stream", utf8("{}"));
            var head = client.readHead();
            sidecar.breaker().transitionToOpenState();
            assertThat(new String(client.body(head).readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                    .endsWith("data: [DONE]\n\n");
        }
    }
}
