package dev.sidecar.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.testkit.ProgramTest;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Where {@code java -jar} begins. */
@ProgramTest
class LauncherTest {

    private static final int CLASS_FILES_OF_JAVA_17 = 61;

    @Test
    void anOldJavaCanRunWhatTellsItThatItIsTooOld() throws IOException {
        try (var in = new DataInputStream(
                Objects.requireNonNull(Launcher.class.getResourceAsStream("Launcher.class")))) {
            assertThat(in.readInt()).isEqualTo(0xCAFEBABE);
            assertThat(in.readUnsignedShort()).isZero();
            assertThat(in.readUnsignedShort()).isEqualTo(CLASS_FILES_OF_JAVA_17);
        }
    }

    @Test
    void theProgramTellsItsVersionAndItsModes() throws Exception {
        assertThat(run("--version")).isEqualTo(new Ended(0, List.of(Manual.version())));
        var help = run("--help");
        assertThat(help.status()).isZero();
        assertThat(help.printed()).anyMatch(line -> line.contains("--check-routes DIR"));
    }

    @Test
    void anUnknownOptionStopsTheProgram() throws Exception {
        assertThat(run("--check-route", "routes")).isEqualTo(new Ended(2,
                List.of("nvidia-sidecar: unknown option --check-route: did you mean --check-routes?")));
    }

    private record Ended(int status, List<String> printed) {
    }

    private static Ended run(String... arguments) throws Exception {
        var command = Stream.concat(Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), Launcher.class.getName()),
                Stream.of(arguments)).toList();
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        return new Ended(process.waitFor(), printed);
    }
}
