package dev.sidecar.routes;

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
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.ThrottleSettings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.AdviceWith;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * Secrets, prompts and completions go through in every way a request can end, and come out nowhere: not on standard output
 * or error, at DEBUG, and not on any page. What is on standard output is JSON, line by line, and tells of each request once.
 */
@ProgramTest
@Isolated("reads standard output or changes log levels, which are those of the whole process")
@ExtendWith(OutputCaptureExtension.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CanaryTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CANARY = "canary-";
    private static final String PROMPT = "{\"model\":\"m\",\"messages\":[{\"content\":\"canary-prompt\"}]}";
    private static final String COMPLETION = "canary-completion";
    private static final List<String> IDS = Collections.synchronizedList(new ArrayList<>());

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private static String output = "";

    @BeforeAll
    static void sendEverythingThrough(CapturedOutput captured) throws Exception {
        provider = FakeProvider.start(request -> Answer.chat(COMPLETION));
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.api-key=nvapi-canary-provider-key",
                "sidecar.admin-token=canary-admin-token", "sidecar.log-level=DEBUG", "sidecar.log-format=json",
                "sidecar.timeout=1", "sidecar.max-body-bytes=2000");
        ask("POST", PROMPT);
        ask("GET", null);
        ask("POST",
                "{\"model\":\"evil\\n{\\\"level\\\":\\\"ERROR\\\"}\\u001b[2J\\u2028\\u202e\",\"p\":\"canary-prompt\"}");
        ask("POST", "{\"messages\":\"canary-prompt\", canary-prompt");
        ask("POST", "canary-prompt".repeat(300));
        provider.script(FakeProvider.inOrder(Answer.error(503, "x", COMPLETION), new Answer.ResetBeforeHead(),
                Answer.chatStream(List.of(COMPLETION, COMPLETION), Duration.ZERO)));
        ask("POST", PROMPT);
        for (var answer : List.of(Answer.error(500, "x", COMPLETION), Answer.error(400, "x", COMPLETION),
                new Answer.Garbage((COMPLETION + " HTTP\r\n\r\n").getBytes(UTF_8)),
                new Answer.Garbage(("HTTP/1.1 200 OK\r\n" + COMPLETION + "\r\n\r\n").getBytes(UTF_8)),
                new Answer.Silent(), new Answer.CutMidStream(200, Header.list("Content-Type", "text/event-stream"),
                        List.of(COMPLETION.getBytes(UTF_8)), Answer.Framing.CHUNKED, Duration.ZERO))) {
            provider.script(request -> answer);
            ask("POST", PROMPT);
            ask("GET", null);
        }
        provider.script(request -> new Answer.Silent());
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/canary-path?key=canary-query", PROMPT.getBytes(UTF_8), headers());
            await().until(() -> provider.active() > 0);
        }
        provider.script(request -> Answer.chat(COMPLETION));
        var open = new ThrottleSettings(1_000_000, 1_000_000, Pacing.WINDOW, 100, Duration.ofSeconds(1),
                Duration.ofSeconds(1), false);
        sidecar.throttle().reconfigure(new ThrottleSettings(1, 1, Pacing.WINDOW, 0, Duration.ofSeconds(1),
                Duration.ofSeconds(1), false));
        sidecar.throttle().drain();
        ask("POST", PROMPT);
        sidecar.throttle().reconfigure(open);
        failInARoute();
        await().untilAsserted(() -> assertThat(completed(captured.getOut())).hasSameSizeAs(IDS));
        output = captured.getAll();
    }

    /** Camel's own exceptions quote the body too. */
    private static void failInARoute() throws Exception {
        AdviceWith.adviceWith(sidecar.bean(CamelContext.class), "throttled", false,
                advice -> advice.weaveAddFirst().process(exchange -> {
                    throw new IllegalStateException("cannot read " + exchange.getMessage().getBody(),
                            new IllegalArgumentException(exchange.getMessage().getHeaders().toString()));
                }));
        ask("POST", PROMPT);
        AdviceWith.adviceWith(sidecar.bean(CamelContext.class), "passthrough", false,
                advice -> advice.weaveAddFirst().setBody().simple("${bodyAs(Integer)} ${header.Authorization.foo}"));
        ask("GET", null);
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        provider.close();
    }

    private static String[] headers() {
        var id = "id-" + IDS.size();
        IDS.add(id);
        return new String[]{"Content-Type", "application/json", "Authorization", "Bearer sk-canary-client",
                "X-Secret", "canary-header", "Cookie", "canary-cookie", "X-Request-Id", id};
    }

    private static void ask(String method, @Nullable String body) throws IOException {
        try (var client = WireClient.to(sidecar.port())) {
            client.send(method, "/v1/canary-path?key=canary-query", body == null ? null : body.getBytes(UTF_8),
                    headers());
            client.read();
        } catch (EOFException brokenOff) {
            // as it shall be
        }
    }

    private static List<JsonNode> completed(String out) throws IOException {
        var found = new ArrayList<JsonNode>();
        for (var line : out.lines().toList()) {
            if (line.contains("request_completed")) {
                found.add(JSON.readTree(line));
            }
        }
        return found;
    }

    @Test
    @Order(1)
    void noSecretAndNoWordOfAConversationIsOnStandardOutputOrError() {
        assertThat(output).contains("request_completed").doesNotContain(CANARY);
    }

    @Test
    @Order(2)
    void norOnAnyPage() throws Exception {
        var client = HttpClient.newHttpClient();
        var pages = List.of(sidecar.address() + "/status", sidecar.address() + "/health",
                sidecar.address() + "/health/ready", "/metrics", "/actuator/health", "/actuator/info", "/actuator/env",
                "/actuator/configprops", "/actuator");
        for (var page : pages) {
            var uri = page.startsWith("http") ? page : "http://127.0.0.1:" + sidecar.managementPort() + page;
            var answer = client.send(HttpRequest.newBuilder(URI.create(uri)).build(), BodyHandlers.ofString());
            assertThat(answer.body()).as(page).doesNotContain(CANARY);
        }
    }

    @Test
    @Order(3)
    void everyLineOfStandardOutputIsOneJsonObjectWithoutControlCharacters() throws Exception {
        for (var line : output.lines().filter(l -> !l.startsWith("WARNING: ") && !l.startsWith("OpenJDK ")).toList()) {
            assertThat(JSON.readTree(line).isObject()).as(line).isTrue();
            assertThat(line).matches("[ -~]*");
            assertThat(JSON.readTree(line).properties().stream().map(java.util.Map.Entry::getKey)).as(line)
                    .contains("timestamp", "level", "logger", "thread", "message");
        }
    }

    @Test
    @Order(4)
    void eachRequestIsToldOfOnceWithWhatIsPromised() throws Exception {
        var lines = completed(output);
        assertThat(lines).extracting(line -> line.get("request_id").asText())
                .containsExactlyInAnyOrderElementsOf(IDS);
        assertThat(lines).allSatisfy(line -> assertThat(line.properties().stream().map(java.util.Map.Entry::getKey))
                .contains("model_id", "priority", "provider", "status", "queue_wait_ms", "upstream_ms", "tries",
                        "bytes", "outcome", "method"));
        assertThat(lines).extracting(line -> line.get("outcome").asText()).contains("ok", "invalid", "upstream_error",
                "client_error", "timeout", "cut_off", "cancelled", "refused", "internal_error");
        assertThat(lines).filteredOn(line -> line.get("tries").asInt() == 3).singleElement()
                .satisfies(line -> assertThat(line.get("outcome").asText()).isEqualTo("ok"));
        assertThat(lines).filteredOn(line -> line.get("outcome").asText().equals("cancelled")).singleElement()
                .satisfies(line -> assertThat(line.get("status").asInt()).isEqualTo(499));
    }

    @Test
    @Order(5)
    void whatIsLoggedInTheMiddleOfARequestNamesItToo() throws Exception {
        var lines = new ArrayList<JsonNode>();
        for (var line : output.lines().filter(l -> l.contains("dev.sidecar.route.ErrorResponse")).toList()) {
            lines.add(JSON.readTree(line));
        }
        assertThat(lines).isNotEmpty()
                .allSatisfy(line -> assertThat(IDS).contains(line.path("request_id").asText()));
        assertThat(output).contains("failed inside the sidecar", "upstream unreachable or broken",
                "java.lang.IllegalStateException");
    }

    @Test
    @Order(6)
    void theLineCanBeSwitchedOff(CapturedOutput captured) throws Exception {
        sidecar.bean(org.springframework.boot.logging.LoggingSystem.class).setLogLevel("dev.sidecar",
                org.springframework.boot.logging.LogLevel.WARN);
        double before = counted();
        ask("GET", null);
        await().untilAsserted(() -> assertThat(counted()).isEqualTo(before + 1));
        sidecar.bean(org.springframework.boot.logging.LoggingSystem.class).setLogLevel("dev.sidecar",
                org.springframework.boot.logging.LogLevel.INFO);
        ask("GET", null);
        await().untilAsserted(() -> assertThat(completed(captured.getOut()))
                .extracting(line -> line.get("request_id").asText()).contains(IDS.getLast())
                .doesNotContain(IDS.get(IDS.size() - 2)));
    }

    private static double counted() {
        return sidecar.bean(MeterRegistry.class).get("sidecar_requests_total").counters().stream()
                .mapToDouble(Counter::count).sum();
    }
}
