package dev.sidecar.fleet;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.BusiestMinute;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RedisServer;
import dev.sidecar.testkit.SidecarProcess;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Three programs at full demand before one strict provider, while the leader is killed and Redis loses everything. */
@Tag("slow")
@ProgramTest
@Isolated("three programs at full demand")
class ThreeReplicasTest {

    private static final int LIMIT = 240;
    private static final List<Integer> CLIENTS = List.of(30, 6, 3);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final byte[] BODY = "{\"model\":\"m\",\"messages\":[]}".getBytes(UTF_8);

    private final List<Long> arrivals = new CopyOnWriteArrayList<>();
    private final AtomicInteger unexpected = new AtomicInteger();
    private final Map<String, SidecarProcess> replicas = new HashMap<>();
    private volatile boolean over;

    @TempDir
    Path folder;

    @Test
    void noSixtySecondsHoldMoreThanTheLimitWhateverHappens() throws Exception {
        try (var redis = RedisServer.start(); var provider = FakeProvider.start(_ -> {
            arrivals.add(System.nanoTime());
            return Answer.chat("Hello");
        })) {
            try {
                for (int i = 0; i < CLIENTS.size(); i++) {
                    start("r" + i, provider, redis);
                }
                await().atMost(LONG).until(() -> isShared(3));
                for (int i = 0; i < CLIENTS.size(); i++) {
                    demand("r" + i, CLIENTS.get(i));
                }
                arrive(LIMIT);

                var leader = leader();
                replica(leader).kill();
                replica(leader).awaitExit(LONG);
                arrive(LIMIT / 4);
                start(leader, provider, redis);
                await().atMost(LONG).until(() -> isShared(3));

                redis.kill();
                arrive(LIMIT / 4);
                redis.restart();
                await().atMost(LONG).until(() -> isShared(3));
                arrive(LIMIT / 2);
            } finally {
                over = true;
                replicas.values().forEach(SidecarProcess::close);
            }
        }
        assertThat(BusiestMinute.of(arrivals)).isLessThanOrEqualTo(LIMIT);
        assertThat(unexpected).as("responses that are neither 200 nor from a replica that cannot send").hasValue(0);
    }

    private void start(String name, FakeProvider provider, RedisServer redis) {
        replicas.put(name, SidecarProcess.inFrontOf(provider.baseUrl(),
                folder.resolve(name + System.nanoTime() + ".log"),
                Map.of("SIDECAR_REDIS_URL", redis.url(), "SIDECAR_REPLICA_ID", name, "SIDECAR_STATE_DIR",
                        folder.resolve(name).toString(), "SIDECAR_RATE_RPM", "" + LIMIT, "SIDECAR_BUCKET_CAPACITY",
                        "" + LIMIT, "SIDECAR_QUEUE_TIMEOUT", "120", "SIDECAR_TIMEOUT", "130",
                        "SIDECAR_FALLBACK_PASSTHROUGH", "false")));
    }

    private SidecarProcess replica(String name) {
        return Objects.requireNonNull(replicas.get(name));
    }

    private boolean isShared(int number) {
        return replicas.values().stream().filter(SidecarProcess::isAlive).filter(each -> {
            var status = status(each);
            return status.contains("\"mode\":\"shared\"");
        }).count() == number;
    }

    private static String status(SidecarProcess replica) {
        try {
            return WireClient.exchange(replica.port(), "GET", "/status", null).text();
        } catch (IOException | UncheckedIOException e) {
            return "";
        }
    }

    private String leader() {
        var status = status(replica("r0"));
        return replicas.keySet().stream().filter(each -> status.contains("\"leader\":\"" + each + "\"")).findFirst()
                .orElseThrow();
    }

    /** Waits until so many more have arrived. */
    private void arrive(int more) {
        int until = arrivals.size() + more;
        await().atMost(Duration.ofMinutes(2)).until(() -> arrivals.size() >= until);
    }

    /** Clients that ask until the end, also the process that replaces a killed one. */
    private void demand(String name, int clients) {
        for (int i = 0; i < clients; i++) {
            Thread.ofVirtual().start(() -> {
                while (!over) {
                    ask(name);
                }
            });
        }
    }

    private void ask(String name) {
        try {
            int status = WireClient.exchange(replica(name).port(), "POST", "/v1/chat/completions", BODY, "Content-Type",
                    "application/json").status();
            if (status != 200 && status != 503 && !over) {
                unexpected.incrementAndGet();
            }
        } catch (IOException | UncheckedIOException | IllegalStateException killed) {
            Thread.onSpinWait(); // its process was killed; the next one is asked in a moment
        }
    }
}
