package dev.sidecar.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.call.CompletedRequest;
import dev.sidecar.testkit.RawClient;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that holds each request until the test answers it, with memory for 500 kB of requests and 100 kB of uploads. */
class RequestMemoryTest {

    private static final int SMALL = RequestMemory.SMALL_BODY_BYTES;
    private static final String BARE = "POST /v1/x HTTP/1.1\r\nHost: sidecar\r\n\r\n";

    private final MemoryBudget requests = MemoryBudget.of(500_000);
    private final MemoryBudget uploads = requests.part(100_000);
    private final List<CompletedRequest> refused = new CopyOnWriteArrayList<>();
    private final List<RoutingContext> held = new CopyOnWriteArrayList<>();
    private final List<RawClient> clients = new CopyOnWriteArrayList<>();
    private final InFlightRequests intake = new InFlightRequests();
    private final BodyReader reader = new BodyReader(1_000_000, IngressLimits.PRODUCTION,
            new RequestMemory(requests, uploads), intake, new ErrorResponder(refused::add));
    private final Vertx vertx = Vertx.vertx();
    private int port;

    @BeforeEach
    void start() {
        var router = Router.router(vertx);
        router.route().handler(reader).handler(held::add);
        var options = new HttpServerOptions().setHttp2ClearTextEnabled(false);
        var server = vertx.createHttpServer(options).requestHandler(router)
                .connectionHandler(
                        connection -> ConnectionGuard.watch(connection, options, IngressLimits.PRODUCTION, intake))
                .listen(0, "127.0.0.1").toCompletionStage()
                .toCompletableFuture().join();
        port = server.actualPort();
    }

    @AfterEach
    void stop() {
        clients.forEach(RawClient::close);
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void requestsAreRefusedWhenThoseThatAreHeldTakeAllMemoryThoughNoneHasABody() {
        for (int before = 0; refused.isEmpty(); before = held.size() + refused.size()) {
            var now = before;
            send(BARE);
            await().until(() -> held.size() + refused.size() > now);
        }
        assertThat(held).hasSizeBetween(25, 60);
        assertThat(clients.getLast().receive().text()).contains("\"code\":\"overloaded\"");
        assertThat(refused.getFirst().status()).isEqualTo(503);
        assertThat(requests.used()).isBetween(480_000L, 500_000L);
    }

    @Test
    void whoOnlyAsksIsHeardAllTheSame() {
        assertThat(requests.take(500_000)).isTrue();
        send("GET /health HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        await().until(() -> held.size() == 1);
        assertThat(requests.used()).isEqualTo(500_000);
    }

    @Test
    void aRequestTakesAsMuchMoreAsItsHeaderFieldsDo() {
        send(BARE);
        await().until(() -> held.size() == 1);
        var bare = requests.used();
        send(BARE.replace("\r\n\r\n", "\r\n" + "a: b\r\n".repeat(100) + "\r\n"));
        await().until(() -> held.size() == 2);
        assertThat(requests.used()).isGreaterThan(2 * bare + 20_000);
    }

    @Test
    void anUploadThatCouldNotBeHeldIsRefusedBeforeItIsSent() {
        var client = send(post(SMALL + 100_001));
        assertThat(client.receive().status()).isEqualTo(503);
        assertNothingIsTaken();
        assertThat(held).isEmpty();
    }

    @Test
    void clientsThatAnnounceMuchAndSendLittleLockNobodyOut() {
        for (int i = 0; i < 5; i++) {
            send(post(90_000) + "x");
        }
        await().until(() -> requests.used() >= 5 * 16_384);
        assertThat(uploads.used()).isZero();
        send(post(90_000) + "x".repeat(90_000));
        await().until(() -> held.size() == 1);
        assertThat(uploads.used()).isEqualTo(90_000 - SMALL);
    }

    @Test
    void whatABodyTakesIsLittleMoreThanHasComeOfIt() {
        var client = send(post(150_000));
        for (int sent = 10_000; sent <= 150_000; sent += 10_000) {
            client.send("x".repeat(10_000));
            long least = sent;
            await().until(() -> requests.used() >= least);
            assertThat(requests.used()).isLessThan(10_000 + Math.max(16_384, sent + sent / 2));
        }
        await().until(() -> held.size() == 1);
        assertThat(held.getFirst().body().buffer().toString()).isEqualTo("x".repeat(150_000));
    }

    @Test
    void whenMemoryRunsOutInTheMiddleOfABodyThatRequestIsRefusedAndAnotherGoesOn() {
        var first = send(post(120_000) + "x".repeat(110_000));
        await().until(() -> uploads.used() >= 110_000 - SMALL);
        var taken = requests.used();
        var second = send(post(120_000) + "x".repeat(119_999));
        assertThat(second.receive().text()).contains("\"code\":\"overloaded\"");
        assertThat(second.closesWithin(Duration.ofSeconds(5))).isTrue();
        assertThat(requests.used()).as("it has given back what it had").isEqualTo(taken);
        first.send("x".repeat(10_000));
        await().until(() -> held.size() == 1);
        assertThat(uploads.used()).isEqualTo(120_000 - SMALL);
    }

    @Test
    void aSmallBodyFindsRoomWhileUploadsHaveTakenAllOfTheirs() {
        assertThat(uploads.take(100_000)).isTrue();
        send(post(SMALL) + "x".repeat(SMALL));
        await().until(() -> held.size() == 1);
        var upload = send(post(SMALL + 1) + "x".repeat(SMALL + 1));
        assertThat(upload.receive().status()).isEqualTo(503);
    }

    @Test
    void aBodyInChunksThatGrowsTooLargeGivesEverythingBack() {
        var chunk = "2710\r\n" + "x".repeat(10_000) + "\r\n";
        var client = send(
                "POST /v1/x HTTP/1.1\r\nHost: sidecar\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk.repeat(20));
        assertThat(client.receive().status()).isEqualTo(503);
        assertNothingIsTaken();
        assertThat(held).isEmpty();
    }

    @Test
    void aClientThatLeavesInTheMiddleOfItsBodyGivesEverythingBack() {
        var client = send(post(150_000) + "x".repeat(100_000));
        await().until(() -> uploads.used() > 0);
        client.close();
        await().untilAsserted(this::assertNothingIsTaken);
    }

    @Test
    void whatARequestAndItsBodyTookCanBeTakenAgainWhenItIsOver() {
        send(post(120_000) + "x".repeat(120_000));
        await().until(() -> held.size() == 1);
        assertThat(uploads.used()).isEqualTo(120_000 - SMALL);
        assertThat(requests.used()).isBetween(128_000L, 130_000L);
        reader.release(held.getFirst());
        reader.release(held.getFirst());
        assertNothingIsTaken();
    }

    private void assertNothingIsTaken() {
        assertThat(uploads.used() + requests.used()).isZero();
    }

    private static String post(int length) {
        return "POST /v1/x HTTP/1.1\r\nHost: sidecar\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private RawClient send(String octets) {
        var client = RawClient.to(port).send(octets);
        clients.add(client);
        return client;
    }
}
