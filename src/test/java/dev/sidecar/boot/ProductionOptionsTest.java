package dev.sidecar.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RoutesFolder;
import dev.sidecar.testkit.SidecarProcess;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program with the options of the JVM and with JMX, as it runs in earnest. */
@ProgramTest
class ProductionOptionsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final int SCRAPERS = 3;
    /** So that those who scrape do not take all there is. */
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final int EDITS = 3;
    private static final int TERMINATED = 143;

    private final FakeProvider provider = FakeProvider.start();
    private SidecarProcess sidecar;
    private RoutesFolder routes;
    private Path recording;

    @BeforeEach
    void start(@TempDir Path folder, @TempDir Path elsewhere) {
        routes = RoutesFolder.in(folder);
        recording = elsewhere.resolve("pinned.jfr");
        // The beans that the build works out are in the jar only. On one carrier it shows soon who does not let go of it.
        sidecar = SidecarProcess.inFrontOf(provider.baseUrl(), folder.resolve("log"),
                Map.of("SIDECAR_ROUTES_DIR", folder.toString(), "SPRING_JMX_ENABLED", "true", "CAMEL_MAIN_JMX_ENABLED",
                        "true"),
                List.of("@deploy/jvm.options", "-Dspring.aot.enabled=false",
                        "-Djdk.virtualThreadScheduler.parallelism=1",
                        "-XX:StartFlightRecording=settings=none,+jdk.VirtualThreadPinned#enabled=true,"
                                + "+jdk.VirtualThreadPinned#threshold=0ms,filename=" + recording));
    }

    @AfterEach
    void stop() {
        sidecar.close();
        provider.close();
    }

    /**
     * Once some of them waited for JMX's lock for good, with all threads that could have given it back; and once they kept the
     * only carrier of virtual threads so busy that it did nothing else.
     */
    @Test
    void severalWhoScrapeWhileRoutesAreExchangedStopNobody() throws Exception {
        var management = status().get("metrics_port").asInt();
        var enough = new AtomicBoolean();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var scrapers = IntStream.range(0, SCRAPERS)
                    .mapToObj(n -> CompletableFuture.runAsync(() -> scrapeUntil(enough, management), clients)).toList();
            try {
                for (var generation = 2; generation < 2 + EDITS; generation++) {
                    routes.write("ops.camel.yaml", routes.read("ops.camel.yaml") + "\n");
                    var expected = generation;
                    await().atMost(LONG).until(() -> status().at("/routes/generation").asInt() == expected);
                }
            } finally {
                enough.set(true);
            }
            for (var scraper : scrapers) {
                scraper.get(LONG.toSeconds(), TimeUnit.SECONDS);
            }
        }

        assertThat(WireClient.exchange(sidecar.port(), "GET", "/health", null).status()).isEqualTo(200);
        sidecar.terminate();
        assertThat(sidecar.awaitExit(LONG)).isEqualTo(TERMINATED);
        assertThat(RecordingFile.readAllEvents(recording)).noneMatch(ProductionOptionsTest::isBelowReflection);
    }

    /** What is called by reflection runs below a native frame, where a virtual thread that waits keeps its carrier. */
    private static boolean isBelowReflection(RecordedEvent pinned) {
        return pinned.getStackTrace() != null && pinned.getStackTrace().getFrames().stream()
                .anyMatch(frame -> frame.getMethod().getType().getName().startsWith("jdk.internal.reflect."));
    }

    private JsonNode status() throws IOException {
        return JSON.readTree(WireClient.exchange(sidecar.port(), "GET", "/status", null).body());
    }

    private static void scrapeUntil(AtomicBoolean enough, int port) {
        while (!enough.get()) {
            try {
                assertThat(WireClient.exchange(port, "GET", "/metrics", null).status()).isEqualTo(200);
                Thread.sleep(PAUSE);
            } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
