package dev.sidecar.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.ThreadsOf;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.parallel.Isolated;

/** What thousands of waiting requests cost: memory and a socket each, and nothing else. */
@ProgramTest
@Isolated("looks at the time that things take, or at what all do together")
class WaitingRequestsTest {

    private static final int WANTED = 5000;
    private static final int DESCRIPTORS_FOR_THE_REST = 1000;
    private static final String CHAT = "POST /v1/chat/completions HTTP/1.1\r\nHost: sidecar\r\n"
            + "Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"model\":\"m\"}";
    private static final String GET_HEALTH = "GET /health HTTP/1.1\r\nHost: sidecar\r\n\r\n";

    @Test
    void thousandsOfWaitingRequestsCostNoThreadsAndLeaveWithTheirClients(TestReporter reporter) {
        var count = affordable();
        reporter.publishEntry("waiting requests", count + " of " + WANTED + " wanted");
        assumeTrue(count >= 500, "the limit on open files (ulimit -n) is too low to learn anything");
        // A hundred a minute: nobody is refused for a deadline that cannot be met, and hardly anybody is served.
        try (var provider = FakeProvider.start();
                var sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.rate-rpm=100", "sidecar.bucket-capacity=1",
                        "sidecar.queue-timeout=3600")) {
            checkHealth(sidecar.port(), 50); // warm, with all the threads that it needs anyway
            var threadsBefore = ManagementFactory.getThreadMXBean().getThreadCount();
            var clients = new ArrayList<RawClient>();
            try {
                for (var i = 0; i < count; i++) {
                    clients.add(RawClient.to(sidecar.port()).send(CHAT));
                }
                var most = new int[1];
                await().atMost(Duration.ofSeconds(20)).until(() -> {
                    most[0] = Math.max(most[0], sidecar.throttle().size());
                    return most[0] + provider.requests().size() >= count;
                });
                assertThat(most[0]).isGreaterThan(count * 9 / 10);
                assertThat(ManagementFactory.getThreadMXBean().getThreadCount() - threadsBefore)
                        .as("platform threads more").isLessThan(20);
                assertThat(workers(sidecar)).as("virtual threads that hold a request").hasSizeLessThan(count / 20);
                var millis = checkHealth(sidecar.port(), 50);
                reporter.publishEntry("health in ms", "median " + millis.get(25) + ", most " + millis.get(49));
                assertThat(millis.get(25)).as("median of /health, ms").isLessThan(100);
                assertThat(millis.get(49)).as("slowest /health, ms").isLessThan(1000);
                assertThat(ManagementFactory.getThreadMXBean().getThreadCount() - threadsBefore)
                        .as("platform threads more").isLessThan(20);
            } finally {
                clients.forEach(RawClient::close);
            }
            await().atMost(Duration.ofSeconds(10)).until(() -> sidecar.throttle().size() == 0);
            assertThat(provider.requests().size()).as("requests sent for clients that had gone")
                    .isLessThan(count / 10);
        }
    }

    /** Names of the threads that bring requests in. */
    private static List<String> workers(Sidecar sidecar) {
        return ThreadsOf.executor(((VertxInternal) sidecar.bean(Vertx.class)).getWorkerPool().executor());
    }

    /** How many connections, of two descriptors each within this one process, the limit on open files allows. */
    private static int affordable() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix) {
            var free = unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount() - DESCRIPTORS_FOR_THE_REST;
            return Math.clamp(free / 2, 0, WANTED);
        }
        return WANTED;
    }

    /** Milliseconds that each call took, in ascending order. */
    private static List<Long> checkHealth(int port, int calls) {
        try (var client = RawClient.to(port)) {
            return IntStream.range(0, calls).mapToObj(i -> {
                var start = System.nanoTime();
                assertThat(client.send(GET_HEALTH).receive().status()).isEqualTo(200);
                return Duration.ofNanos(System.nanoTime() - start).toMillis();
            }).sorted().toList();
        }
    }
}
