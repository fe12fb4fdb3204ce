package dev.sidecar.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextSwitchesTest {

    @Test
    void readsBothKindsOfEveryThread(@TempDir Path tasks) throws IOException {
        thread(tasks, "7", 100, 5);
        thread(tasks, "8", 20, 1);
        Files.createDirectory(tasks.resolve("9"));

        assertThat(ContextSwitches.of(tasks).byThread()).isEqualTo(Map.of("7", 105L, "8", 21L));
    }

    @Test
    void countsNewThreadsAndNotThoseThatHaveEnded() {
        var before = new ContextSwitches(Map.of("7", 105L, "8", 21L));
        var after = new ContextSwitches(Map.of("7", 125L, "9", 3L));

        assertThat(after.since(before)).isEqualTo(23);
    }

    @Test
    void knowsNothingOfAProcessThatIsGone(@TempDir Path tasks) {
        var gone = ContextSwitches.of(tasks.resolve("none"));

        assertThat(gone.since(gone)).isNaN();
    }

    private static void thread(Path tasks, String id, int voluntary, int involuntary) throws IOException {
        Files.writeString(Files.createDirectory(tasks.resolve(id)).resolve("status"),
                "Name:\tjava\nvoluntary_ctxt_switches:\t%d\nnonvoluntary_ctxt_switches:\t%d\n".formatted(voluntary,
                        involuntary));
    }
}
