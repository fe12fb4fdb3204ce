package dev.sidecar.fleet.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.config.Secret;
import dev.sidecar.fleet.FleetSettings;
import dev.sidecar.fleet.LinkListener;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The link over a real Redis. */
@ProgramTest
class RedisLinkTest {

    static final Duration LONG = Duration.ofSeconds(20);

    private final RedisServer redis = RedisServer.start();
    private final List<Replica> replicas = new ArrayList<>();

    /** One replica: its link, and what that told. */
    static final class Replica implements LinkListener {

        final RedisLink link;
        final List<String> told = new CopyOnWriteArrayList<>();

        Replica(String url, String name, Duration lease) {
            link = new RedisLink(new FleetSettings(new Secret(url), "fleet", name, lease));
        }

        @Override
        public void received(byte[] message) {
            told.add(new String(message, UTF_8));
        }

        @Override
        public void lease(long asking, String holder, long epoch, byte[] kept) {
            told.add(asking + ": " + holder + " " + epoch);
        }

        @Override
        public void connected() {
            told.add("connected");
        }

        @Override
        public void disconnected() {
            told.add("disconnected");
        }

        Replica open() {
            link.open(this);
            hears("connected");
            return this;
        }

        void hears(String... what) {
            try {
                await().atMost(LONG).until(() -> endsWith(what));
            } catch (ConditionTimeoutException e) {
                assertThat(told).endsWith(what);
                throw e;
            }
        }

        private boolean endsWith(String... what) {
            var now = List.copyOf(told);
            return now.size() >= what.length
                    && now.subList(now.size() - what.length, now.size()).equals(List.of(what));
        }

        void send(String to, String message) {
            link.send(to, message.getBytes(UTF_8));
        }
    }

    private Replica replica(String name) {
        return replica(name, Duration.ofMinutes(1));
    }

    private Replica replica(String name, Duration lease) {
        var replica = new Replica(redis.url(), name, lease);
        replicas.add(replica);
        return replica.open();
    }

    @AfterEach
    void end() throws InterruptedException {
        for (var replica : replicas) {
            replica.link.close();
        }
        redis.close();
        for (var replica : replicas) {
            assertThat(replica.link.awaitEnd(LONG)).isTrue();
        }
    }

    @Test
    void aMessageToOneReachesNobodyElse() {
        var a = replica("a");
        var b = replica("b");
        var c = replica("c");
        a.send("b", "hello");
        a.link.sendToAll("all".getBytes(UTF_8));

        b.hears("connected", "hello", "all");
        c.hears("connected", "all");
        a.hears("connected", "all");
    }

    @Test
    void messagesOfOneSenderKeepTheirOrder() {
        var a = replica("a");
        var b = replica("b");
        a.link.askForLease(1, 0);
        a.hears("1: a 1");
        var expected = IntStream.range(0, 1500).mapToObj(Integer::toString).toArray(String[]::new);
        for (var n = 0; n < expected.length; n++) {
            var message = expected[n].getBytes(UTF_8);
            if (n % 3 == 0) {
                a.link.send("b", message);
            } else if (n % 3 == 1) {
                a.link.sendAsLeader(1, "b", message);
            } else {
                a.link.sendToAll(message);
            }
        }
        b.hears(expected);
    }
}
