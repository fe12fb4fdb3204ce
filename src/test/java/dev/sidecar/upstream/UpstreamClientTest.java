package dev.sidecar.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.call.Cancellation;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.FullBacklog;
import dev.sidecar.testkit.HttpsProvider;
import io.vertx.core.buffer.Buffer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one request on the wire leaves behind, however it ends, and how uploads end. */
@Timeout(60)
class UpstreamClientTest {

    private static final Duration SHORT = Duration.ofSeconds(1);
    private static final int UPLOAD_BYTES = 20_000_000;

    private final FakeProvider provider = FakeProvider.start();
    private final CountDownLatch gone = new CountDownLatch(1);
    private CompletableFuture<Void> served = CompletableFuture.completedFuture(null);
    private final AtomicLong read = new AtomicLong();
    private Duration limit = Duration.ofSeconds(30);
    private Duration patience = UpstreamRequest.Listener.ANY_LENGTH;
    private List<String> addresses = List.of("127.0.0.1");
    private final UpstreamClient client = new UpstreamClient(() -> limit,
            () -> new DefaultClientTlsStrategy(tlsContext), new SystemDefaultDnsResolver() {
                @Override
                public InetAddress[] resolve(String name) throws UnknownHostException {
                    var all = new InetAddress[addresses.size()];
                    for (int i = 0; i < all.length; i++) {
                        all[i] = InetAddress.getByName(addresses.get(i));
                    }
                    return all;
                }
            });

    private static SSLContext tlsContext;

    @BeforeAll
    static void makeCertificate(@TempDir Path folder) throws Exception {
        try (var provider = HttpsProvider.start(folder)) {
            tlsContext = provider.context();
        }
    }

    @AfterEach
    void everythingWasReturned() {
        assertThat(client.isIdle()).isTrue();
        client.shutdown();
        provider.close();
    }

    // ---- uploads ----

