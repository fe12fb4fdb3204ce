package dev.sidecar.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.testkit.RawClient;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that holds each request until the test answers it, with memory for 100 kB of requests and 50 kB of bodies. */
class RequestMemoryTest {

    private static final String BARE = "POST /v1/x HTTP/1.1\r\nHost: sidecar\r\n\r\n";

    private final HeapShare requests = HeapShare.of(100_000);
    private final HeapShare bodies = requests.part(50_000);
    private final List<CompletedRequest> refused = new CopyOnWriteArrayList<>();
    private final List<RoutingContext> held = new CopyOnWriteArrayList<>();
    private final List<RawClient> clients = new CopyOnWriteArrayList<>();
    private final BodyReader reader = new BodyReader(1_000_000, IngressLimits.PRODUCTION,
            new RequestMemory(requests, bodies), new Intake(), new DirectAnswer(refused::add));
    private final Vertx vertx = Vertx.vertx();
    private int port;

    @BeforeEach
    void start() {
        var router = Router.router(vertx);
        router.route().handler(reader).handler(held::add);
        var server = vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1").toCompletionStage()
                .toCompletableFuture().join();
        port = server.actualPort();
    }

    @AfterEach
    void stop() {
        clients.forEach(RawClient::close);
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void requests_are_refused_when_those_that_are_held_take_all_memory_though_none_has_a_body() {
        for (int before = 0; refused.isEmpty(); before = held.size() + refused.size()) {
            var now = before;
            send(BARE);
            await().until(() -> held.size() + refused.size() > now);
        }
        assertThat(held).hasSizeBetween(5, 12);
        assertThat(clients.getLast().receive().text()).contains("\"code\":\"overloaded\"");
        assertThat(refused.getFirst().status()).isEqualTo(503);
        assertThat(requests.used()).isBetween(80_000L, 100_000L);
    }

    @Test
    void who_only_asks_is_heard_all_the_same() {
        assertThat(requests.take(100_000)).isTrue();
        send("GET /health HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        await().until(() -> held.size() == 1);
        assertThat(requests.used()).isEqualTo(100_000);
    }

    @Test
    void a_request_takes_as_much_more_as_its_header_fields_do() {
        send(BARE);
        await().until(() -> held.size() == 1);
        var bare = requests.used();
        send(BARE.replace("\r\n\r\n", "\r\n" + "a: b\r\n".repeat(100) + "\r\n"));
        await().until(() -> held.size() == 2);
        assertThat(requests.used()).isGreaterThan(2 * bare + 20_000);
    }

    @Test
    void bodies_are_refused_before_they_take_the_memory_that_requests_need() {
        var client = send("POST /v1/x HTTP/1.1\r\nHost: sidecar\r\nContent-Length: 50001\r\n\r\n");
        assertThat(client.receive().status()).isEqualTo(503);
        assertThat(bodies.used() + requests.used()).isZero();
        assertThat(held).isEmpty();
    }

    @Test
    void a_body_in_chunks_that_grows_too_large_gives_everything_back() {
        var chunk = "2710\r\n" + "x".repeat(10_000) + "\r\n";
        var client = send(
                "POST /v1/x HTTP/1.1\r\nHost: sidecar\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk.repeat(6));
        assertThat(client.receive().status()).isEqualTo(503);
        assertThat(bodies.used() + requests.used()).isZero();
        assertThat(held).isEmpty();
    }

    @Test
    void what_a_request_and_its_body_took_can_be_taken_again_when_it_is_over() {
        send("POST /v1/x HTTP/1.1\r\nHost: sidecar\r\nContent-Length: 20000\r\n\r\n" + "x".repeat(20_000));
        await().until(() -> held.size() == 1);
        assertThat(bodies.used()).isEqualTo(20_000);
        assertThat(requests.used()).isGreaterThan(28_000);
        reader.release(held.getFirst());
        reader.release(held.getFirst());
        assertThat(bodies.used() + requests.used()).isZero();
    }

    private RawClient send(String octets) {
        var client = RawClient.to(port).send(octets);
        clients.add(client);
        return client;
    }
}
