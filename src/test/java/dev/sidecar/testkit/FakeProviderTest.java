package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.testkit.Answer.Chunked;
import dev.sidecar.testkit.Answer.CloseDelimited;
import dev.sidecar.testkit.Answer.CutMidStream;
import dev.sidecar.testkit.Answer.Framing;
import dev.sidecar.testkit.Answer.Garbage;
import dev.sidecar.testkit.Answer.Informational;
import dev.sidecar.testkit.Answer.OneByteAtATime;
import dev.sidecar.testkit.Answer.ResetBeforeHead;
import dev.sidecar.testkit.Answer.Silent;
import dev.sidecar.testkit.Answer.SlowHead;
import dev.sidecar.testkit.Exchange.Phase;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(20)
@SuppressWarnings("StringConcatToTextBlock") // the wire's CR LF must stay visible
class FakeProviderTest {

    private static final Duration SOON = Duration.ofSeconds(5);
    private static final Duration BRIEFLY = Duration.ofMillis(5);
    private static final List<byte[]> ABC = List.of("a".getBytes(UTF_8), "bc".getBytes(UTF_8));
    private static final String PLAIN = "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";

    private static HttpClient client;

    private final FakeProvider provider = FakeProvider.start();

    @BeforeAll
    static void startClient() {
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterAll
    static void stopClient() {
        client.close();
    }

    @AfterEach
    void stopProvider() {
        provider.close();
    }

    @Test
    void recordsTheRequestAsItCameOverTheWire() throws Exception {
        long before = System.nanoTime();
        raw("POST /v1/a%20b?q=1&q=%2F HTTP/1.1\r\nhOst: x\r\nX-Two: 1\r\nx-two:2 \r\nTransfer-Encoding: chunked\r\n"
                + "Connection: close\r\n\r\n2\r\nhi\r\n3;ext=1\r\n yo\r\n0\r\nTrailer: t\r\n\r\n");
        RecordedRequest request = provider.awaitRequests(1, SOON).getFirst();
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.target()).isEqualTo("/v1/a%20b?q=1&q=%2F");
        assertThat(request.path()).isEqualTo("/v1/a%20b");
        assertThat(request.headers()).isEqualTo(Header.list("hOst", "x", "X-Two", "1", "x-two", "2",
                "Transfer-Encoding", "chunked", "Connection", "close"));
        assertThat(request.headers("X-TWO")).containsExactly("1", "2");
        assertThatThrownBy(() -> request.header("x-two")).hasMessageContaining("[1, 2]");
        assertThat(request.bodyText()).isEqualTo("hi yo");
        assertThat(request.headNanos()).isBetween(before, request.bodyNanos());
        assertThat(request.bodyNanos()).isLessThan(System.nanoTime());
        assertThat(provider.problems()).isEmpty();
    }

