package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.SidecarProcess;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program without SIDECAR_REDIS_URL has nothing of Redis in its memory. Spring MVC looks at the types of Reactor, which the driver
 * brings, whether somebody uses them or not.
 */
@ProgramTest
class NothingOfRedisTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    @Test
    void withoutTheSettingNothingOfRedisIsLoaded(@TempDir Path folder) throws IOException {
        var classes = folder.resolve("classes");
        var options = new ArrayList<>(SidecarProcess.QUICK_AND_SMALL);
        options.add("-Xlog:class+load:file=" + classes + "::filecount=0");
        try (var provider = FakeProvider.start();
                var sidecar = SidecarProcess.inFrontOf(provider.baseUrl(), folder.resolve("log"), Map.of(), options)) {
            assertThat(WireClient.exchange(sidecar.port(), "GET", "/status", null).status()).isEqualTo(200);
            sidecar.terminate();
            sidecar.awaitExit(LONG);
        }
        var loaded = Files.readAllLines(classes).stream().map(line -> line.replaceAll(".*] (\\S+) source.*", "$1"))
                .toList();
        assertThat(loaded).contains("dev.sidecar.SidecarApplication");
        assertThat(loaded.stream()
                .filter(name -> name.matches(
                        "(io\\.lettuce|reactor\\.core\\.scheduler|redis\\.clients|dev\\.sidecar\\.fleet\\.redis)\\..*")))
                .isEmpty();
    }
}
