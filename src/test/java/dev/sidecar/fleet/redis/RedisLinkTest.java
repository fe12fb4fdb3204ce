package dev.sidecar.fleet.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.config.Secret;
import dev.sidecar.fleet.FleetSettings;
import dev.sidecar.fleet.LinkListener;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RedisServer;
import dev.sidecar.testkit.TcpForwarder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The link over a real Redis. */
@ProgramTest
class RedisLinkTest {

    static final Duration LONG = Duration.ofSeconds(20);

    private final RedisServer redis = RedisServer.start();
    private final List<Replica> replicas = new ArrayList<>();

    /** One replica: its link, and what that told. */
    static class Replica implements LinkListener {

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

    // ---- the lease ----

    @Test
    void aFreeLeaseIsTakenAndRenewedByItsHolderAlone() {
        var a = replica("a");
        var b = replica("b");
        a.link.askForLease(1, 0);
        a.hears("1: a 1");
        b.link.askForLease(2, 0);
        b.hears("2: a 1");
        a.link.askForLease(3, 1);
        a.hears("3: a 1");
        assertThat(redis.command("GET", "sidecar:{fleet}:leader")).startsWith("1 a/");
        assertThat(redis.command("TTL", "sidecar:{fleet}:epoch")).isEqualTo("604800");
    }

    @Test
    void renewingMakesTheLeaseLastFromThen() {
        var a = replica("a");
        a.link.askForLease(1, 0);
        a.hears("1: a 1");
        redis.command("PEXPIRE", "sidecar:{fleet}:leader", "5000");
        a.link.askForLease(2, 1);
        a.hears("2: a 1");
        assertThat(Long.parseLong(redis.command("PTTL", "sidecar:{fleet}:leader"))).isBetween(30_000L, 60_000L);
    }

    @Test
    void aLeaseThatHasExpiredIsTakenWithAHigherEpoch() {
        var a = replica("a", Duration.ofMillis(1));
        var b = replica("b");
        a.link.askForLease(1, 0);
        a.hears("1: a 1");
        await().atMost(LONG).until(() -> redis.command("GET", "sidecar:{fleet}:leader").isEmpty());
        b.link.askForLease(2, 0);
        b.hears("2: b 2");
    }

    @Test
    void aLeaseThatIsGivenBackIsFreeAtOnce() {
        var a = replica("a");
        var b = replica("b");
        a.link.askForLease(1, 0);
        a.hears("1: a 1");
        b.link.giveBackLease(1);
        a.link.giveBackLease(7);
        a.link.askForLease(2, 0);
        a.hears("2: a 1");
        a.link.giveBackLease(1);
        a.link.sendToAll("given back".getBytes(UTF_8));
        b.hears("connected", "given back");
        b.link.askForLease(3, 0);
        b.hears("3: b 2");
    }

    @Test
    void theLeaseIsGivenBackAlsoBeforeTheLinkCloses() throws InterruptedException {
        var a = replica("a");
        a.link.askForLease(1, 0);
        a.hears("1: a 1");
        a.link.giveBackLease(1);
        a.link.close();
        assertThat(a.link.awaitEnd(LONG)).isTrue();
        assertThat(redis.command("GET", "sidecar:{fleet}:leader")).isEmpty();
    }

    @Test
    void epochsOnlyGrowAlsoWhenRedisForgetsThem() {
        var a = replica("a");
        a.link.askForLease(1, 41);
        a.hears("1: a 42");
        redis.command("FLUSHALL");
        var b = replica("b");
        b.link.askForLease(2, 42);
        b.hears("2: b 43");
    }

    @Test
    void aHolderWhoseEpochIsOlderThanWhatItKnowsGetsANewOne() {
        var a = replica("a");
        a.link.askForLease(1, 0);
        a.hears("1: a 1");
        a.link.askForLease(2, 9);
        a.hears("2: a 10");
    }

    @Test
    void largeEpochsAreNotRounded() {
        var a = replica("a");
        a.link.askForLease(1, 1_234_567_890_123_456L);
        a.hears("1: a 1234567890123457");
        a.link.sendAsLeader(1_234_567_890_123_457L, "a", "led".getBytes(UTF_8));
        a.hears("led");
    }

    @Test
    void anEarlierProcessOfTheSameNameIsNotTakenForThisOne() {
        var before = replica("a");
        before.link.askForLease(1, 0);
        before.hears("1: a 1");
        var after = replica("a");
        after.link.askForLease(2, 0);
        after.hears("2:  1");
    }

