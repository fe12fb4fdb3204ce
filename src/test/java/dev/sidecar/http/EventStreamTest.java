package dev.sidecar.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An event stream to a client that reads, one that does not, and one that has gone. */
@Timeout(20)
class EventStreamTest {

    private static final Buffer EVENT = Buffer.buffer("data: " + "x".repeat(10_000) + "\n\n");

    private final Vertx vertx = Vertx.vertx();
    private final CompletableFuture<EventStream> opened = new CompletableFuture<>();
    private Socket client;

    @BeforeEach
    void connect() throws Exception {
        var server = vertx.createHttpServer().requestHandler(request -> opened.complete(EventStream.open(request)))
                .listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        client = new Socket();
        client.setReceiveBufferSize(16 * 1024);
        client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.actualPort()));
        client.getOutputStream().write("GET / HTTP/1.1\r\nHost: sidecar\r\nConnection: close\r\n\r\n".getBytes(UTF_8));
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void whatIsSentArrivesAndTheEndIsAnEnd() throws Exception {
        var stream = opened.get(10, TimeUnit.SECONDS);
        assertThat(stream.send(Buffer.buffer("data: 1\n\n"))).isTrue();
        stream.end();
        stream.awaitEnd();
        var answer = new String(client.getInputStream().readAllBytes(), UTF_8);
        assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").contains("Content-Type: text/event-stream\r\n",
                "data: 1\n\n").endsWith("0\r\n\r\n");
    }

    @Test
    void aClientThatDoesNotReadIsNotSentMoreThanALittle() throws Exception {
        var stream = opened.get(10, TimeUnit.SECONDS);
        int[] sent = {0};
        await().untilAsserted(() -> {
            for (int i = 0; i < 10 && stream.send(EVENT); i++) {
                sent[0] += EVENT.length();
            }
            assertThat(stream.send(EVENT)).isFalse();
        });
        assertThat(sent[0]).isLessThan(1_000_000);
        stream.cut();
        stream.awaitEnd();
        assertThat(stream.send(EVENT)).as("nobody is there").isTrue();
    }

    @Test
    void aClientThatLeavesEndsTheWait() throws Exception {
        var stream = opened.get(10, TimeUnit.SECONDS);
        assertThat(stream.send(EVENT)).isTrue();
        client.close();
        stream.awaitEnd();
        assertThat(stream.send(EVENT)).isTrue();
    }
}