    @Test
    void answersWholeOnAConnectionThatIsKept() throws Exception {
        provider.script(FakeProvider.inOrder(Answer.chat("one"), Answer.tooManyRequests("Retry-After", "7")));
        assertThat(post("").body()).contains("\"content\":\"one\"");
        HttpResponse<String> refused = post("");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("retry-after")).hasValue("7");
        assertThat(post("").statusCode()).isEqualTo(429);
        assertThat(provider.connections()).isEqualTo(1);
        assertThat(provider.requests()).extracting(RecordedRequest::connectionId).containsExactly(1, 1, 1);
        assertThat(provider.active()).isZero();
    }

    @Test
    void tellsTheKeyOfARequestWhateverItsField() throws Exception {
        provider.script(
                request -> request.key().map(key -> Answer.chat("for " + key)).orElse(Answer.error(401, "c", "m")));
        for (String field : List.of("Authorization: Bearer ", "x-api-key: ", "api-key: ")) {
            assertThat(raw(PLAIN.replace("Host: x", "Host: x\r\nConnection: close\r\n" + field + "k1")))
                    .contains("for k1");
        }
        assertThat(raw(PLAIN.replace("Host: x", "Host: x\r\nConnection: close"))).startsWith("HTTP/1.1 401 ");
    }

    @Test
    void streamsChunksAtItsPaceAndStampsEach() throws Exception {
        provider.script(_ -> Answer.chatStream(List.of("a", "b"), Duration.ofMillis(10)));
        assertThat(post("").body()).contains("\"content\":\"a\"", "\"content\":\"b\"").endsWith("data: [DONE]\n\n");
        provider.awaitIdle(SOON);
        List<Long> stamps = provider.exchanges().getFirst().chunkNanos();
        assertThat(stamps).hasSize(4);
        assertThat(stamps.get(3) - stamps.get(0)).isGreaterThanOrEqualTo(30_000_000);
    }

    @ParameterizedTest
    @EnumSource
    void cutsAnAnswerSoThatNoClientCanTakeItForWhole(Framing framing) throws Exception {
        provider.script(_ -> new CutMidStream(200, List.of(), ABC, framing, Duration.ZERO));
        assertThatThrownBy(() -> post("")).isInstanceOf(IOException.class);
        if (framing == Framing.CLOSE) {
            assertThatThrownBy(() -> raw(PLAIN)).isInstanceOf(SocketException.class).hasMessageContaining("reset");
        } else {
            assertThat(raw(PLAIN)).startsWith("HTTP/1.1 200 ").contains("a").contains("bc")
                    .doesNotContain("\r\n0\r\n");
        }
        assertThat(provider.aborts()).isEmpty();
    }

    @Test
    void resetsTheConnectionBeforeTheHead() {
        provider.script(_ -> new ResetBeforeHead());
        assertThatThrownBy(() -> raw(PLAIN)).isInstanceOf(SocketException.class).hasMessageContaining("reset");
        assertThat(provider.aborts()).isEmpty();
    }

    @Test
    void otherOddAnswersArriveByteForByte() throws Exception {
        provider.script(_ -> new Garbage("\0\1nonsense".getBytes(UTF_8)));
        assertThat(raw(PLAIN)).isEqualTo("\0\1nonsense");

        provider.script(_ -> new CloseDelimited(200, Header.list("A", "b"), ABC, BRIEFLY));
        assertThat(raw(PLAIN)).isEqualTo("HTTP/1.1 200 Scripted\r\nA: b\r\nConnection: close\r\n\r\nabc");

        provider.script(_ -> new Informational(103, Header.list("Link", "</a>"), new Chunked(200,
                Header.list("Connection", "close"), ABC, BRIEFLY)));
        assertThat(raw(PLAIN)).isEqualTo("HTTP/1.1 103 Scripted\r\nLink: </a>\r\n\r\nHTTP/1.1 200 Scripted\r\n"
                + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n");

        Answer.Full full = new Answer.Full(201, Header.list("Connection", "close", "A", "1", "a", "2"), ABC.get(1));
        String expected = "HTTP/1.1 201 Scripted\r\nConnection: close\r\nA: 1\r\na: 2\r\nContent-Length: 2\r\n\r\nbc";
        for (Answer answer : List.of(full, full.after(BRIEFLY), new SlowHead(full, BRIEFLY), new OneByteAtATime(full,
                Duration.ZERO))) {
            provider.script(_ -> answer);
            assertThat(raw(PLAIN)).isEqualTo(expected);
        }
        assertThat(provider.aborts()).isEmpty();
        assertThat(provider.problems()).isEmpty();
    }

    @Test
    void noticesAClientThatStopsWaiting() throws Exception {
        provider.script(_ -> new Silent());
        try (Socket socket = open()) {
            socket.getOutputStream().write(PLAIN.getBytes(UTF_8));
            provider.awaitRequests(1, SOON);
            assertThat(provider.active()).isEqualTo(1);
            assertThat(provider.aborts()).isEmpty();
        }
        Exchange.Abort abort = provider.awaitAborts(1, SOON).getFirst();
        assertThat(abort.phase()).isEqualTo(Phase.WAITING);
        assertThat(abort.request()).isSameAs(provider.requests().getFirst());
        provider.awaitIdle(SOON);
    }

    @Test
    void noticesAClientThatLeavesMidStream() throws Exception {
        provider.script(_ -> new Chunked(200, List.of(), ABC, Duration.ofMinutes(5)));
        try (Socket socket = open()) {
            socket.getOutputStream().write(PLAIN.getBytes(UTF_8));
            assertThat(socket.getInputStream().readNBytes(10)).hasSize(10);
        }
        assertThat(provider.awaitAborts(1, SOON).getFirst().phase()).isEqualTo(Phase.MID_STREAM);
        provider.awaitIdle(SOON);
        assertThat(provider.exchanges().getFirst().chunkNanos()).hasSize(1);
    }

    @RepeatedTest(20)
    void refusesWhileStoppedAndAnswersOnTheSamePortAfterwards() throws Exception {
        post("");
        provider.stop();
        assertThatThrownBy(() -> open().close()).isInstanceOf(ConnectException.class);
        provider.restart();
        assertThat(post("").statusCode()).isEqualTo(200);
        assertThat(provider.requests()).hasSize(2);
        assertThat(provider.problems()).isEmpty();
        assertThat(provider.aborts()).isEmpty();
    }

    @Test
    void stoppingBreaksRunningAnswersOffWithoutCallingItAnAbort() throws Exception {
        provider.script(_ -> new Silent());
        try (Socket socket = open()) {
            socket.getOutputStream().write(PLAIN.getBytes(UTF_8));
            provider.awaitRequests(1, SOON);
            provider.stop();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        provider.awaitIdle(SOON);
        assertThat(provider.aborts()).isEmpty();
    }

    @Test
    void reportsRequestsThatBreakTheRulesAndScriptsThatFail() throws Exception {
        assertThat(raw("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
                .isEmpty();
        assertThat(provider.problems()).singleElement().asString().contains("ambiguous framing");
        provider.script(request -> {
            throw new IllegalStateException("no answer for " + request.path());
        });
        assertThat(raw(PLAIN)).isEmpty();
        assertThat(provider.problems()).hasSize(2).last().asString().contains("no answer for /v1/x");
        assertThatThrownBy(() -> provider.awaitRequests(9, BRIEFLY)).isInstanceOf(AssertionError.class)
                .hasMessageContaining("9 requests");
    }

    @Test
    void letsAThousandWaitAtOnce() throws Exception {
        provider.script(_ -> Answer.chat("late").after(Duration.ofMillis(1500)));
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 1000; i++) {
                Socket socket = open();
                sockets.add(socket);
                socket.getOutputStream().write(PLAIN.getBytes(UTF_8));
            }
            for (Socket socket : sockets) {
                assertThat(new String(socket.getInputStream().readNBytes(12), ISO_8859_1)).isEqualTo("HTTP/1.1 200");
            }
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
        assertThat(provider.requests()).hasSize(1000);
        assertThat(provider.mostActive()).isGreaterThan(500);
    }

    @Test
    void neverCountsAFinishedRequestAsActive() {
        List<CompletableFuture<Void>> callers = IntStream.range(0, 3).mapToObj(_ -> CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 200; i++) {
                client.sendAsync(request(""), HttpResponse.BodyHandlers.ofString()).join();
            }
        }, runnable -> Thread.ofVirtual().start(runnable))).toList();
        callers.forEach(CompletableFuture::join);
        assertThat(provider.mostActive()).isLessThanOrEqualTo(3);
    }

    private HttpResponse<String> post(String body) throws IOException, InterruptedException {
        return client.send(request(body), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest request(String body) {
        return HttpRequest.newBuilder(URI.create(provider.baseUrl() + "/v1/chat/completions")).timeout(SOON)
                .POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }

    private Socket open() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), provider.port());
    }

    private String raw(String request) throws IOException {
        try (Socket socket = open()) {
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }
}
