package dev.sidecar.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.ingress.IngressLimits;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.Sidecar;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** The stream of snapshots over real connections, many of them. */
@ProgramTest
@Isolated("looks at the time that things take, or at what all do together")
@Timeout(60)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DashboardStreamTest {

    private static final IngressLimits SHORT_IDLE = new IngressLimits(Duration.ofSeconds(1), Duration.ofMillis(400),
            Duration.ofSeconds(1), 1024, Duration.ofMillis(100));

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private static SnapshotFeed feed;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), SHORT_IDLE, "sidecar.shutdown-grace=30");
        feed = sidecar.bean(SnapshotFeed.class);
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        provider.close();
    }

    @Test
    @Order(1)
    void fiveHundredWatchTheSameSnapshots() {
        var viewers = new ArrayList<Viewer>();
        try {
            for (int i = 0; i < 500; i++) {
                viewers.add(new Viewer());
            }
            await().until(() -> feed.viewers() == 500);
            // Each takes three: the one at the beginning and two that came later, past the time of idle connections.
            var before = feed.computed();
            viewers.forEach(viewer -> viewer.read(3));
            var first = viewers.getFirst();
            assertThat(viewers).allSatisfy(viewer -> assertThat(viewer.event(2)).startsWith("data: {").endsWith("}"));
            assertThat(viewers).filteredOn(viewer -> viewer.events.contains(first.event(2))).hasSizeGreaterThan(400);
            assertThat(feed.computed() - before).isLessThan(20);
        } finally {
            viewers.forEach(Viewer::close);
        }
        await().until(() -> feed.viewers() == 0);
        var computed = feed.computed();
        await().during(Duration.ofMillis(1500)).until(() -> feed.computed() == computed);
    }

    @Test
    @Order(2)
    void oneMoreThanThereIsRoomForIsTurnedAway() throws IOException {
        var viewers = new ArrayList<Viewer>();
        try {
            for (int i = 0; i < SnapshotFeed.MOST_VIEWERS; i++) {
                viewers.add(new Viewer());
            }
            await().until(() -> feed.viewers() == SnapshotFeed.MOST_VIEWERS);
            try (var client = RawClient.to(sidecar.port())) {
                var answer = client.send("GET /api/dashboard/stream HTTP/1.1\r\nHost: sidecar\r\n\r\n").receive();
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.header("Content-Type")).isEqualTo("application/json");
                assertThat(answer.header("Retry-After")).isEqualTo("5");
                assertThat(answer.header("X-Request-Id")).isNotEmpty();
                assertThat(answer.text()).contains("\"too_many_viewers\"");
            }
        } finally {
            viewers.forEach(Viewer::close);
        }
        await().until(() -> feed.viewers() == 0);
    }

    @Test
    @Order(3)
    void aShutdownEndsTheStreamInsteadOfWaitingForIt() {
        try (var viewer = new Viewer()) {
            viewer.read(1);
            sidecar.close();
            assertThat(viewer.readsToItsEnd()).as("ended as HTTP asks, with the last chunk").isTrue();
        }
    }

    /** Speaks just enough HTTP to take the chunks apart: each event is one. */
    private static final class Viewer implements AutoCloseable {

        private final Socket socket;
        private final BufferedReader in;
        private final List<String> events = new ArrayList<>();

        Viewer() {
            try {
                socket = new Socket(InetAddress.getLoopbackAddress(), sidecar.port());
                socket.setSoTimeout(20_000);
                socket.getOutputStream()
                        .write("GET /api/dashboard/stream HTTP/1.1\r\nHost: sidecar\r\n\r\n".getBytes(UTF_8));
                in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8), 2048);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The n-th event, from 0. */
        String event(int n) {
            return events.get(n);
        }

        void read(int snapshots) {
            try {
                while (events.size() < snapshots) {
                    var line = in.readLine();
                    assertThat(line).as("after %s events", events.size()).isNotNull();
                    if (line.startsWith("data: ")) {
                        events.add(line);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        boolean readsToItsEnd() {
            try {
                String last = "";
                for (var line = in.readLine(); line != null; line = in.readLine()) {
                    last = line.isEmpty() ? last : line;
                }
                return last.equals("0");
            } catch (IOException e) {
                return false;
            }
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