    @Test
    void aLeaseWithAValueOfSomebodyElseIsTakenOver() {
        redis.command("SET", "sidecar:{fleet}:leader", "nonsense");
        redis.command("SET", "sidecar:{fleet}:epoch", "nonsense");
        var a = replica("a");
        a.link.askForLease(1, 4);
        a.hears("1: a 5");
    }

    // ---- as leader ----

    @Test
    void onlyTheHolderOfTheLeaseIsHeardAsLeader() {
        var a = replica("a");
        var b = replica("b");
        a.link.sendAsLeader(1, "b", "nobody leads".getBytes(UTF_8));
        a.link.askForLease(1, 0);
        a.hears("1: a 1");
        a.link.sendAsLeader(1, "b", "to b".getBytes(UTF_8));
        a.link.sendToAllAsLeader(1, "to all".getBytes(UTF_8));
        a.link.sendToAllAsLeader(2, "wrong epoch".getBytes(UTF_8));
        b.link.sendToAllAsLeader(1, "wrong replica".getBytes(UTF_8));
        a.link.giveBackLease(1);
        a.link.sendToAll("given back".getBytes(UTF_8));
        b.hears("connected", "to b", "to all", "given back");

        b.link.askForLease(2, 1);
        b.hears("2: b 2");
        a.link.sendToAllAsLeader(1, "no more".getBytes(UTF_8));
        a.link.sendToAllAsLeader(2, "not its lease".getBytes(UTF_8));
        a.link.send("b", "end".getBytes(UTF_8));
        b.hears("2: b 2", "end");
    }

    @Test
    void scriptsThatRedisForgetsAreSentAgainWithoutANewConnection() {
        var a = replica("a");
        a.link.askForLease(1, 0);
        a.hears("1: a 1");
        redis.command("SCRIPT", "FLUSH");
        a.link.askForLease(2, 1);
        a.hears("2: a 1");
        redis.command("SCRIPT", "FLUSH");
        a.link.sendAsLeader(1, "a", "one".getBytes(UTF_8));
        a.link.sendAsLeader(1, "a", "two".getBytes(UTF_8));
        a.hears("2: a 1", "one", "two");
        assertThat(a.told).doesNotContain("disconnected");
    }

    @Test
    void aMessageThatFindsNoScriptIsLostAndTheNextOnesAreNot() {
        var a = replica("a");
        a.link.askForLease(1, 0);
        a.hears("1: a 1");
        redis.command("SCRIPT", "FLUSH");
        a.link.sendAsLeader(1, "a", "lost".getBytes(UTF_8));
        await().atMost(LONG).until(() -> {
            a.link.sendAsLeader(1, "a", "found".getBytes(UTF_8));
            return a.told.contains("found");
        });
        assertThat(a.told).doesNotContain("lost", "disconnected");
    }

    @Test
    void keysAndChannelsBeginWithTheFleetInBraces() {
        var a = replica("a");
        a.link.askForLease(1, 0);
        a.hears("1: a 1");
        assertThat(redis.command("KEYS", "*").lines()).containsExactlyInAnyOrder("sidecar:{fleet}:leader",
                "sidecar:{fleet}:epoch");
        assertThat(redis.command("PUBSUB", "CHANNELS").lines()).hasSize(3)
                .allMatch(channel -> channel.startsWith("sidecar:{fleet}:"));
    }

    // ---- when Redis is away ----

    @Test
    void itConnectsAgainToARedisThatWasKilledAndStartsEmpty() {
        var a = replica("a");
        var b = replica("b");
        a.link.askForLease(1, 0);
        a.hears("1: a 1");
        redis.kill();
        a.hears("1: a 1", "disconnected");
        b.hears("connected", "disconnected");
        assertThat(a.link.lastRoundTrip()).isZero();
        a.send("b", "lost");
        a.link.askForLease(2, 1);

        redis.restart();

        a.hears("disconnected", "connected");
        b.hears("disconnected", "connected");
        a.link.askForLease(3, 1);
        a.hears("connected", "3: a 2");
        a.send("b", "found");
        b.hears("disconnected", "connected", "found");
        assertThat(a.link.lastRoundTrip()).isPositive();
    }

    @Test
    void aRedisThatIsPausedIsTakenForLostAndNothingIsSentLate() {
        var a = replica("a");
        var b = replica("b");
        redis.pause();
        a.hears("connected", "disconnected");
        b.hears("connected", "disconnected");
        a.send("b", "lost");

        redis.resume();

        a.hears("disconnected", "connected");
        b.hears("disconnected", "connected");
        a.send("b", "found");
        b.hears("disconnected", "connected", "found");
    }

