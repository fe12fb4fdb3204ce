package dev.sidecar.fleet.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.config.Secret;
import dev.sidecar.fleet.FleetSettings;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RedisServer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What is left of a link that has ended: nothing. */
@ProgramTest
@Isolated("counts the threads of links")
class RedisLinkEndTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    @Test
    void closeEndsConnectionsAndThreads() throws InterruptedException {
        try (var redis = RedisServer.start()) {
            var others = connections(redis);
            var link = new RedisLink(new FleetSettings(new Secret(redis.url()), "fleet", "a", FleetSettings.LEASE));
            assertThat(threads()).as("before it opens").isEmpty();
            link.open(new Silent());
            await().atMost(LONG).until(() -> connections(redis) == others + 2);
            assertThat(threads()).contains("fleet-link");

            link.close();

            assertThat(link.awaitEnd(LONG)).isTrue();
            await().atMost(LONG).until(() -> connections(redis) == others);
            await().atMost(LONG).untilAsserted(() -> assertThat(threads()).isEmpty());
        }
    }

    private static long connections(RedisServer redis) {
        return redis.command("CLIENT", "LIST").lines().count();
    }

    private static List<String> threads() {
        var all = new Thread[1000];
        var group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return Arrays.stream(all, 0, group.enumerate(all)).map(Thread::getName)
                .filter(name -> name.startsWith("lettuce") || name.startsWith("fleet-link")).toList();
    }
}
