package dev.sidecar.proxy;

import static dev.sidecar.proxy.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.Exchange;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing goes on for a client that has gone: no place in the queue, no slot, no tokens generated for nobody. */
@ProgramTest
@Isolated("looks at the time that things take, or at what all do together")
class ClientLeavesTest {

    private static final int CLIENTS = 20;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Answer ENDLESS = Answer.chatStream(Collections.nCopies(2000, "token"), Duration.ofMillis(50));

    /** With a farewell (FIN) or without one (RST). */
    enum Leaving {
        CLOSE, RESET
    }

    private static FakeProvider provider;
    private static Sidecar sidecar;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start(request -> switch (request.path()) {
            case "/v1/stream" -> ENDLESS;
            case "/v1/thinking" -> new Answer.Silent();
            default -> Answer.chat("Hello");
        });
        sidecar = Sidecar.inFrontOf(provider.baseUrl());
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    @AfterEach
    void nothingIsLeftBehind() throws IOException {
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(sidecar.traffic().counts().activeStreams()).as("streams").isZero();
            assertThat(provider.active()).as("requests at the provider").isZero();
        });
        assertThat(WireClient.exchange(sidecar.port(), "POST", "/v1/next", utf8("{}")).status()).isEqualTo(200);
    }

    private static List<WireClient> clients(Function<Integer, String> methodAndPath) throws IOException {
        var clients = new ArrayList<WireClient>();
        for (int i = 0; i < CLIENTS; i++) {
            var client = WireClient.to(sidecar.port());
            var words = methodAndPath.apply(i).split(" ", 2);
            client.send(words[0], words[1], words[0].equals("POST") ? utf8("{\"stream\":true}") : null);
            clients.add(client);
        }
        return clients;
    }

    private static void leave(List<WireClient> clients, Leaving how) throws IOException {
        for (var client : clients) {
            if (how == Leaving.CLOSE) {
                client.close();
            } else {
                client.reset();
            }
        }
    }

    private static List<Exchange.Abort> abortsAfter(int before, long left) {
        var aborts = provider.awaitAborts(before + CLIENTS, Duration.ofSeconds(5)).subList(before, before + CLIENTS);
        assertThat(aborts).allSatisfy(abort -> assertThat(Duration.ofNanos(abort.nanos() - left)).isLessThan(SOON));
        return aborts;
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesInMidStreamEndsTheProvidersWorkWithinASecond(Leaving how) throws IOException {
        int before = provider.aborts().size();
        var clients = clients(i -> "POST /v1/stream");
        for (var client : clients) {
            assertThat(client.body(client.readHead()).readNBytes(100)).hasSize(100);
        }
        assertThat(sidecar.traffic().counts().activeStreams()).isEqualTo(CLIENTS);
        long left = System.nanoTime();
        leave(clients, how);
        assertThat(abortsAfter(before, left)).extracting(Exchange.Abort::phase)
                .containsOnly(Exchange.Phase.MID_STREAM);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatDoesNotWaitForTheAnswerEndsTheProvidersWorkWithinASecond(Leaving how)
            throws IOException {
        int before = provider.aborts().size();
        var clients = clients(i -> (i % 2 == 0 ? "POST" : "GET") + " /v1/thinking");
        await().until(() -> provider.active() == CLIENTS);
        long left = System.nanoTime();
        leave(clients, how);
        assertThat(abortsAfter(before, left)).extracting(Exchange.Abort::phase).containsOnly(Exchange.Phase.WAITING);
    }

    @ParameterizedTest
    @EnumSource
    void aClientThatLeavesTheQueueCostsNothingAndIsNeverSeenByTheProvider(Leaving how)
            throws IOException {
        Limits.close(sidecar, 500);
        try {
            var throttle = sidecar.throttle();
            var before = throttle.snapshot();
            int seen = provider.requests().size();
            var clients = clients(i -> "POST /v1/queued");
            await().untilAsserted(() -> assertThat(throttle.snapshot().size()).isEqualTo(CLIENTS));

            leave(clients, how);

            await().atMost(SOON).untilAsserted(() -> assertThat(throttle.snapshot().size()).isZero());
            sidecar.throttle().reconfigure(Limits.limit(1_000, 1_000));
            int budget = sidecar.throttle().snapshot().minute().left();
            assertThat(WireClient.exchange(sidecar.port(), "POST", "/v1/staying", utf8("{}")).status()).isEqualTo(200);
            // One for the request that stayed, none for the twenty that left.
            assertThat(sidecar.throttle().snapshot().minute().left()).isGreaterThanOrEqualTo(budget - 1);
            assertThat(provider.requests().subList(seen, provider.requests().size()))
                    .extracting(r -> r.path()).containsExactly("/v1/staying");
            var after = throttle.snapshot();
            assertThat(after.totalDequeued() - before.totalDequeued()).isEqualTo(1);
            assertThat(after.totalDropped() - before.totalDropped()).isEqualTo(CLIENTS);
        } finally {
            Limits.open(sidecar);
        }
    }

    @Test
    void aClientThatLeavesWhileItSendsItsRequestIsNeverSeenByTheProvider() throws IOException {
        int before = provider.requests().size();
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST /v1/half HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nhalf of it");
            client.reset();
        }
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST /v1/half HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n");
        }
        assertThat(WireClient.exchange(sidecar.port(), "POST", "/v1/next", utf8("{}")).status()).isEqualTo(200);
        assertThat(provider.requests().subList(before, provider.requests().size())).extracting(r -> r.path())
                .containsExactly("/v1/next");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void leavingAtAnyMomentLeaksNothing(long seed) throws Exception {
        Limits.close(sidecar, 100);
        // One slot every 5 ms: some have left before their turn, some leave in its very moment, some after it.
        sidecar.throttle().reconfigure(Limits.limit(12_000, 1));
        try (var threads = Executors.newScheduledThreadPool(8)) {
            var random = new Random(seed);
            var comings = new ArrayList<Future<?>>();
            var leavings = new ConcurrentLinkedQueue<Future<?>>();
            for (int i = 0; i < 300; i++) {
                var path = List.of("/v1/stream", "/v1/thinking", "/v1/chat").get(random.nextInt(3));
                long patience = random.nextInt(40_000);
                comings.add(threads.schedule(() -> {
                    var client = WireClient.to(sidecar.port());
                    client.send("POST", path, utf8("{}"));
                    return leavings.add(threads.schedule(() -> {
                        client.reset();
                        return true;
                    }, patience, TimeUnit.MICROSECONDS));
                }, i * 3L, TimeUnit.MILLISECONDS));
            }
            for (var coming : comings) {
                coming.get();
            }
            for (var leaving : leavings) {
                leaving.get();
            }
            await().atMost(Duration.ofSeconds(2)).untilAsserted(() -> {
                assertThat(sidecar.throttle().snapshot().size()).isZero();
                assertThat(sidecar.throttle().snapshot().openSlots()).isZero();
                assertThat(provider.active()).isZero();
            });
        } finally {
            Limits.open(sidecar);
        }
    }
}
