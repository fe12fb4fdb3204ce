package dev.sidecar.proxy;

import static dev.sidecar.proxy.Bytes.utf8;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.OpenAIException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.responses.ResponseCreateParams;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A streamed request that waits is told so. Its client gets the provider's stream in the end, or an error that it notices. */
@ProgramTest
@Timeout(30)
class HeartbeatTest {

    private static final String CHAT = "/v1/chat/completions";
    private static final String ASKS_FOR_STREAM = "{\"model\":\"m\",\"stream\":true}";
    private static final String[] JSON_BODY = {"Content-Type", "application/json"};
    private static final Duration EVERY = Duration.ofMillis(100);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Answer.Chunked STREAM = Answer.chatStream(List.of("Hel", "lo"), Duration.ZERO);

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private int before;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.heartbeat=" + EVERY.toMillis() + "ms",
                "sidecar.timeout=2");
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
        await().until(() -> sidecar.throttle().snapshot().retreat().paused().isZero());
        sidecar.breaker().reset();
        provider.script(_ -> STREAM);
        before = provider.requests().size();
    }

    @AfterEach
    void nobodyIsUnderAHeartbeatAnyMore() {
        await().until(() -> sidecar.traffic().counts().activeHeartbeats() == 0);
    }

    // ---- a client that waits ----

    @Test
    void aStreamThatWaitsIsToldItsPlaceAndThenGetsTheProvidersBytes() throws IOException {
        try (var client = waiting(CHAT)) {
            assertThat(client.head().status()).isEqualTo(200);
            assertThat(client.head().header("Content-Type")).isEqualTo("text/event-stream");
            assertThat(client.head().header("X-Accel-Buffering")).isEqualTo("no");
            assertThat(client.head().header("X-Request-Id")).isEqualTo("mine");
            assertThat(client.head().header("X-Sidecar-Queue-Position")).isEqualTo("1");
            assertThat(client.head().headers("X-Sidecar-Queue-Wait-Ms")).as("known too late").isEmpty();
            for (int i = 0; i < 3; i++) {
                assertThat(client.event()).matches(": waiting, position 1, about [0-9]+ s");
            }
            Limits.open(sidecar);
            assertThat(client.untilData()).isEqualTo(text(STREAM));
        }
        assertThat(provider.requests().getLast().headers("Accept-Encoding")).containsExactly("identity");
    }

    @Test
    void placesAreToldInTheOrderOfTheQueue() throws IOException {
        try (var first = waiting(CHAT);
                var second = send(CHAT, "X-Priority", "normal");
                var urgent = send(CHAT, "X-Priority", "high")) {
            await().until(() -> sidecar.throttle().size() == 3);
            assertThat(urgent.begun().untilEventLike(": waiting, position 1,.*")).isNotEmpty();
            assertThat(second.begun().untilEventLike(": waiting, position 3,.*")).isNotEmpty();
            assertThat(first.untilEventLike(": waiting, position 2,.*")).isNotEmpty();
            assertThat(status().at("/queue/under_heartbeat").asInt()).isEqualTo(3);
            assertThat(status().at("/queue/heartbeat_seconds").asDouble()).isEqualTo(0.1);
        }
    }

    @Test
    void aStreamOfMessagesIsPinged() throws IOException {
        try (var client = waiting("/v1/messages")) {
            assertThat(client.event()).matches("(?s): waiting, position 1, about .* s\n"
                    + "event: ping\ndata: \\{\"type\": \"ping\"}");
            Limits.open(sidecar);
            assertThat(client.untilData()).isEqualTo(text(STREAM));
        }
    }

    @Test
    void theClientIsToldThatItWaitsUntilTheProvidersFirstByteAndNeverAfterIt() throws Exception {
        var slow = Answer.chatStream(List.of("Hel", "lo"), EVERY.multipliedBy(2));
        var answered = new CountDownLatch(1);
        provider.script(_ -> {
            awaited(answered);
            return slow;
        });
        try (var client = waiting(CHAT)) {
            Limits.open(sidecar);
            assertThat(client.untilEventLike(": waiting for the provider")).isNotEmpty();
            answered.countDown();
            assertThat(client.untilData()).isEqualTo(text(slow));
        }
    }

    @Test
    void aClientOfOldHttpGetsTheSame() throws IOException {
        Limits.close(sidecar, 10);
        try (var client = RawClient.to(sidecar.port())) {
            client.send("POST " + CHAT
                    + " HTTP/1.0\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n"
                    + "{\"stream\":true}");
            await().until(() -> sidecar.traffic().counts().activeHeartbeats() == 1);
            Limits.open(sidecar);
            var received = client.receive();
            assertThat(received.text()).startsWith(": waiting, position 1, about ").endsWith(text(STREAM));
            assertThat(received.endedByClose()).isTrue();
        }
    }

    @Test
    void anAttemptThatFailsIsRepeatedWhileTheClientWaits() throws IOException {
        provider.script(FakeProvider.inOrder(
                overloaded("1"),
                new Answer.CutMidStream(200, Header.list("Content-Type", "text/event-stream"), List.of(),
                        Answer.Framing.CHUNKED, Duration.ZERO),
                new Answer.Garbage(utf8("HTTP/1.1 200 OK\r\nhalf a he")), STREAM));
        try (var client = send(CHAT).begun()) {
            assertThat(client.untilData()).isEqualTo(text(STREAM));
        }
        assertThat(provider.requests().size() - before).isEqualTo(4);
        assertThat(provider.requests().get(before).headers("Accept-Encoding")).as("not begun yet")
                .containsExactly("gzip");
    }

    @Test
    void anOpenCircuitIsWaitedFor() throws IOException {
        try (var client = waiting(CHAT); var other = send("/v1/other")) {
            await().until(() -> sidecar.throttle().size() == 2);
            sidecar.breaker().transitionToForcedOpenState();
            assertThat(other.answer().status()).isEqualTo(503);
            Limits.open(sidecar);
            client.skipEvents(3);
            assertThat(provider.requests()).hasSize(before);
            sidecar.breaker().reset();
            assertThat(client.untilData()).isEqualTo(text(STREAM));
        }
    }

    @Test
    void aCircuitThatLetsNothingThroughSendsTheRequestBackToTheQueue() throws IOException {
        try (var client = waiting(CHAT)) {
            sidecar.breaker().transitionToOpenState();
            sidecar.breaker().transitionToHalfOpenState();
            takeEveryProbe();
            Limits.open(sidecar);
            client.skipEvents(2);
            assertThat(provider.requests()).hasSize(before);
            sidecar.breaker().reset();
            assertThat(client.untilData()).isEqualTo(text(STREAM));
        }
    }

    private static void takeEveryProbe() {
        while (sidecar.breaker().tryAcquirePermission()) {
            // as requests do that are under way
        }
    }

    @Test
    void aClientThatLeavesLeavesTheQueue() throws IOException {
        try (var client = waiting(CHAT)) {
            client.event();
        }
        await().until(() -> sidecar.throttle().size() == 0);
        assertThat(provider.requests()).hasSize(before);
    }

    @Test
    void aProxyThatCutsSilentConnectionsCutsOnlyTheRequestWithoutAHeartbeat() throws IOException {
        Limits.close(sidecar, 10);
        try (var proxy = ImpatientProxy.before(sidecar.port(), EVERY.multipliedBy(15));
                var streamed = new Client(WireClient.to(proxy.port()));
                var plain = new Client(WireClient.to(proxy.port()))) {
            streamed.wire.send("POST", CHAT, utf8(ASKS_FOR_STREAM), JSON_BODY);
            plain.wire.send("POST", CHAT, utf8("{}"), JSON_BODY);
            assertThat(plain.wire.isClosed()).isTrue();
            streamed.begun().skipEvents(2);
            Limits.open(sidecar);
            assertThat(streamed.untilData()).isEqualTo(text(STREAM));
        }
    }

    // ---- what the SDK makes of it ----

    @Test
    void theSdkReadsTheStreamAsWithoutAHeartbeat() {
        Limits.close(sidecar, 10);
        var all = ChatCompletionAccumulator.create();
        try (var chunks = sdk().chat().completions().createStreaming(chat())) {
            await().until(() -> sidecar.traffic().counts().activeHeartbeats() == 1);
            Limits.open(sidecar);
            chunks.stream().forEach(chunk -> all.accumulate(chunk.validate()));
        }
        assertThat(all.chatCompletion().choices().getFirst().message().content()).hasValue("Hello");
    }

    @Test
    void theSdkRaisesAnErrorThatComesAsAnEvent() {
        provider.script(_ -> Answer.error(404, "no_such_model", "no such model here"));
        Limits.close(sidecar, 10);
        try (var chunks = sdk().chat().completions().createStreaming(chat())) {
            Limits.open(sidecar);
            assertThatThrownBy(() -> chunks.stream().toList()).isInstanceOf(OpenAIException.class)
                    .hasMessageContaining("no such model here");
        }
        Limits.close(sidecar, 10);
        try (var events = sdk().responses()
                .createStreaming(ResponseCreateParams.builder().model("m").input("Hello").build())) {
            Limits.open(sidecar);
            assertThatThrownBy(() -> events.stream().toList()).isInstanceOf(OpenAIException.class)
                    .hasMessageContaining("no such model here");
        }
    }

    private static OpenAIClient sdk() {
        return OpenAIOkHttpClient.builder().apiKey("key").baseUrl(sidecar.baseUrl()).maxRetries(0).build();
    }

    private static ChatCompletionCreateParams chat() {
        return ChatCompletionCreateParams.builder().model("m").addUserMessage("Hello").build();
    }

    /** {@link ProgramTest} looks for what they leave behind. */
    @Test
    void clientsThatLeaveAtAnyMomentLeaveNothing() throws IOException {
        provider.script(_ -> Answer.chatStream(List.of("Hel", "lo"), Duration.ofMillis(5)));
        Limits.close(sidecar, 10);
        var clients = new ArrayList<Client>();
        for (int i = 0; i < 60; i++) {
            clients.add(send(i % 2 == 0 ? CHAT : "/v1/messages"));
        }
        clients.getLast().begun();
        for (int i = 0; i < clients.size(); i++) {
            if (i == 20) {
                sidecar.throttle().reconfigure(Limits.OPEN); // never low in between: nobody has to be refused
            }
            if (i % 3 == 0) {
                clients.get(i).wire.reset();
            } else if (i % 3 == 1) {
                clients.get(i).close();
            }
        }
        for (int i = 2; i < clients.size() - 1; i += 3) {
            assertThat(clients.get(i).begun().untilData()).startsWith("data: ").endsWith("data: [DONE]\n\n");
            clients.get(i).close();
        }
        assertThat(clients.getLast().untilData()).endsWith("data: [DONE]\n\n");
        clients.getLast().close();
    }

    // ---- what goes wrong then is an event ----

    @Test
    void aDeadlineThatCannotBeMetAnyMoreIsAnErrorEvent() throws IOException {
        try (var first = waiting(CHAT); var client = send(CHAT, "X-Request-Timeout-Ms", "80000").begun()) {
            first.skipEvents(1);
            sidecar.throttle().reconfigure(Limits.limit(1, 1)); // one a minute
            assertThat(error(client.lastEvent()).path("code").asText()).isEqualTo("deadline_unreachable");
        }
    }

    @Test
    void anOutageThatOutlastsTheDeadlineIsAnErrorEvent() throws IOException {
        provider.script(FakeProvider.inOrder(overloaded("1"), overloaded("100")));
        try (var client = send(CHAT, "X-Request-Timeout-Ms", "20000").begun()) {
            assertThat(error(client.lastEvent()).path("message").asText()).isEqualTo("their words");
        }
        assertThat(provider.requests()).hasSize(before + 2);
    }

    private static Answer overloaded(String retryAfter) {
        var error = Answer.error(503, "overloaded", "their words");
        return new Answer.Full(503, Header.list("Content-Type", "application/json", "Retry-After", retryAfter),
                error.body());
    }

    @Test
    void theProvidersErrorIsAnErrorEvent() throws IOException {
        provider.script(_ -> new Answer.Full(400, Header.list("Content-Type", "application/json"),
                utf8("{\n  \"error\": {\"message\": \"too\\nlong\", \"code\": \"context_length\"}\n}")));
        try (var client = waiting(CHAT)) {
            Limits.open(sidecar);
            assertThat(client.lastEvent()).isEqualTo("data: {\"error\":{\"message\":\"too\\nlong\","
                    + "\"code\":\"context_length\",\"type\":\"invalid_request_error\"}}");
        }
    }

    @Test
    void anErrorOfMessagesAndOfResponsesHasTheFormOfThatApi() throws IOException {
        provider.script(_ -> new Answer.Full(500, List.of(), utf8("<html>")));
        try (var client = waiting("/v1/messages")) {
            Limits.open(sidecar);
            assertThat(client.lastEvent()).isEqualTo("event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":"
                    + "\"the provider responded with status 500\",\"type\":\"api_error\",\"param\":null,"
                    + "\"code\":\"upstream_error\"}}");
        }
        try (var client = waiting("/v1/responses")) {
            Limits.open(sidecar);
            assertThat(client.lastEvent()).startsWith("event: error\ndata: {\"type\":\"error\",\"code\":"
                    + "\"upstream_error\",\"message\":\"the provider responded with status 500\",\"param\":null,"
                    + "\"sequence_number\":0,\"error\":{");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Type: application/json",
            "Content-Type: text/event-stream\nContent-Encoding: gzip"})
    void aResponseThatIsNoStreamOfEventsIsAnErrorEvent(String fields) throws IOException {
        var headers = fields.lines().map(line -> line.split(": ", 2)).map(each -> new Header(each[0], each[1]))
                .toList();
        provider.script(_ -> new Answer.Full(200, headers, utf8("{}")));
        try (var client = waiting(CHAT)) {
            Limits.open(sidecar);
            var error = error(client.lastEvent());
            assertThat(error.path("code").asText()).isEqualTo("upstream_no_stream");
            assertThat(error.path("type").asText()).isEqualTo("api_error");
        }
        provider.awaitIdle(Duration.ofSeconds(2));
    }

    @Test
    void aProviderThatIsSilentIsAnErrorEvent() throws IOException {
        provider.script(_ -> new Answer.Silent());
        try (var client = waiting(CHAT)) {
            Limits.open(sidecar);
            assertThat(error(client.lastEvent()).path("code").asText()).isEqualTo("upstream_timeout");
        }
    }

    @Test
    void aStreamThatBreaksOffInTheMiddleIsBrokenOff() throws IOException {
        provider.script(_ -> new Answer.CutMidStream(200, Header.list("Content-Type", "text/event-stream"),
                List.of(utf8("data: half")), Answer.Framing.CHUNKED, Duration.ZERO));
        try (var client = waiting(CHAT)) {
            Limits.open(sidecar);
            assertThat(client.untilBroken()).endsWith("data: half");
        }
    }

    // ---- what is as without a heartbeat ----

    private static final List<String> NOT_STREAMED = List.of("{\"stream\":false}", "{\"stream\":\"true\"}",
            "{\"a\":{\"stream\":true}}", "{\"stream\":true,\"stream\":false}", "[{\"stream\":true}]");

    @Test
    void aRequestThatIsNotStreamedGetsNoSignOfLife() throws IOException {
        provider.script(_ -> Answer.chat("Hello"));
        Limits.close(sidecar, 10);
        var plain = new ArrayList<Client>();
        for (var each : NOT_STREAMED) {
            plain.add(sendBody(CHAT, each));
        }
        plain.add(send("/v1/embeddings"));
        try (var streamed = send(CHAT)) {
            streamed.begun().skipEvents(3);
            Limits.open(sidecar);
            for (var client : plain) {
                var answer = client.answer();
                assertThat(answer.header("Content-Type")).isEqualTo("application/json");
                assertThat(answer.headers("X-Accel-Buffering")).isEmpty();
                assertThat(answer.text()).isEqualTo(new String(Answer.chat("Hello").body(), UTF_8));
                client.close();
            }
        }
    }

    @Test
    void aRefusalKeepsItsStatus() throws IOException {
        Limits.close(sidecar, 10);
        try (var client = send(CHAT, "X-Request-Timeout-Ms", "5000")) {
            var answer = client.answer();
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.header("Retry-After")).isNotEmpty();
            assertThat(error(answer.text()).path("code").asText()).isEqualTo("deadline_unreachable");
        }
    }

    @Test
    void aResponseThatTheProviderTakesLongForIsAsItSentIt() throws IOException {
        provider.script(_ -> new Answer.Full(402, Header.list("Content-Type", "application/json", "X-Theirs", "1"),
                utf8("{\"error\":\"no\"}")).after(EVERY.multipliedBy(4)));
        try (var client = send(CHAT)) {
            var answer = client.answer();
            assertThat(answer.status()).isEqualTo(402);
            assertThat(answer.header("X-Theirs")).isEqualTo("1");
            assertThat(answer.text()).isEqualTo("{\"error\":\"no\"}");
        }
    }

    // ---- helpers ----

    /** A client whose request waits, and whose response has begun. */
    private static Client waiting(String path) throws IOException {
        Limits.close(sidecar, 10);
        return send(path).begun();
    }

    private static Client send(String path, String... headers) throws IOException {
        return sendBody(path, ASKS_FOR_STREAM, headers);
    }

    private static Client sendBody(String path, String body, String... headers) throws IOException {
        var all = new ArrayList<>(List.of("Content-Type", "application/json", "Accept-Encoding", "gzip",
                "X-Request-Id", "mine"));
        all.addAll(List.of(headers));
        var wire = WireClient.to(sidecar.port());
        wire.send("POST", path, utf8(body), all.toArray(String[]::new));
        return new Client(wire);
    }

    private static void awaited(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(Answer.Chunked stream) {
        return stream.chunks().stream().map(each -> new String(each, UTF_8)).collect(Collectors.joining());
    }

    /** The error of an event, or of a body. */
    private static JsonNode error(String text) throws IOException {
        return JSON.readTree(text.substring(text.indexOf('{'))).get("error");
    }

    private static JsonNode status() throws IOException {
        return JSON.readTree(WireClient.exchange(sidecar.port(), "GET", "/status", null).body());
    }

    /** Passes on what comes, and closes both sides when the sidecar has been silent for so long. */
    private static final class ImpatientProxy implements AutoCloseable {

        private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final int target;
        private final Duration patience;

        private ImpatientProxy(int target, Duration patience) throws IOException {
            this.target = target;
            this.patience = patience;
            Thread.startVirtualThread(this::accept);
        }

        static ImpatientProxy before(int target, Duration patience) throws IOException {
            return new ImpatientProxy(target, patience);
        }

        int port() {
            return listener.getLocalPort();
        }

        private void accept() {
            while (!listener.isClosed()) {
                try {
                    var client = listener.accept();
                    var sidecarSide = new Socket(InetAddress.getLoopbackAddress(), target);
                    sidecarSide.setSoTimeout((int) patience.toMillis());
                    Thread.startVirtualThread(() -> pass(client, sidecarSide));
                    Thread.startVirtualThread(() -> pass(sidecarSide, client));
                } catch (IOException closed) {
                    return;
                }
            }
        }

        /** To the end, or to the end of patience. */
        private static void pass(Socket from, Socket to) {
            try (from; to) {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException silentOrGone) {
                // both are closed now
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
        }
    }

    /** Reads a response event by event. */
    private static final class Client implements AutoCloseable {

        private final WireClient wire;
        private @Nullable WireAnswer head;
        private @Nullable BufferedReader body;

        Client(WireClient wire) {
            this.wire = wire;
        }

        /** Waits until the response begins. */
        Client begun() throws IOException {
            head = wire.readHead();
            body = new BufferedReader(new InputStreamReader(wire.body(head), UTF_8));
            return this;
        }

        WireAnswer head() {
            return Objects.requireNonNull(head);
        }

        private BufferedReader body() {
            return Objects.requireNonNull(body);
        }

        /** The whole response at once. */
        WireAnswer answer() throws IOException {
            return wire.read();
        }

        /** The lines of the next event, or comment; empty at the end. */
        String event() throws IOException {
            var lines = new ArrayList<String>();
            for (var line = body().readLine(); line != null && !line.isEmpty(); line = body().readLine()) {
                lines.add(line);
            }
            return String.join("\n", lines);
        }

        void skipEvents(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                assertThat(event()).startsWith(": waiting");
            }
        }

        String untilEventLike(String pattern) throws IOException {
            var event = event();
            while (!event.isEmpty() && !event.matches(pattern)) {
                event = event();
            }
            return event;
        }

        /** Skips the signs of life; all that follows. */
        String untilData() throws IOException {
            var event = untilEventLike("(?s)(?!: waiting).*");
            var rest = body().lines().map(line -> line + "\n").collect(Collectors.joining());
            return event + "\n\n" + rest;
        }

        /** All but the last event are signs of life, and it ends properly. */
        String lastEvent() throws IOException {
            var last = untilEventLike("(?s)(?!: waiting).*");
            assertThat(body().read()).as("after " + last).isNegative();
            return last;
        }

        /** All that came before it was broken off. */
        String untilBroken() {
            var all = new StringBuilder();
            try {
                for (var next = body().read(); next >= 0; next = body().read()) {
                    all.append((char) next);
                }
                throw new AssertionError("it ended properly, after " + all);
            } catch (IOException broken) {
                return all.toString();
            }
        }

        @Override
        public void close() {
            wire.close();
        }
    }
}
