package dev.sidecar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sidecar.ingress.InFlightRequests;
import dev.sidecar.reload.RoutesInForce;
import dev.sidecar.files.WatchPace;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.ChunkGate;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RecordedRequest;
import dev.sidecar.testkit.RoutesFolder;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireClient;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.support.GenericApplicationContext;

/** Those whom a stop could miss, since they are somewhere else than in line or waiting for the provider. */
@ProgramTest
@Timeout(120)
class DrainTest {

    private static final Answer.Chunked STREAM = Answer.chatStream(List.of("one", "two"), Duration.ZERO);
    private static final int BIG = 16 * 1024 * 1024;
    private static final int LITTLE = 8 * 1024;
    private static final byte[] CHAT = "{\"model\":\"m\"}".getBytes(UTF_8);

    private final ChunkGate gate = new ChunkGate();
    private final FakeProvider provider = FakeProvider.start(this::answer);

    private Answer answer(RecordedRequest request) {
        return switch (request.path()) {
            case "/v1/big" -> new Answer.Full(200, Header.list("Content-Type", "audio/mpeg"), new byte[BIG]);
            case "/v1/models" -> Answer.json(200, "{}");
            default -> gate.hold(STREAM);
        };
    }

    @AfterEach
    void close() {
        gate.open();
        provider.close();
    }

    private static CompletableFuture<Void> stop(Sidecar sidecar) {
        var stopped = CompletableFuture.runAsync(sidecar::close, task -> Thread.ofVirtual().start(task));
        // Long, since another class may just be starting sidecars, and one starts or stops at a time.
        await().atMost(Duration.ofSeconds(40)).until(sidecar.bean(InFlightRequests.class)::isClosed);
        return stopped;
    }

    @Test
    void everybodyCountsWhereverTheRequestOrTheAnswerIs(@TempDir Path folder) throws Exception {
        var routes = RoutesFolder.in(folder);
        var sidecar = Sidecar.inFrontOf(provider.baseUrl(),
                (GenericApplicationContext context) -> context.registerBean(WatchPace.class,
                        () -> new WatchPace(Duration.ofMillis(20), Duration.ofMillis(60))),
                "sidecar.routes-dir=" + routes.path(), "sidecar.shutdown-grace=30");
        var port = sidecar.port();
        try (var earlierRoutes = WireClient.to(port);
                var laterRoutes = WireClient.to(port);
                var pipelined = WireClient.to(port);
                var half = WireClient.to(port);
                var slow = WireClient.to(port, LITTLE)) {
            earlierRoutes.send("POST", "/v1/chat/completions", CHAT);
            provider.awaitRequests(1, Duration.ofSeconds(10));
            routes.edit("ops.camel.yaml", "Responds as long as the process lives.", "Another description.");
            await().until(() -> sidecar.bean(RoutesInForce.class).report().generation() == 2);
            laterRoutes.send("POST", "/v1/chat/completions", CHAT);
            pipelined.send("POST", "/v1/chat/completions", CHAT);
            pipelined.send("GET", "/v1/models", null);
            slow.send("GET", "/v1/big", null);
            provider.awaitRequests(4, Duration.ofSeconds(10));
            half.send("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf");
            await().until(() -> sidecar.bean(InFlightRequests.class).underWay() == 6);

            var stopped = stop(sidecar);

            var refused = half.read();
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.text()).contains("shutting_down");
            assertThat(refused.header("Connection")).isEqualTo("close");
            assertThat(stopped).isNotDone();
            gate.open();
            for (var client : List.of(earlierRoutes, laterRoutes, pipelined)) {
                assertThat(client.read().text()).endsWith("data: [DONE]\n\n");
            }
            assertThat(pipelined.read().status()).as("sent early, but nobody has begun with it").isEqualTo(503);
            assertThat(stopped).isNotDone();
            assertThat(slow.read().body()).hasSize(BIG);
            stopped.get(20, TimeUnit.SECONDS);
        }
        assertThat(provider.aborts()).isEmpty();
        assertThat(provider.problems()).isEmpty();
    }

    /** The statuses that they got, one after the other; fails for one who is let in and not answered. */
    private static List<Integer> newcomersUntilRefused(int port) throws IOException {
        var statuses = new ArrayList<Integer>();
        while (true) {
            try (var newcomer = WireClient.to(port)) {
                newcomer.send("GET", "/v1/models", null);
                statuses.add(newcomer.read().status());
            } catch (UncheckedIOException | SocketException refused) {
                return statuses; // or reset, when nobody has accepted the connection yet
            }
        }
    }

    @Test
    void nobodyTakesHalfAnAnswerForAWholeOneWhenTheTimeIsUp() throws Exception {
        var sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.shutdown-grace=1");
        var port = sidecar.port();
        try (var chunked = WireClient.to(port);
                var untilClose = WireClient.to(port);
                var deaf = WireClient.to(port, LITTLE)) {
            chunked.send("POST", "/v1/chat/completions", CHAT);
            untilClose.send("POST /v1/chat/completions HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}");
            deaf.send("GET", "/v1/big", null);
            var chunkedBody = chunked.body(chunked.readHead());
            var bodyUntilClose = untilClose.body(untilClose.readHead());
            provider.awaitRequests(3, Duration.ofSeconds(10));

            var stopped = stop(sidecar);
            assertThat(newcomersUntilRefused(port)).hasSizeGreaterThan(1).containsOnly(503);
            stopped.get(20, TimeUnit.SECONDS);

            assertThatThrownBy(chunkedBody::readAllBytes).isInstanceOf(EOFException.class);
            assertThatThrownBy(bodyUntilClose::readAllBytes).isInstanceOf(IOException.class);
            assertThatThrownBy(deaf::read).isInstanceOf(IOException.class);
        }
    }
}
