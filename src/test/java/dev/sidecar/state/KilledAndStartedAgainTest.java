package dev.sidecar.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.BusiestMinute;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.SidecarProcess;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program is killed and started again, at full demand: the provider never sees more than the limit in 60 s. */
@ProgramTest
class KilledAndStartedAgainTest {

    private static final int LIMIT = 300;
    private static final int KILLS = 20;
    private static final int CLIENTS = 30;
    /** So few arrive in one life that several lives share a window, and so many that few lives use it up. */
    private static final int ARRIVALS = 120;
    private static final Duration LONGEST_LIFE = Duration.ofSeconds(2);
    private static final byte[] BODY = "{\"model\":\"m\",\"messages\":[]}".getBytes(UTF_8);

    private final List<Long> arrivals = new CopyOnWriteArrayList<>();
    private final Semaphore arrived = new Semaphore(0);

    @Test
    @Tag("slow")
    void noSixtySecondsHoldMoreThanTheLimitHoweverOftenItIsKilled(@TempDir Path temp) throws Exception {
        try (var provider = FakeProvider.start(_ -> {
            arrivals.add(System.nanoTime());
            arrived.release();
            return Answer.chat("Hello");
        })) {
            for (int life = 0; life < KILLS; life++) {
                try (var sidecar = SidecarProcess.inFrontOf(provider.baseUrl(), temp.resolve(life + ".log"),
                        Map.of("SIDECAR_STATE_DIR", temp.resolve("state").toString(), "SIDECAR_RATE_RPM", "" + LIMIT,
                                "SIDECAR_BUCKET_CAPACITY", "" + LIMIT, "SIDECAR_FALLBACK_PASSTHROUGH", "false"))) {
                    demand(sidecar.port());
                    arrived.drainPermits();
                    arrived.tryAcquire(ARRIVALS, LONGEST_LIFE.toMillis(), TimeUnit.MILLISECONDS);
                    sidecar.kill();
                    sidecar.awaitExit(Duration.ofSeconds(30));
                }
            }
        }
        assertThat(BusiestMinute.of(arrivals)).isLessThanOrEqualTo(LIMIT);
        assertThat(arrivals).as("full demand").hasSizeGreaterThan(LIMIT * 3 / 4);
    }

    @Test
    void aSecondOneOnTheSameFolderIsToldInOneLine(@TempDir Path temp) throws Exception {
        var settings = Map.of("SIDECAR_STATE_DIR", temp.resolve("state").toString());
        try (var provider = FakeProvider.start();
                var first = SidecarProcess.inFrontOf(provider.baseUrl(), temp.resolve("first.log"), settings)) {
            assertThat(WireClient.exchange(first.port(), "GET", "/health", null).text())
                    .contains("\"state\":\"ok\"");
            try (var second = SidecarProcess.inFrontOf(provider.baseUrl(), temp.resolve("second.log"), settings)) {
                assertThat(second.awaitExit(Duration.ofSeconds(90))).isEqualTo(1);
                assertThat(second.log()).last().asString()
                        .contains("SIDECAR_STATE_DIR: another process uses the folder " + temp.resolve("state"));
            }
        }
    }

    /** Clients that ask as long as the program lives. */
    private static void demand(int port) {
        for (int i = 0; i < CLIENTS; i++) {
            Thread.ofVirtual().start(() -> {
                try {
                    while (WireClient.exchange(port, "POST", "/v1/chat/completions", BODY, "Content-Type",
                            "application/json").status() == 200) {
                        // the next one
                    }
                } catch (IOException | UncheckedIOException killed) {
                    // so is its client's work
                }
            });
        }
    }
}
