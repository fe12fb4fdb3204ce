package dev.sidecar.proxy;

import static dev.sidecar.proxy.Bytes.random;
import static dev.sidecar.proxy.Bytes.sha256;
import static dev.sidecar.proxy.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.Exchange;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A streamed answer is relayed as it comes in, no faster than it is read, and never looks whole when it is not. */
@ProgramTest
@Isolated("looks at the time that things take, or at what all do together")
class StreamingTest {

    private static final long MILLI = 1_000_000;
    private static final List<Header> EVENTS = Header.list("Content-Type", "text/event-stream");
    private static final Map<String, Answer> ANSWERS = new ConcurrentHashMap<>();

    private static FakeProvider provider;
    private static Sidecar sidecar;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start(request -> ANSWERS.getOrDefault(request.path(), Answer.chat("Hello")));
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.timeout=3");
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    @AfterEach
    void everythingIsOver() {
        await().untilAsserted(() -> assertThat(sidecar.traffic().counts().activeStreams()).isZero());
        provider.awaitIdle(Duration.ofSeconds(2));
    }

    private static WireClient post(int port, String path) throws IOException {
        var client = WireClient.to(port);
        client.send("POST", path, utf8("{\"stream\":true}"), "Content-Type", "application/json");
        return client;
    }

    private static Exchange exchange(String path) {
        return provider.exchanges().stream().filter(e -> e.request().path().equals(path)).findFirst().orElseThrow();
    }

    // ---- in time ----

