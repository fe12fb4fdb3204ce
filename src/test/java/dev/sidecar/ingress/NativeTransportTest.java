package dev.sidecar.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.boot.ProgramConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Netty's Java half and its native half, of which not every version can be had, must fit together. */
class NativeTransportTest {

    @Test
    @EnabledOnOs(value = OS.LINUX, architectures = {"amd64", "aarch64"})
    void onLinuxTheEventLoopsWaitWithEpoll() {
        var vertx = new ProgramConfiguration().vertx();
        try {
            assertThat(vertx.unavailableNativeTransportCause()).isNull();
            assertThat(vertx.isNativeTransportEnabled()).isTrue();
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }
}