    @Test
    void anUploadThatNobodyReadsEndsAfterTheLimitAndItsConnectionIsClosed() throws Exception {
        limit = SHORT;
        try (var peer = listen()) {
            serve(peer, connection -> {
                connection.getInputStream().readNBytes(1000);
                gone.await();
                connection.getInputStream().transferTo(OutputStream.nullOutputStream());
            });
            assertThatThrownBy(() -> upload(peer)).isInstanceOf(SocketTimeoutException.class);
            gone.countDown();
            assertThat(served.handle((ok, reset) -> true).get(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void anUploadThatMovesSlowlyIsNotCut() throws Exception {
        limit = Duration.ofSeconds(4);
        try (var peer = listen()) {
            serve(peer, connection -> {
                var in = connection.getInputStream();
                for (int left = UPLOAD_BYTES; left > 1_000_000; left -= 1_000_000) {
                    in.readNBytes(1_000_000);
                    TimeUnit.MILLISECONDS.sleep(limit.toMillis() / 12); // more than the limit in all
                }
                connection.getOutputStream().write(response("200 OK"));
                in.transferTo(OutputStream.nullOutputStream());
            });
            try (var response = upload(peer)) {
                assertThat(response.getCode()).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProviderThatRefusesAnUploadAndClosesIsHeard(boolean tls) throws Exception {
        try (var peer = tls ? listenWithTls() : listen()) {
            serve(peer, connection -> {
                head(connection);
                connection.getOutputStream().write(response("413 Content Too Large"));
            });
            try (var response = upload(peer)) {
                assertThat(response.getCode()).isEqualTo(413);
                assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("no");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProviderThatRefusesAnUploadInItsMiddleAndClosesIsHeard(boolean tls) throws Exception {
        try (var peer = tls ? listenWithTls() : listen()) {
            serve(peer, connection -> {
                connection.getInputStream().readNBytes(3_000_000);
                TimeUnit.MILLISECONDS.sleep(100); // the client cannot go on writing
                connection.getOutputStream().write(response("413 Content Too Large"));
            });
            try (var response = upload(peer)) {
                assertThat(response.getCode()).isEqualTo(413);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProviderThatRefusesAnUploadAndGoesOnReadingIsHeardBeforeAllIsWritten(boolean tls)
            throws Exception {
        try (var peer = tls ? listenWithTls() : listen()) {
            serve(peer, connection -> {
                head(connection);
                connection.getOutputStream().write(response("413 Content Too Large"));
                read.set(connection.getInputStream().transferTo(OutputStream.nullOutputStream()));
            });
            try (var response = upload(peer)) {
                assertThat(response.getCode()).isEqualTo(413);
                assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("no");
            }
            served.handle((ok, reset) -> true).get(5, TimeUnit.SECONDS);
            assertThat(read).hasValueLessThan(UPLOAD_BYTES);
        }
    }

    private ClassicHttpResponse upload(ServerSocket peer) throws IOException {
        var scheme = peer instanceof SSLServerSocket ? "https" : "http";
        return client.send(new HttpHost(scheme, "127.0.0.1", peer.getLocalPort()), "", new UpstreamRequest("POST",
                "/v1/files", List.of(), Buffer.buffer(new byte[UPLOAD_BYTES]), new Quiet(), new Cancellation()));
    }

    private static byte[] response(String status) {
        return ("HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n\r\nno").getBytes(ISO_8859_1);
    }

    private static void head(Socket connection) throws IOException {
        var lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), ISO_8859_1), 1);
        while (!lines.readLine().isEmpty()) {
            // goes on
        }
    }

    private static ServerSocket listen() throws IOException {
        return listen(new ServerSocket());
    }

    private static ServerSocket listenWithTls() throws IOException {
        return listen(tlsContext.getServerSocketFactory().createServerSocket());
    }

    private static ServerSocket listen(ServerSocket socket) throws IOException {
        socket.setReceiveBufferSize(64 * 1024);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        return socket;
    }

    private void serve(ServerSocket peer, Script script) {
        served = CompletableFuture.runAsync(() -> {
            try (var connection = peer.accept()) {
                script.run(connection);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }, Thread::startVirtualThread);
    }

    private interface Script {
        void run(Socket connection) throws Exception;
    }

    // ---- connections ----

    @Test
    void aResponseThatIsSkippedToItsEndLeavesAConnectionThatCanBeUsedAgain() throws IOException {
        for (int i = 0; i < 5; i++) {
            try (var response = get(new Quiet(), new Cancellation())) {
                response.getEntity().getContent().skip(1_000_000);
            }
        }
        assertThat(provider.requests()).hasSize(5);
        assertThat(provider.connections()).isEqualTo(1);
    }

    // ---- bodies by whose beginning something is decided ----

    @Test
    void aBodyThatDripsKeepsNobodyFromDecidingAndNothingOfItIsLost() throws Exception {
        try (var peer = listen()) {
            serve(peer, connection -> {
                head(connection);
                connection.getOutputStream()
                        .write("HTTP/1.1 429 No\r\nContent-Length: 9\r\n\r\nnot ".getBytes(ISO_8859_1));
                gone.await();
                connection.getOutputStream().write("today".getBytes(ISO_8859_1));
            });
            try (var response = get(peer.getLocalPort())) {
                assertThat(ResponseBody.start(response)).asString(ISO_8859_1).isEqualTo("not ");
                assertThat(ResponseBody.start(response)).asString(ISO_8859_1).isEqualTo("not ");
                assertThat(ResponseBody.isSlow(response.getEntity())).isTrue();
                gone.countDown();
                assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("not today");
            }
        }
    }

    @Test
    void aBodyThatDripsCanBeDropped() throws Exception {
        try (var peer = listen()) {
            serve(peer, connection -> {
                head(connection);
                connection.getOutputStream()
                        .write("HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\nnot ".getBytes(ISO_8859_1));
                connection.getInputStream().transferTo(OutputStream.nullOutputStream());
            });
            var response = upload(peer);
            assertThat(ResponseBody.start(response)).asString(ISO_8859_1).isEqualTo("not ");
            ResponseBody.drop(response);
            assertThat(served.handle((ok, reset) -> true).get(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    // ---- addresses ----

    @Test
    void anAddressThatSwallowsEverythingLeavesTimeForTheNext() throws Exception {
        try (var swallows = FullBacklog.on("127.0.0.1", 0);
                var listens = new ServerSocket(swallows.port(), 10, InetAddress.getByName("127.0.0.2"))) {
            serve(listens, connection -> {
                head(connection);
                connection.getOutputStream().write(response("200 OK"));
            });
            addresses = List.of("127.0.0.1", "127.0.0.2");
            patience = Duration.ofSeconds(8);
            try (var response = get(swallows.port())) {
                assertThat(response.getCode()).isEqualTo(200);
                assertThat(EntityUtils.toString(response.getEntity())).isEqualTo("no");
            }
        }
    }

    @Test
    void allAddressesTogetherHaveTheTimeOfOne() throws Exception {
        limit = SHORT;
        addresses = IntStream.rangeClosed(1, 20).mapToObj(last -> "127.0.0." + last).toList();
        assertThat(connectingInVain()).isLessThan(Duration.ofSeconds(15)); // 20 if each had its own
    }

    @Test
    void andNoMoreThanThePatienceOfTheOneWhoWaits() throws Exception {
        patience = SHORT;
        assertThat(connectingInVain()).isLessThan(Duration.ofSeconds(9)); // 10 if that was not looked at
    }

    private Duration connectingInVain() throws Exception {
        try (var swallows = FullBacklog.on("0.0.0.0", 0)) {
            long began = System.nanoTime();
            assertThatThrownBy(() -> get(swallows.port())).isInstanceOf(NoResponseException.class).cause()
                    .isInstanceOf(SocketTimeoutException.class);
            return Duration.ofNanos(System.nanoTime() - began);
        }
    }

    // ---- what is given up ----

    enum GivenUp {
        CLIENT_GONE {
            @Override
            void giveUp(Cancellation cancellation) {
                cancellation.cancel();
            }
        },
        STOPPED {
            @Override
            void giveUp(Cancellation cancellation) {
                cancellation.stop();
            }
        };

        abstract void giveUp(Cancellation cancellation);
    }

    @ParameterizedTest
    @EnumSource
    void aRequestThatIsGivenUpBeforeItHasAConnectionIsNobodysFault(GivenUp how) {
        var cancellation = new Cancellation();
        how.giveUp(cancellation);
        assertThatThrownBy(() -> get(new Quiet(), cancellation)).isInstanceOf(ClientGoneException.class);
        assertThat(provider.requests()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void norIsOneThatIsGivenUpBetweenConnectionAndRequest(GivenUp how) {
        var cancellation = new Cancellation();
        assertThatThrownBy(() -> get(new Quiet() {
            @Override
            public void beforeWrite() {
                how.giveUp(cancellation);
            }
        }, cancellation)).isInstanceOf(ClientGoneException.class);
        assertThat(provider.requests()).isEmpty();
    }

    @Test
    void aFaultOfTheSidecarsOwnReturnsTheConnection() {
        var fault = new StackOverflowError("a fault, as the test wants it");
        assertThatThrownBy(() -> get(new Quiet() {
            @Override
            public void beforeWrite() {
                throw fault;
            }
        }, new Cancellation())).isSameAs(fault);
        assertThatThrownBy(() -> get(new Quiet() {
            @Override
            public void answered(ClassicHttpResponse head) {
                throw fault;
            }
        }, new Cancellation())).isSameAs(fault);
    }

    private ClassicHttpResponse get(UpstreamRequest.Listener listener, Cancellation cancellation) throws IOException {
        return get(provider.port(), listener, cancellation);
    }

    private ClassicHttpResponse get(int port) throws IOException {
        return get(port, new Quiet() {
            @Override
            public Duration patience() {
                return patience;
            }
        }, new Cancellation());
    }

    private ClassicHttpResponse get(int port, UpstreamRequest.Listener listener, Cancellation cancellation)
            throws IOException {
        return client.send(new HttpHost("http", "provider.test", port), "",
                new UpstreamRequest("GET", "/v1/models", List.of(), null, listener, cancellation));
    }

    private static class Quiet implements UpstreamRequest.Listener {

        @Override
        public void beforeWrite() {
            // nothing to count
        }

        @Override
        public void written() {
            // nothing to count
        }

        @Override
        public void answered(ClassicHttpResponse head) {
            // the caller has it
        }
    }
}
