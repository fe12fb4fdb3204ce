package dev.sidecar.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.ingress.IngressLimits;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.Sidecar;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Clients that take their time; the limits are those of production, some fifty times as strict. */
@ProgramTest
@Isolated("looks at the time that things take, or at what all do together")
class SlowClientTest {

    private static final Duration HEADER = Duration.ofMillis(400);
    private static final Duration IDLE = Duration.ofMillis(800);
    private static final Duration BODY_GRACE = Duration.ofMillis(400);
    private static final Duration LONG = Duration.ofSeconds(8);
    private static final String GET_HEALTH = "GET /health HTTP/1.1\r\nHost: sidecar\r\n\r\n";
    private static final String CHAT = "POST /v1/chat/completions HTTP/1.1\r\nHost: sidecar\r\n";

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private RawClient client;
    private long startNanos;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(),
                new IngressLimits(HEADER, IDLE, BODY_GRACE, 1000, Duration.ofMillis(500)));
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        provider.close();
    }

    @BeforeEach
    void connect() {
        provider.script(_ -> Answer.chat("Hello"));
        client = RawClient.to(sidecar.port());
        startNanos = System.nanoTime();
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    @Test
    void inProductionHeadersMayTake15SecondsBodies15MoreAndSilence75() {
        assertThat(IngressLimits.PRODUCTION).isEqualTo(new IngressLimits(Duration.ofSeconds(15), Duration.ofSeconds(75),
                Duration.ofSeconds(15), 16 * 1024, Duration.ofSeconds(2)));
    }

    @Test
    void aHeaderBlockThatIsNotFinishedInTimeEndsTheConnection() {
        client.send("GET /health HTTP/1.1\r\nHost: side");
        assertThat(client.closesWithin(LONG)).isTrue();
        assertThat(elapsed()).isGreaterThanOrEqualTo(HEADER).isLessThan(LONG);
    }

    @Test
    void aHeaderBlockThatDripsInGainsNoTimeByDripping() {
        client.send("GET /health HTTP/1.1\r\nHost: sidecar\r\n");
        var drops = 0;
        while (!client.closesWithin(Duration.ofMillis(50))) { // the pace of the dripping
            client.send("X-Drop: 1\r\n");
            assertThat(++drops).as("drops of 50 ms each").isLessThan(100);
        }
        assertThat(elapsed()).isGreaterThanOrEqualTo(HEADER);
    }

    @Test
    void aSecondHeaderBlockOnAConnectionMustBeInTimeToo() {
        client.send(GET_HEALTH);
        assertThat(client.receive().status()).isEqualTo(200);
        startNanos = System.nanoTime();
        client.send("GET /health HTT");
        assertThat(client.closesWithin(LONG)).isTrue();
        assertThat(elapsed()).isGreaterThanOrEqualTo(HEADER);
    }

    @Test
    void aConnectionOnWhichNothingIsEverSentIsClosed() {
        assertThat(client.closesWithin(LONG)).isTrue();
        assertThat(elapsed()).isGreaterThanOrEqualTo(IDLE.minusMillis(50));
    }

    @Test
    void anIdleConnectionIsClosedAfterTheLimitAndNotAfterThatOfHeaders() {
        client.send(CHAT + "Content-Length: 4\r\n\r\n").send("body"); // two reads: the second is no header
        assertThat(client.receive().status()).isEqualTo(200);
        startNanos = System.nanoTime();
        assertThat(client.closesWithin(LONG)).isTrue();
        assertThat(elapsed()).isGreaterThanOrEqualTo(IDLE.minusMillis(50));
    }

    @Test
    void aConnectionIsNotIdleWhileItsRequestWaits() {
        provider.script(_ -> Answer.chat("at last").after(IDLE.multipliedBy(3)));
        client.send(CHAT + "Content-Length: 0\r\n\r\n");
        assertThat(client.receive().text()).contains("at last");
        client.send(GET_HEALTH);
        assertThat(client.receive().status()).isEqualTo(200);
        assertThat(client.closesWithin(LONG)).isTrue();
    }

    @Test
    void halfANextRequestDoesNotCutOffTheOneThatWaits() {
        provider.script(_ -> Answer.chat("at last").after(HEADER.multipliedBy(3)));
        client.send(CHAT + "Content-Length: 0\r\n\r\nGET /hea").send("lth HTTP/1.1\r\nHo");
        assertThat(client.receive().text()).contains("at last");
        client.send("st: sidecar\r\n\r\n");
        assertThat(client.receive().text()).contains("\"ok\"");
    }

    @Test
    void aBodyThatComesInTooSlowlyIsRefused() {
        client.send(CHAT + "Content-Length: 100\r\n\r\nhalf of it");
        var answers = client.receiveAll();
        assertThat(elapsed()).isGreaterThanOrEqualTo(BODY_GRACE);
        assertThat(answers).singleElement().satisfies(answer -> {
            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.header("Content-Type")).isEqualTo("application/json");
            assertThat(answer.header("X-Request-Id")).isNotEmpty();
            assertThat(answer.text()).contains("\"code\":\"request_timeout\"");
        });
    }

    @Test
    void aChunkedBodyThatComesInTooSlowlyIsRefused() {
        client.send(CHAT + "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        assertThat(client.receiveAll()).singleElement()
                .satisfies(answer -> assertThat(answer.status()).isEqualTo(408));
    }

    @Test
    void aLongBodyMayTakeLongerThanTheGraceIfItKeepsItsPace() {
        client.send(CHAT + "Content-Length: 2005\r\n\r\n" + "x".repeat(2000)); // two seconds' worth
        assertThat(client.closesWithin(BODY_GRACE.multipliedBy(2))).isFalse();
        client.send("ended");
        assertThat(client.receive().status()).isEqualTo(200);
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }
}
