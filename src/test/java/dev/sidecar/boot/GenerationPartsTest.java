package dev.sidecar.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.SidecarProcess;
import dev.sidecar.testkit.WireClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the placeholders of the routes stand for. */
@ProgramTest
class GenerationPartsTest {

    /** Camel would read both, and send key and prompts there. */
    @Test
    void neitherVariableNorSystemPropertyTakesThePlaceOfTheUpstream(@TempDir Path folder) throws Exception {
        var options = new ArrayList<>(SidecarProcess.QUICK_AND_SMALL);
        try (var provider = FakeProvider.start(); var other = FakeProvider.start()) {
            options.add("-Dsidecar.upstream-base-url=" + other.baseUrl());
            try (var sidecar = SidecarProcess.inFrontOf(provider.baseUrl(), folder.resolve("log"),
                    Map.of("SIDECAR_UPSTREAM_BASE_URL", other.baseUrl()), options)) {
                WireClient.exchange(sidecar.port(), "POST", "/v1/chat/completions", "{}".getBytes(UTF_8),
                        "Content-Type", "application/json");

                assertThat(List.of(provider.requests().size(), other.requests().size())).containsExactly(1, 0);
                sidecar.terminate();
                sidecar.awaitExit(Duration.ofSeconds(30));
                assertThat(sidecar.log()).anyMatch(line -> line.contains("unknown settings, ignored")
                        && line.contains("SIDECAR_UPSTREAM_BASE_URL"));
            }
        }
    }
}
