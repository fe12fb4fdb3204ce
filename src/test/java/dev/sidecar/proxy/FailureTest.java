package dev.sidecar.proxy;

import static dev.sidecar.proxy.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients are told when something goes wrong, and that it is over when it is over. */
@ProgramTest
class FailureTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    /** Waits for no more than a try or two. */
    private static final String[] IMPATIENT = {"X-Request-Timeout-Ms", "300"};

    private static FakeProvider provider;
    private static Sidecar sidecar;

    @BeforeAll
    static void start() throws IOException {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl() + "/v1", "sidecar.timeout=" + TIMEOUT.toSeconds(),
                "sidecar.max-body-bytes=100000");
        Limits.open(sidecar);
        post("/v1/warm-up");
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    @AfterEach
    void theNextRequestWorks() throws IOException {
        Limits.open(sidecar);
        provider.script(request -> Answer.chat("Hello"));
        assertThat(post("/v1/next").status()).isEqualTo(200);
    }

    private static WireAnswer exchange(String method, String path, byte @Nullable [] body, String... headers)
            throws IOException {
        return WireClient.exchange(sidecar.port(), method, path, body, headers);
    }

    private static WireAnswer post(String path, String... headers) throws IOException {
        return exchange("POST", path, utf8("{}"), headers);
    }

    /** An error of the sidecar's own, in the shape of section 6; returns its message. */
    private static String assertError(WireAnswer answer, int status, String code, String type) throws IOException {
        assertThat(answer.status()).as("status of %s: %s", answer, answer.text()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.header("X-Request-Id")).matches("[A-Za-z0-9._:/=+-]{1,128}");
        JsonNode json = new ObjectMapper().readTree(answer.body());
        assertThat(json.fieldNames()).toIterable().containsExactly("error");
        var error = json.get("error");
        assertThat(error.fieldNames()).toIterable().containsExactly("message", "type", "param", "code");
        assertThat(error.get("code").textValue()).isEqualTo(code);
        assertThat(error.get("type").textValue()).isEqualTo(type);
        var message = error.get("message").textValue();
        assertThat(message).isNotBlank().doesNotContain("Exception", "java.", Sidecar.API_KEY,
                Integer.toString(provider.port()));
        return message;
    }

    private static long retryAfter(WireAnswer answer) {
        return Long.parseLong(answer.header("Retry-After"));
    }

    // ---- the provider fails ----

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void aProviderThatIsDownIsSaidToBeUnreachable(String method) throws IOException {
        provider.stop();
        try {
            var answer = exchange(method, "/v1/down", method.equals("POST") ? utf8("{}") : null, "X-Request-Id",
                    "mine-1", IMPATIENT[0], IMPATIENT[1]);
            assertError(answer, 502, "upstream_unreachable", "api_error");
            assertThat(answer.header("X-Request-Id")).isEqualTo("mine-1");
        } finally {
            provider.restart();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void aProviderThatStaysSilentIsWaitedForAsLongAsTheTimeout(String method) throws IOException {
        provider.script(request -> new Answer.Silent());
        int before = provider.requests().size();
        long began = System.nanoTime();
        var answer = exchange(method, "/v1/silent", method.equals("POST") ? utf8("{}") : null);
        assertError(answer, 504, "upstream_timeout", "api_error");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(TIMEOUT.minusMillis(50),
                TIMEOUT.plusSeconds(2));
        provider.awaitIdle(Duration.ofSeconds(1)); // it was hung up on
        assertThat(provider.requests()).as("tried once").hasSize(before + 1);
    }

    @Test
    @Timeout(30)
    void oneThatFallsSilentInAHeadThatCameBeforeTheBodyWasWrittenIsNotWaitedFor() throws Exception {
        try (var rude = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                var inFront = Sidecar.inFrontOf("http://127.0.0.1:" + rude.getLocalPort() + "/v1",
                        "sidecar.timeout=" + TIMEOUT.toSeconds())) {
            var served = CompletableFuture.runAsync(() -> {
                try (var connection = rude.accept()) {
                    connection.getInputStream().readNBytes(1000);
                    connection.getOutputStream().write(utf8("HTTP/1.1 413 Content Too Lar"));
                    connection.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    // hung up on
                }
            });
            var answer = WireClient.exchange(inFront.port(), "POST", "/v1/files", new byte[8_000_000], "Content-Type",
                    "application/octet-stream");
            assertError(answer, 504, "upstream_timeout", "api_error");
            served.get(5, TimeUnit.SECONDS);
        }
    }

    @Test
    void aProviderThatTakesItsTimeWithinTheTimeoutIsWaitedFor() throws IOException {
        provider.script(request -> new Answer.SlowHead(Answer.chat("Hello"), Duration.ofMillis(700)));
        assertThat(post("/v1/slow-head").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void aConnectionThatIsResetBeforeAnAnswerIsAnUnreachableProvider(String method) throws IOException {
        provider.script(request -> new Answer.ResetBeforeHead());
        var answer = exchange(method, "/v1/reset", method.equals("POST") ? utf8("{}") : null, IMPATIENT);
        assertError(answer, 502, "upstream_unreachable", "api_error");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SSH-2.0-OpenSSH_9.6\r\n", "HTTP/1.1 abc Odd\r\n\r\n", "HTTP/1.1 200 OK\r\nhalf a head",
            "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nx", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n", "{\"error\":\"no head\"}",
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\nX-Theirs: 1\r\n\r\n{\"half\":"})
    void anAnswerThatIsNotOneIsNeverPassedOnAsOne(String garbage) throws IOException {
        provider.script(request -> new Answer.Garbage(utf8(garbage)));
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/garbage", utf8("{}"), IMPATIENT);
            var answer = client.read();
            assertError(answer, 502, "upstream_unreachable", "api_error");
            assertThat(answer.headers("X-Theirs")).isEmpty();
        } catch (java.io.EOFException brokenOff) {
            // An answer whose head was good has to be broken off in its body.
            assertThat(garbage).contains("chunked");
        }
    }

    @Test
    void aProviderThatComesBackIsUsedAgainAtOnce() throws IOException {
        provider.stop();
        assertThat(post("/v1/while-down", IMPATIENT).status()).isEqualTo(502);
        provider.restart();
        assertThat(post("/v1/back").status()).isEqualTo(200);
    }

    @Test
    void a429OfTheProvidersIsToldWithItsRetryAfter() throws IOException {
        provider.script(request -> Answer.tooManyRequests("Retry-After", "37", "X-RateLimit-Remaining", "0"));
        var passed = exchange("GET", "/v1/models", null);
        assertThat(passed.status()).isEqualTo(429);
        assertThat(passed.header("Retry-After")).isEqualTo("37");
        assertThat(passed.header("X-RateLimit-Remaining")).isEqualTo("0");
        assertThat(passed.text()).contains("rate_limit_exceeded");

        // A client that does not wait that long is told so, by whom ever.
        provider.script(request -> Answer.tooManyRequests("Retry-After", "2"));
        var impatient = post("/v1/limited", "X-Request-Timeout-Ms", "1500");
        assertThat(impatient.status()).isEqualTo(429);
        assertThat(retryAfter(impatient)).isBetween(1L, 400L);
    }

    @Test
    void anErrorOfTheProvidersKeepsItsOwnWords() throws IOException {
        provider.script(request -> Answer.error(500, "their_code", "their words"));
        var answer = post("/v1/their-error");
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.text()).contains("their_code", "their words");
    }

    @Test
    void aPooledConnectionThatTheProviderHasClosedIsNotUsedAgain() throws IOException {
        for (int i = 0; i < 3; i++) {
            assertThat(post("/v1/pooled").status()).isEqualTo(200);
        }
        long closed = System.nanoTime();
        provider.dropConnections();
        // The connection's good name lasts a second.
        await().until(() -> System.nanoTime() - closed > 1_100_000_000L);
        assertThat(post("/v1/afresh").status()).isEqualTo(200);
    }

    // ---- the line ----

    @Test
    void aFullQueueRefusesAtOnceAndSaysWhenToComeBack() throws Exception {
        Limits.close(sidecar, 100);
        sidecar.throttle().reconfigure(Limits.queue(Limits.limit(100, 100), 2, false));
        try (var first = WireClient.to(sidecar.port()); var second = WireClient.to(sidecar.port())) {
            first.send("POST", "/v1/waiting", utf8("{}"));
            second.send("POST", "/v1/waiting", utf8("{}"));
            await().until(() -> sidecar.throttle().size() == 2);
            int before = provider.requests().size();

            var answer = post("/v1/full", "X-Request-Id", "mine-2");

            var message = assertError(answer, 429, "queue_full", "rate_limit_error");
            assertThat(message).containsPattern("\\b2\\b");
            assertThat(answer.header("X-Request-Id")).isEqualTo("mine-2");
            assertThat(retryAfter(answer)).isBetween(1L, 400L);
            assertThat(provider.requests()).hasSize(before);
            assertThat(sidecar.throttle().size()).as("those who were there first").isEqualTo(2);
        }
    }

    @Test
    void aFullQueueLetsThroughAtOnceWhereTheOperatorWantsIt() throws Exception {
        Limits.close(sidecar, 100);
        sidecar.throttle().reconfigure(Limits.queue(Limits.limit(100, 100), 1, true));
        try (var waiting = WireClient.to(sidecar.port())) {
            waiting.send("POST", "/v1/waiting", utf8("{}"));
            await().until(() -> sidecar.throttle().size() == 1);
            long bypassed = sidecar.throttle().snapshot().bypassed();

            assertThat(post("/v1/beside").status()).isEqualTo(200);

            assertThat(provider.requests().getLast().path()).isEqualTo("/v1/beside");
            assertThat(sidecar.throttle().snapshot().bypassed()).isEqualTo(bypassed + 1);
            assertThat(sidecar.throttle().size()).isEqualTo(1);
        }
    }

    @Test
    void aPassthroughRequestDoesNotCareAboutAFullQueue() throws Exception {
        Limits.close(sidecar, 100);
        sidecar.throttle().reconfigure(Limits.queue(Limits.limit(100, 100), 0, false));
        assertThat(exchange("GET", "/v1/models", null).status()).isEqualTo(200);
    }

    @Test
    void aWaitThatBecomesHopelessEndsAtThatMoment() throws IOException {
        int used = Limits.OPEN.limitPerMinute() - sidecar.throttle().snapshot().minute().left();
        // The next slot after this one comes in a while; before that the operator lowers the limit.
        sidecar.throttle().reconfigure(Limits.limit(used + 20, 1));
        assertThat(post("/v1/before").status()).isEqualTo(200);
        try (var client = WireClient.to(sidecar.port())) {
            long began = System.nanoTime();
            client.send("POST", "/v1/waits", utf8("{}"), "X-Request-Timeout-Ms", "30000");
            await().until(() -> sidecar.throttle().size() == 1);
            sidecar.throttle().reconfigure(Limits.limit(1, 1));
            var answer = client.read();
            assertError(answer, 429, "deadline_unreachable", "rate_limit_error");
            assertThat(retryAfter(answer)).isBetween(1L, 200L);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
        }
        assertThat(provider.requests()).noneMatch(r -> r.path().equals("/v1/waits"));
    }

    @ParameterizedTest
    @CsvSource({"X-Stainless-Timeout, 5, 5 s", "X-Stainless-Timeout, 2.5, 2.5 s", "X-Request-Timeout-Ms, 300, 0.3 s",
            "x-request-timeout-ms, 20000, 20 s"})
    void aWaitThatIsHopelessIsRefusedAtOnce(String header, String value, String patience) throws IOException {
        Limits.close(sidecar, 100);
        int before = provider.requests().size();
        long began = System.nanoTime();
        var answer = post("/v1/hopeless", header, value);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(250));
        assertThat(assertError(answer, 429, "deadline_unreachable", "rate_limit_error")).contains(patience);
        assertThat(retryAfter(answer)).isBetween(1L, 400L);
        assertThat(provider.requests()).hasSize(before);
        assertThat(sidecar.throttle().size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-1", "0", "NaN", "Infinity", "", "1e999", "5 s"})
    void aPatienceThatIsNoNumberIsNone(String patience) throws IOException {
        Limits.close(sidecar, 100);
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/no-number", utf8("{}"), "X-Stainless-Timeout", patience, "X-Request-Timeout-Ms",
                    patience);
            await().until(() -> sidecar.throttle().size() == 1);
        }
    }

    // ---- the request is wrong ----

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"a\":1}}", "{\"a\":1} x", "{'a':1}", "nul", "{\"a\":\"\\x\"}", "[1,]"})
    void jsonThatDoesNotParseIsRefusedBeforeItCostsASlot(String json) throws IOException {
        int before = provider.requests().size();
        long granted = sidecar.throttle().snapshot().totalDequeued();
        var answer = exchange("POST", "/v1/chat/completions", utf8(json), "Content-Type", "application/json");
        assertError(answer, 400, "invalid_json", "invalid_request_error");
        assertThat(provider.requests()).hasSize(before);
        assertThat(sidecar.throttle().snapshot().totalDequeued()).isEqualTo(granted);
    }

    @Test
    void theConnectionStaysUsableAfterAnError() throws IOException {
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/x", utf8("{"), "Content-Type", "application/json");
            assertError(client.read(), 400, "invalid_json", "invalid_request_error");
            provider.script(request -> new Answer.ResetBeforeHead());
            client.send("GET", "/v1/x", null);
            assertError(client.read(), 502, "upstream_unreachable", "api_error");
            client.send("HEAD", "/v1/x", null);
            assertThat(client.read().status()).isEqualTo(502);
            provider.script(request -> Answer.chat("Hello"));
            client.send("POST", "/v1/x", utf8("{}"), "Content-Type", "application/json");
            assertThat(client.read().status()).isEqualTo(200);
        }
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedWhetherItSaysSoOrNot() throws IOException {
        int before = provider.requests().size();
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST /v1/large HTTP/1.1\r\nHost: h\r\nContent-Length: 100001\r\n\r\n");
            assertError(client.read(), 413, "body_too_large", "invalid_request_error");
        }
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST /v1/large HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n186a1\r\n");
            client.send(new byte[100_001]);
            assertError(client.read(), 413, "body_too_large", "invalid_request_error");
        }
        assertThat(exchange("POST", "/v1/large", new byte[100_000]).status()).isEqualTo(200);
        assertThat(provider.requests()).hasSize(before + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/v2/models", "/v1x", "/v1/../admin", "/v1/%2e%2e/admin", "/%2e/v1", "/v1/./models"})
    void onlyWhatIsBelowV1IsForwarded(String path) throws IOException {
        int before = provider.requests().size();
        var answer = exchange("POST", path, utf8("{}"));
        assertThat(answer.status()).isIn(404, 405);
        assertThat(answer.text()).startsWith("{\"error\":{");
        assertThat(provider.requests()).hasSize(before);
    }

    @Test
    void headersOfTheProvidersHalfAnswerAreNotInTheError() throws IOException {
        provider.script(request -> new Answer.CutMidStream(200,
                Header.list("Set-Cookie", "a=1", "Content-Encoding", "gzip", "Content-Type", "text/plain"),
                List.of(utf8("half")), Answer.Framing.CONTENT_LENGTH, Duration.ZERO));
        var answer = post("/v1/half");
        assertError(answer, 502, "upstream_unreachable", "api_error");
        assertThat(answer.headers("Set-Cookie")).isEmpty();
        assertThat(answer.headers("Content-Encoding")).isEmpty();
    }
}
