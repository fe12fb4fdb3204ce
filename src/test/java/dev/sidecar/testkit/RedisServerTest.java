package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Redis of the tests does what they tell it. */
@ProgramTest
class RedisServerTest {

    @Test
    void itAnswersUntilItIsKilledAndIsEmptyWhenItStartsAgainOnTheSamePort() {
        try (var redis = RedisServer.start()) {
            assertThat(redis.command("SET", "key", "value")).isEqualTo("OK");
            assertThat(redis.command("GET", "key")).isEqualTo("value");
            var port = redis.port();

            redis.kill();

            assertThatThrownBy(() -> redis.command("GET", "key")).hasCauseInstanceOf(ConnectException.class);
            redis.restart();
            assertThat(redis.port()).isEqualTo(port);
            assertThat(redis.command("GET", "key")).isEmpty();
        }
    }

    @Test
    void whilePausedItKeepsConnectionsAndAnswersLater() throws Exception {
        try (var redis = RedisServer.start();
                var socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
            redis.pause();
            socket.setSoTimeout(50);
            socket.getOutputStream().write("PING\r\n".getBytes(US_ASCII));
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);

            redis.resume();

            socket.setSoTimeout(10_000);
            assertThat(socket.getInputStream().read()).isEqualTo('+');
        }
    }

    @Test
    void itCountsCommands() {
        try (var redis = RedisServer.start()) {
            var before = redis.commandsProcessed();
            redis.command("PING");
            redis.command("PING");
            assertThat(redis.commandsProcessed()).isEqualTo(before + 3);
        }
    }

    @Test
    void itCanWantAPassword() {
        try (var redis = RedisServer.withPassword("secret")) {
            assertThat(redis.command("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void aSentinelKnowsWhereItIs(@TempDir Path folder) {
        try (var redis = RedisServer.start(); var sentinel = redis.sentinel("fleet", folder)) {
            assertThat(sentinel.command("SENTINEL", "get-master-addr-by-name", "fleet"))
                    .isEqualTo("127.0.0.1\n" + redis.port());
        }
    }

    @Test
    void whatCannotStartIsSaid() {
        assertThatThrownBy(() -> RedisServer.start("--no-such-option", "1")).hasMessageContaining("no-such-option");
    }
}
