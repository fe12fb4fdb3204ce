package dev.sidecar.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.ChunkGate;
import dev.sidecar.testkit.Exchange;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RecordedRequest;
import dev.sidecar.testkit.SidecarProcess;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * What SIGTERM means to those who wait or are being answered, and to newcomers; asked of the program itself, since signals
 * and exit codes are a process's.
 */
@ProgramTest
@Isolated("several programs that start at the same time")
class ShutdownTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Executor CLIENTS = task -> Thread.ofVirtual().start(task);
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int TERMINATED = 143;
    private static final int STREAMS = 100;
    private static final int QUEUED = 100;
    private static final String CHAT = "/v1/chat/completions?n=";
    private static final Answer.Chunked STREAM = Answer.chatStream(List.of("one", "two", "three"), Duration.ZERO);
    private static final String WHOLE = String.join("",
            STREAM.chunks().stream().map(c -> new String(c, UTF_8)).toList());

    /** As many slots as there are streams, the next ones a minute later. */
    private static final String[] FULL = {"SIDECAR_RATE_RPM=" + (STREAMS + 1),
            "SIDECAR_BUCKET_CAPACITY=" + (STREAMS + 1),
            "SIDECAR_PACING=window", "SIDECAR_QUEUE_TIMEOUT=600"};

    private static Stand patient;
    private static Stand hasty;
    private static Stand impatient;
    private static Stand idle;

    @BeforeAll
    static void startAll(@TempDir Path logs) {
        patient = new Stand(logs.resolve("patient.log"), "60", FULL);
        hasty = new Stand(logs.resolve("hasty.log"), "3", FULL);
        impatient = new Stand(logs.resolve("impatient.log"), "60");
        idle = new Stand(logs.resolve("idle.log"), "60");
    }

    @AfterAll
    static void stopAll() {
        List.of(patient, hasty, impatient, idle).forEach(Stand::close);
    }

    @Test
    void everybodyWhoIsThereIsAnsweredOnceAndWholeWhileNewcomersAreRefused() throws Exception {
        var streams = patient.ask("stream-", STREAMS + 1);
        patient.provider.awaitRequests(STREAMS + 1, LONG);
        var queued = patient.ask("queued-", QUEUED);
        await().atMost(LONG).until(() -> patient.waiting() == QUEUED);
        try (var keptAlive = WireClient.to(patient.port())) {
            keptAlive.send("GET", "/health", null);
            assertThat(keptAlive.read().status()).isEqualTo(200);

            patient.sidecar.terminate();
            patient.awaitRefusal();

            var ready = patient.get("/health/ready");
            assertThat(ready.status()).isEqualTo(503);
            assertThat(JSON.readTree(ready.body()).get("ready").asBoolean()).isFalse();
            assertThat(patient.get("/health").status()).isEqualTo(200);
            keptAlive.send("POST", CHAT + "newcomer", "{}".getBytes(UTF_8));
            assertThatIsRefused(keptAlive.read());
            assertThat(keptAlive.isClosed()).isTrue();
            assertThatIsRefused(WireClient.exchange(patient.port(), "POST", CHAT + "newcomer", "{}".getBytes(UTF_8)));
        }
        patient.goOn.open();
        var opened = WireClient.exchange(patient.port(), "POST", "/api/admin/config",
                "{\"rate_rpm\":100000,\"bucket_capacity\":100000}".getBytes(UTF_8), "Content-Type", "application/json");
        assertThat(opened.status()).isEqualTo(200);

        assertThat(streams).map(CompletableFuture::join).allMatch(End::isWhole);
        assertThat(queued).map(CompletableFuture::join).allMatch(End::isWhole);
        assertThat(patient.sidecar.awaitExit(LONG)).isEqualTo(TERMINATED);
        var all = IntStream.range(0, STREAMS + 1 + QUEUED)
                .mapToObj(n -> n <= STREAMS ? "stream-" + n : "queued-" + (n - STREAMS - 1)).toList();
        assertThat(patient.seenByProvider(exchange -> true)).containsExactlyInAnyOrderElementsOf(all);
        assertThat(patient.provider.aborts()).isEmpty();
        assertThat(patient.loggedWith("ok")).containsExactlyInAnyOrderElementsOf(all);
        assertThat(patient.provider.problems()).isEmpty();
    }

    @Test
    void whoHasNotFinishedWhenTheGracePeriodIsOverGetsAnHonestEnd() throws Exception {
        var finished = hasty.ask("stream-", 10);
        var cut = hasty.ask("never-ends-", STREAMS - 10);
        var silent = hasty.ask("silent-", 1);
        hasty.provider.awaitRequests(STREAMS + 1, LONG);
        var queued = hasty.ask("queued-", QUEUED);
        var passthrough = CompletableFuture.supplyAsync(() -> hasty.send("GET", "silent-get-0"), CLIENTS);
        hasty.provider.awaitRequests(STREAMS + 2, LONG);
        await().atMost(LONG).until(() -> hasty.waiting() == QUEUED);

        hasty.sidecar.terminate();
        hasty.awaitRefusal();
        hasty.goOn.open();

        assertThat(finished).map(CompletableFuture::join).allMatch(End::isWhole);
        assertThat(cut).map(CompletableFuture::join).allMatch(End::isCut);
        assertThat(queued).map(CompletableFuture::join).allSatisfy(End::assertThatIsRefused);
        assertThat(silent).map(CompletableFuture::join).allSatisfy(End::assertThatIsRefused);
        passthrough.join().assertThatIsRefused();
        assertThat(hasty.sidecar.awaitExit(LONG)).isEqualTo(TERMINATED);
        assertThat(hasty.seenByProvider(exchange -> true)).hasSize(STREAMS + 2).doesNotHaveDuplicates()
                .noneMatch(n -> n.startsWith("queued-"));
        assertThat(hasty.seenByProvider(exchange -> exchange.abort() == null)).hasSize(10)
                .allMatch(n -> n.startsWith("stream-"));
        assertThat(hasty.loggedWith("ok")).hasSize(10).doesNotHaveDuplicates();
        assertThat(hasty.loggedWith("cut_off")).hasSize(STREAMS - 10).doesNotHaveDuplicates();
        assertThat(hasty.loggedWith("refused")).hasSize(QUEUED + 2).doesNotHaveDuplicates();
        assertThat(hasty.sidecar.log()).anyMatch(line -> line.contains("shutdown_grace_over")
                && line.contains("\"waiting\":" + QUEUED));
    }

    @Test
    void aSecondSignalEndsItAtOnce() {
        impatient.ask("silent-", 1);
        impatient.provider.awaitRequests(1, LONG);

        impatient.sidecar.terminate();
        impatient.awaitRefusal();
        assertThat(impatient.sidecar.isAlive()).isTrue();
        impatient.sidecar.terminate();

        assertThat(impatient.sidecar.awaitExit(Duration.ofSeconds(5))).isEqualTo(TERMINATED);
        assertThat(impatient.sidecar.log()).filteredOn(line -> line.contains("shutdown_begun")).singleElement()
                .asString().contains("waits for 1 request, ", "a second SIGTERM or Ctrl-C ends it at once");
    }

    @Test
    void withNothingToWaitForItEndsAtOnceWhoeverIsConnected() throws IOException {
        try (var connected = WireClient.to(idle.port()); var viewer = WireClient.to(idle.port())) {
            connected.send("GET", "/health", null);
            connected.read();
            viewer.send("GET", "/api/dashboard/stream", null);
            var stream = viewer.body(viewer.readHead());
            stream.read();

            idle.sidecar.terminate();

            assertThat(idle.sidecar.awaitExit(Duration.ofSeconds(10))).isEqualTo(TERMINATED);
            assertThat(stream.readAllBytes()).isNotEmpty();
            assertThat(connected.isClosed()).isTrue();
        }
    }

    private static void assertThatIsRefused(WireAnswer answer) {
        new End(answer, null).assertThatIsRefused();
        assertThat(answer.header("Connection")).isEqualTo("close");
    }

    /** What a client got: an answer, of which the rest may have failed to come. */
    private record End(@Nullable WireAnswer answer, @Nullable IOException failure) {

        boolean isWhole() {
            return answer != null && answer.status() == 200 && answer.text().equals(WHOLE);
        }

        boolean isCut() {
            return answer != null && answer.status() == 200 && failure != null;
        }

        void assertThatIsRefused() {
            assertThat(failure).isNull();
            var got = requireNonNull(answer);
            assertThat(got.status()).isEqualTo(503);
            assertThat(got.header("Retry-After")).isEqualTo("5");
            assertThat(got.header("X-Request-Id")).isNotEmpty();
            assertThat(got.text()).contains("\"code\":\"shutting_down\"", "\"type\":\"api_error\"");
        }
    }

    /** A sidecar between a provider and clients. */
    private static final class Stand {

        final ChunkGate goOn = new ChunkGate();
        final ChunkGate never = new ChunkGate();
        final FakeProvider provider = FakeProvider.start(this::answer);
        final SidecarProcess sidecar;

        Stand(Path log, String grace, String... settings) {
            var all = new HashMap<>(Map.of("SIDECAR_SHUTDOWN_GRACE", grace));
            for (var setting : settings) {
                var parts = setting.split("=", 2);
                all.put(parts[0], parts[1]);
            }
            sidecar = SidecarProcess.inFrontOf(provider.baseUrl(), log, all);
        }

        int port() {
            return sidecar.port();
        }

        private Answer answer(RecordedRequest request) {
            var target = request.target();
            if (target.contains("n=silent-")) {
                return new Answer.Silent();
            }
            if (target.contains("n=")) {
                return (target.contains("n=never-ends-") ? never : goOn).hold(STREAM);
            }
            return Answer.json(200, "{}");
        }

        /** As many clients at a time, each on a connection of its own; returns when all have been taken in or answered. */
        List<CompletableFuture<End>> ask(String name, int count) {
            port();
            return IntStream.range(0, count)
                    .mapToObj(n -> CompletableFuture.supplyAsync(() -> send("POST", name + n), CLIENTS)).toList();
        }

        End send(String method, String name) {
            try (var client = WireClient.to(port())) {
                client.send(method, CHAT + name, method.equals("POST") ? "{}".getBytes(UTF_8) : null, "Content-Type",
                        "application/json", "X-Request-Id", name);
                var head = client.readHead();
                var body = new ByteArrayOutputStream();
                try {
                    client.body(head).transferTo(body);
                    return new End(with(head, body.toByteArray()), null);
                } catch (IOException brokenOff) {
                    return new End(with(head, body.toByteArray()), brokenOff);
                }
            } catch (IOException noAnswer) {
                return new End(null, noAnswer);
            }
        }

        private static WireAnswer with(WireAnswer head, byte[] body) {
            return new WireAnswer(head.statusLine(), head.headers(), head.interim(), body);
        }

        WireAnswer get(String path) {
            try {
                return WireClient.exchange(port(), "GET", path, null);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        int waiting() throws IOException {
            return JSON.readTree(get("/status").body()).at("/queue/current_size").asInt();
        }

        /** Waits until the sidecar knows that it is to stop. */
        void awaitRefusal() {
            await().atMost(LONG).until(() -> get("/v1/models").status() == 503);
            ShutdownTest.assertThatIsRefused(get("/v1/models"));
        }

        List<String> seenByProvider(Predicate<Exchange> which) {
            return provider.exchanges().stream().filter(which).map(exchange -> exchange.request().target())
                    .filter(target -> target.contains("n=")).map(target -> target.substring(target.indexOf("n=") + 2))
                    .toList();
        }

        /** The ids of the requests of which the log says that they ended so; those that the test asked about in between aside. */
        List<String> loggedWith(String outcome) {
            return sidecar.log().stream().filter(line -> line.contains("request_completed")).map(Stand::json)
                    .filter(line -> line.get("outcome").asText().equals(outcome))
                    .map(line -> line.get("request_id").asText()).filter(id -> id.matches("[a-z-]+-[0-9]+")).toList();
        }

        private static JsonNode json(String line) {
            try {
                return JSON.readTree(line);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void close() {
            goOn.open();
            never.open();
            sidecar.close();
            provider.close();
        }
    }
}