    /** When each of the pieces had arrived in full. */
    private static List<Long> arrivals(int port, String path, List<byte[]> pieces) throws IOException {
        try (var client = post(port, path)) {
            var body = client.body(client.readHead());
            var buffer = new byte[8192];
            var arrivals = new ArrayList<Long>();
            long received = 0;
            long due = pieces.getFirst().length;
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                long now = System.nanoTime();
                received += n;
                while (arrivals.size() < pieces.size() && received >= due) {
                    arrivals.add(now);
                    due += arrivals.size() < pieces.size() ? pieces.get(arrivals.size()).length : 0;
                }
            }
            assertThat(received).isEqualTo(due);
            return arrivals;
        }
    }

    /** For 10 streams at once: how long each token was under way, in ascending order; and their distances. */
    private record Timing(List<Long> delays, List<Long> distances) {

        long delay(int percent) {
            return delays.get((delays.size() - 1) * percent / 100);
        }

        static Timing of(int port, String path, Answer.Chunked stream) throws Exception {
            var delays = new ArrayList<Long>();
            var distances = new ArrayList<Long>();
            IntStream.range(0, 10).forEach(i -> ANSWERS.put(path + i, stream));
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var runs = new ArrayList<Future<List<Long>>>();
                for (int i = 0; i < 10; i++) {
                    var own = path + i;
                    runs.add(threads.submit(() -> arrivals(port, own, stream.chunks())));
                }
                for (int i = 0; i < 10; i++) {
                    var arrived = runs.get(i).get();
                    var sent = exchange(path + i).chunkNanos();
                    assertThat(arrived).hasSameSizeAs(sent);
                    for (int k = 0; k < sent.size(); k++) {
                        delays.add(arrived.get(k) - sent.get(k));
                        if (k > 0) {
                            distances.add(arrived.get(k) - arrived.get(k - 1));
                        }
                    }
                }
            }
            Collections.sort(delays);
            Collections.sort(distances);
            return new Timing(delays, distances);
        }
    }

    @Test
    void everyTokenLeavesWithinMillisecondsOfComingIn() throws Exception {
        var tokens = IntStream.range(0, 60).mapToObj(i -> "token" + i).toList();
        var stream = Answer.chatStream(tokens, Duration.ofMillis(50));
        Timing.of(sidecar.port(), "/v1/warm-up/", Answer.chatStream(tokens, Duration.ofMillis(5)));

        // The same without the sidecar tells what this machine does to a stream at this moment.
        var direct = Timing.of(provider.port(), "/v1/direct/", stream);
        var proxied = Timing.of(sidecar.port(), "/v1/proxied/", stream);

        assertThat(proxied.delays()).hasSize(620);
        assertThat(proxied.delay(95) - direct.delay(95)).as("95 % of the delays, ns").isLessThan(10 * MILLI);
        assertThat(proxied.delay(100) - direct.delay(100)).as("longest delay, ns").isLessThan(100 * MILLI);
        assertThat(proxied.distances().get(proxied.distances().size() / 2)).as("median distance of tokens, ns")
                .isBetween(45 * MILLI, 60 * MILLI);
    }

    @Test
    void piecesOfOneByteComeThroughOneByOne() throws IOException {
        var text = utf8("data: {\"delta\":\"é\"}\n\n: comment\r\n\r\ndata: [DONE]\n\n");
        var pieces = IntStream.range(0, text.length).mapToObj(i -> new byte[]{text[i]}).toList();
        ANSWERS.put("/v1/bytes", new Answer.Chunked(200, EVENTS, pieces, Duration.ofMillis(5)));
        var arrived = arrivals(sidecar.port(), "/v1/bytes", pieces);
        assertThat(arrived).hasSize(text.length);
        assertThat(arrived.stream().distinct().count()).as("separate arrivals").isGreaterThan(text.length / 2);

        try (var client = post(sidecar.port(), "/v1/bytes")) {
            assertThat(client.read().body()).isEqualTo(text);
        }
    }

    @Test
    void aStreamWithAContentLengthIsAStreamAllTheSame() throws IOException {
        var text = "data: 1\n\ndata: 2\n\ndata: 3\n\n".repeat(10);
        var answer = new Answer.Full(200, EVENTS, utf8(text));
        ANSWERS.put("/v1/known-length", new Answer.OneByteAtATime(answer, Duration.ofMillis(3)));
        try (var client = post(sidecar.port(), "/v1/known-length")) {
            var head = client.readHead();
            var body = client.body(head);
            assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(text.length()));
            var begin = body.readNBytes(27);
            long arrived = System.nanoTime();
            assertThat(new String(begin, java.nio.charset.StandardCharsets.UTF_8) + new String(body.readAllBytes(),
                    java.nio.charset.StandardCharsets.UTF_8)).isEqualTo(text);
            // The last byte can be here before the provider's thread has noted that it is sent.
            var exchange = exchange("/v1/known-length");
            await().until(() -> exchange.endNanos() != 0);
            assertThat(exchange.endNanos() - arrived).as("lead of the first events, ns").isGreaterThan(100 * MILLI);
        }
    }

    @Test
    void theHeadOfAStreamDoesNotWaitForItsFirstPiece() throws IOException {
        ANSWERS.put("/v1/head-first", new Answer.OneByteAtATime(
                new Answer.Full(200, Header.list("Content-Type", "text/event-stream", "Content-Length", "30"),
                        utf8("x".repeat(30))),
                Duration.ofMillis(20)));
        try (var client = post(sidecar.port(), "/v1/head-first")) {
            var head = client.readHead();
            assertThat(exchange("/v1/head-first").endNanos()).as("end of the answer").isZero();
            assertThat(client.body(head).readAllBytes()).isEqualTo(utf8("x".repeat(30)));
        }
    }

    @Test
    void anAnswerThatEndsWithItsConnectionComesThroughWhole() throws IOException {
        var pieces = List.of(random(10_000), utf8("middle"), random(100_000));
        ANSWERS.put("/v1/until-close", new Answer.CloseDelimited(200, EVENTS, pieces, Duration.ofMillis(10)));
        try (var client = post(sidecar.port(), "/v1/until-close")) {
            var whole = Bytes.sha256();
            pieces.forEach(whole::update);
            assertThat(sha256(client.read().body())).isEqualTo(java.util.HexFormat.of().formatHex(whole.digest()));
            client.send("GET", "/v1/after", null);
            assertThat(client.read().status()).as("the next answer on this connection").isEqualTo(200);
        }
    }

    // ---- bounded ----

    private static long usedMemory() {
        System.gc();
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() + direct;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSlowReaderHoldsTheProviderBackAndCostsNoMemory(boolean chunked) throws Exception {
        int count = 800;
        var piece = random(64 * 1024);
        long total = (long) count * piece.length;
        var path = "/v1/slow/" + chunked;
        var pieces = Collections.nCopies(count, piece);
        ANSWERS.put(path, chunked
                ? new Answer.Chunked(200, EVENTS, pieces, Duration.ZERO)
                : new Answer.CloseDelimited(200, EVENTS, pieces, Duration.ZERO));
        // The others' limit on silence is short, and looking at the memory takes long on a busy machine.
        try (var patient = Sidecar.inFrontOf(provider.baseUrl())) {
            readSlowly(patient, path, pieces, total);
        }
    }

    private static void readSlowly(Sidecar patient, String path, List<byte[]> pieces, long total) throws Exception {
        long before = LongStream.generate(StreamingTest::usedMemory).limit(3).min().orElseThrow();
        try (var client = WireClient.to(patient.port(), 64 * 1024)) {
            client.send("POST", path, utf8("{}"));
            var body = client.body(client.readHead());
            var digest = Bytes.sha256();
            digest.update(body.readNBytes(1000));

            var sent = new ArrayList<Integer>();
            await().pollInterval(Duration.ofMillis(500)).until(() -> {
                sent.add(exchange(path).chunkNanos().size());
                return sent.size() > 2 && sent.getLast().equals(sent.get(sent.size() - 2));
            });
            assertThat((long) sent.getLast() * pieces.getFirst().length)
                    .as("bytes out of %s that the provider got rid of", total)
                    .isLessThan(total * 6 / 10);
            long during = LongStream.generate(StreamingTest::usedMemory).limit(3).min().orElseThrow();
            assertThat(during - before).as("growth of memory in bytes").isLessThan(8_000_000);

            // Meanwhile others are served.
            try (var other = post(patient.port(), "/v1/other")) {
                assertThat(other.read().status()).isEqualTo(200);
            }

            long read = 1000;
            var buffer = new byte[64 * 1024];
            for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
                digest.update(buffer, 0, n);
                read += n;
            }
            assertThat(read).isEqualTo(total);
            var expected = Bytes.sha256();
            pieces.forEach(expected::update);
            assertThat(digest.digest()).isEqualTo(expected.digest());
        }
    }

    // ---- broken off ----

    @ParameterizedTest
    @EnumSource
    void aStreamThatBreaksOffNeverEndsCleanly(Answer.Framing framing) throws Exception {
        var path = "/v1/cut/" + framing;
        var pieces = List.of(utf8("data: 1\n\n"), utf8("data: 2\n\n"));
        ANSWERS.put(path, new Answer.CutMidStream(200, EVENTS, pieces, framing, Duration.ofMillis(100)));
        try (var client = post(sidecar.port(), path)) {
            var head = client.readHead();
            assertThat(head.status()).isEqualTo(200);
            var body = client.body(head);
            assertThat(body.readNBytes(18)).as("what was sent before the cut")
                    .isEqualTo(utf8("data: 1\n\ndata: 2\n\n"));
            assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
        }

        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var request = HttpRequest.newBuilder(URI.create(sidecar.address() + path))
                    .POST(HttpRequest.BodyPublishers.ofString("{}")).build();
            assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString())).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n3e8\r\nhalf a chunk",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\nnot a size\r\n",
            "Content-Type: text/event-stream\r\nContent-Length: 30\r\n\r\nwhole event\n\n",
            "Content-Length: 200000\r\n\r\nhalf a big body"})
    void halfAnAnswerIsNeverTakenForAWholeOne(String answer) throws IOException {
        ANSWERS.put("/v1/half", new Answer.Garbage(utf8("HTTP/1.1 200 OK\r\n" + answer)));
        try (var client = post(sidecar.port(), "/v1/half")) {
            assertThatThrownBy(client::read).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aStreamThatFallsSilentIsBrokenOffAfterTheTimeout() throws IOException {
        ANSWERS.put("/v1/silence", new Answer.Chunked(200, EVENTS, List.of(utf8("data: 1\n\n"), utf8("data: 2\n\n")),
                Duration.ofSeconds(60)));
        long began = System.nanoTime();
        try (var client = post(sidecar.port(), "/v1/silence")) {
            var body = client.body(client.readHead());
            assertThat(body.readNBytes(9)).isEqualTo(utf8("data: 1\n\n"));
            assertThatThrownBy(body::readAllBytes).isInstanceOf(IOException.class);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Duration.ofMillis(2900),
                Duration.ofSeconds(6));
        provider.awaitAborts(1, Duration.ofSeconds(1));
    }
}