    @Test
    void aRedisThatComesLaterIsWaitedFor() {
        redis.kill();
        var a = new Replica(redis.url(), "a", FleetSettings.LEASE);
        replicas.add(a);
        a.link.open(a);
        redis.restart();
        a.hears("connected");
    }

    @Test
    void aReplicaThatIsCutOffComesBack() {
        try (var way = TcpForwarder.to(redis.port())) {
            var a = replica("a");
            var b = new Replica("redis://127.0.0.1:" + way.port(), "b", FleetSettings.LEASE);
            replicas.add(b);
            b.open();
            way.cut();
            b.hears("disconnected");
            way.restore();
            b.hears("disconnected", "connected");
            way.holdFromTarget(); // it is heard, and hears nothing
            b.hears("connected", "disconnected");
            way.restore();
            b.hears("disconnected", "connected");
            a.send("b", "back");
            b.hears("connected", "back");
            assertThat(a.told).containsExactly("connected");
        }
    }

    @Test
    void anErrorThatRedisRepliesIsTheEndOfTheConnection() {
        var a = replica("a");
        redis.command("REPLICAOF", "127.0.0.1", "1");
        a.link.askForLease(1, 0);
        a.hears("connected", "disconnected");

        redis.command("REPLICAOF", "NO", "ONE");

        a.hears("disconnected", "connected");
        a.link.askForLease(2, 0);
        a.hears("connected", "2: a 1");
    }

    // ---- ways to Redis ----

    @Test
    void aDatabaseCanBeChosen() {
        var a = new Replica(redis.url() + "/3", "a", FleetSettings.LEASE);
        replicas.add(a);
        a.open().link.askForLease(1, 0);
        a.hears("1: a 1");
        assertThat(redis.command("INFO", "keyspace")).contains("db3:").doesNotContain("db0:");
    }

    @Test
    void aSentinelSaysWhereRedisIs(@TempDir Path folder) {
        try (var sentinel = redis.sentinel("primary", folder)) {
            var a = new Replica("redis-sentinel://127.0.0.1:" + sentinel.port() + "/0#primary", "a",
                    FleetSettings.LEASE);
            replicas.add(a);
            a.open().send("a", "found");
            a.hears("connected", "found");
        }
    }

    @Test
    void aUserWithFewRightsIsEnough() {
        redis.command("ACL", "SETUSER", "proxy", "on", ">secret", "~sidecar:{fleet}:*", "&sidecar:{fleet}:*",
                "+@connection", "+subscribe", "+publish", "+eval", "+evalsha", "+get", "+set", "+del", "+expire");
        var a = new Replica("redis://proxy:secret@127.0.0.1:" + redis.port(), "a", FleetSettings.LEASE);
        replicas.add(a);
        a.open().link.askForLease(1, 0);
        a.hears("1: a 1");
        a.link.sendToAllAsLeader(1, "led".getBytes(UTF_8));
        a.link.sendToAllAsLeader(1, "again".getBytes(UTF_8));
        a.hears("led", "again");
    }

    // ---- the end ----

    @Test
    void whoHasClosedIsToldNothingMoreAndCanDoNothing() throws InterruptedException {
        var a = replica("a");
        var b = replica("b");
        a.link.close();
        a.link.close();
        assertThat(a.link.awaitEnd(LONG)).isTrue();
        a.send("b", "late");
        a.link.askForLease(1, 0);
        a.link.open(a);
        b.link.sendToAll("all".getBytes(UTF_8));
        b.hears("connected", "all");
        assertThat(a.told).containsExactly("connected");
    }

    @Test
    void whoNeverOpensOrWhoCannotConnectClosesToo() throws InterruptedException {
        var never = new Replica(redis.url(), "a", FleetSettings.LEASE);
        never.link.close();
        assertThat(never.link.awaitEnd(LONG)).isTrue();

        redis.pause();
        var waits = new Replica(redis.url(), "a", FleetSettings.LEASE);
        waits.link.open(waits);
        waits.link.close();
        assertThat(waits.link.awaitEnd(LONG)).isTrue();
        assertThat(waits.told).isEmpty();
        redis.resume();
    }

    @Test
    void aListenerThatFailsIsToldTheNextMessageAllTheSame() {
        var a = new Replica(redis.url(), "a", FleetSettings.LEASE) {
            @Override
            public void received(byte[] message) {
                super.received(message);
                throw new IllegalStateException("of a test");
            }
        };
        replicas.add(a);
        a.open().send("a", "one");
        a.send("a", "two");
        a.hears("connected", "one", "two");
    }
}
