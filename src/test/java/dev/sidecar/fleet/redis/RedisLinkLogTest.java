package dev.sidecar.fleet.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.sidecar.config.Secret;
import dev.sidecar.fleet.FleetSettings;
import dev.sidecar.testkit.HttpsProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RedisServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/** What the log says when a link comes and goes, and what it never says. */
@ProgramTest
@Isolated("reads the log of the whole process, and changes its level")
class RedisLinkLogTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String CANARY = "canary-4711";

    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Level usual = root.getLevel();
    /** A program that other tests have run in this process may have made it quiet. */
    private final Logger fleet = (Logger) LoggerFactory.getLogger("dev.sidecar.fleet");
    private final List<String> everything = new CopyOnWriteArrayList<>();
    private final List<String> ours = new CopyOnWriteArrayList<>();
    private @Nullable RedisLink link;
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            var failure = event.getThrowableProxy();
            everything.add(event.getFormattedMessage() + event.getKeyValuePairs()
                    + (failure == null ? "" : ThrowableProxyUtil.asString(failure)));
            // On a machine that is busy with other tests an attempt may take too long.
            var busy = String.valueOf(event.getKeyValuePairs()).contains(Reason.NO_ANSWER);
            if (!busy && event.getLoggerName().startsWith("dev.sidecar")
                    && event.getLevel().isGreaterOrEqual(Level.INFO)) {
                ours.add(event.getLevel() + " " + event.getMessage() + " " + event.getKeyValuePairs());
            }
        }
    };

    @BeforeEach
    void listen() {
        appender.start();
        root.addAppender(appender);
        root.setLevel(Level.DEBUG);
        fleet.setLevel(Level.DEBUG);
    }

    @AfterEach
    void leave() throws InterruptedException {
        if (link != null) {
            link.close();
            assertThat(link.awaitEnd(LONG)).isTrue();
        }
        root.detachAppender(appender);
        root.setLevel(usual);
        fleet.setLevel(null);
    }

    private RedisLink open(String url) {
        var opened = new RedisLink(new FleetSettings(new Secret(url), "fleet", "a", FleetSettings.LEASE));
        link = opened;
        opened.open(new Silent());
        return opened;
    }

    private void says(String... lines) {
        await().atMost(LONG).untilAsserted(() -> assertThat(ours).containsExactly(lines));
    }

    @Test
    void aConnectionThatComesAndGoesIsOneLineEach() {
        try (var redis = RedisServer.start()) {
            var at = "[redis=\"127.0.0.1:" + redis.port() + "\"";
            open(redis.url());
            says("INFO fleet_connected " + at + "]");
            redis.kill();
            says("INFO fleet_connected " + at + "]",
                    "WARN fleet_disconnected " + at + ", cause=\"connection closed\"]",
                    "WARN fleet_disconnected " + at + ", cause=\"connection refused\"]");
            redis.restart();
            await().atMost(LONG).untilAsserted(() -> assertThat(ours).hasSize(4).last().asString()
                    .startsWith("INFO fleet_connected"));
        }
    }

    @Test
    void aWrongPasswordIsSaidOnceAndTriedAgain() {
        try (var redis = RedisServer.withPassword("right")) {
            open("redis://:" + CANARY + "@127.0.0.1:" + redis.port());
            var before = redis.commandsProcessed();
            await().atMost(LONG).until(() -> redis.command("INFO", "errorstats").contains("WRONGPASS"));
            await().atMost(LONG).until(() -> rejected(redis) >= 3);
            says("WARN fleet_disconnected [redis=\"127.0.0.1:" + redis.port()
                    + "\", cause=\"Redis says WRONGPASS: user or password is wrong\"]");
            assertThat(redis.commandsProcessed()).isGreaterThan(before);

            redis.command("CONFIG", "SET", "requirepass", CANARY);

            await().atMost(LONG).untilAsserted(() -> assertThat(ours).hasSize(2).last().asString()
                    .startsWith("INFO fleet_connected"));
        }
        assertThat(everything).hasSizeGreaterThan(10).noneMatch(line -> line.contains(CANARY));
    }

    private static int rejected(RedisServer redis) {
        var count = redis.command("INFO", "errorstats").replaceAll("(?s).*errorstat_WRONGPASS:count=(\\d+).*", "$1");
        return Integer.parseInt(count);
    }

    @Test
    void noPasswordShowsNeitherInTheLogNorInAnyTextOfALink() {
        try (var redis = RedisServer.withPassword(CANARY)) {
            var opened = open("redis://default:" + CANARY + "@127.0.0.1:" + redis.port());
            await().atMost(LONG).until(() -> everything.stream().anyMatch(line -> line.contains("fleet_connected")));
            redis.kill();
            await().atMost(LONG).until(() -> everything.stream().anyMatch(line -> line.contains(Reason.LOST)));
            assertThat(opened.warning().toString()).doesNotContain(CANARY);
        }
        assertThat(everything).hasSizeGreaterThan(10).noneMatch(line -> line.contains(CANARY));
    }

    @Test
    void aMissingPasswordIsSaid() {
        try (var redis = RedisServer.withPassword("right")) {
            open(redis.url());
            says("WARN fleet_disconnected [redis=\"127.0.0.1:" + redis.port()
                    + "\", cause=\"Redis says NOAUTH: a password is required\"]");
        }
    }

    @Test
    void anUnknownHostIsSaid() {
        open("redis://:" + CANARY + "@nowhere.invalid");
        says("WARN fleet_disconnected [redis=\"nowhere.invalid:6379\", cause=\"unknown host\"]");
        assertThat(everything).noneMatch(line -> line.contains(CANARY));
    }

    @Test
    void aCertificateThatNobodyVouchesForIsRefused(@TempDir Path folder) throws Exception {
        try (var provider = HttpsProvider.start(folder)) {
            open("rediss://:" + CANARY + "@127.0.0.1:" + provider.port() + "?verifyPeer=NONE");
            says("WARN fleet_disconnected [redis=\"127.0.0.1:" + provider.port()
                    + "\", cause=\"TLS: the certificate of the server is not trusted\"]");
        }
        assertThat(everything).noneMatch(line -> line.contains(CANARY));
    }

    @Test
    void aServerWithoutTlsIsRefusedWhereTlsIsAskedFor() {
        try (var redis = RedisServer.start()) {
            open("rediss://127.0.0.1:" + redis.port());
            await().atMost(LONG).until(
                    () -> everything.stream().anyMatch(line -> line.startsWith("fleet_disconnected")));
            assertThat(everything).noneMatch(line -> line.startsWith("fleet_connected"));
        }
    }
}
