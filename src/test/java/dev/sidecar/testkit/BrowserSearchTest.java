package dev.sidecar.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.testkit.BrowserSearch.Way;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the browser tests come to a browser. */
@ProgramTest
class BrowserSearchTest {

    @ParameterizedTest
    @CsvSource({
            "Linux, /usr/bin/chromium", "Linux, /usr/bin/google-chrome", "Linux, /opt/google/chrome/chrome",
            "Linux, /snap/bin/chromium", "Linux, /usr/bin/microsoft-edge", "Linux, /home/me/bin/chromium",
            "Mac OS X, /Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            "Mac OS X, /Users/me/Applications/Chromium.app/Contents/MacOS/Chromium",
            "Mac OS X, /home/me/bin/chromium",
            "Windows 11, /Programs/Google/Chrome/Application/chrome.exe",
            "Windows 11, /Programs86/Microsoft/Edge/Application/msedge.exe",
            "Windows 11, /Local/Chromium/Application/chrome.exe"})
    void findsWhatIsInstalledInTheUsualPlaces(String system, Path program) {
        assertThat(BrowserPrograms.installed(system, ENVIRONMENT, program::equals)).containsExactly(program);
    }

    private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/home/me/bin", "HOME", "/Users/me",
            "ProgramFiles", "/Programs", "ProgramFiles(x86)", "/Programs86", "LocalAppData", "/Local");

    @Test
    void whatIsOnThePathGoesBeforeTheUsualPlaces() {
        assertThat(BrowserPrograms.installed("Linux", Map.of("PATH", "/home/me/bin"), program -> true)).first()
                .isEqualTo(Path.of("/home/me/bin/chromium"));
    }

    @Test
    void anEnvironmentThatSaysNothingIsNoObstacle() {
        for (var system : List.of("Linux", "Mac OS X", "Windows 11", "FreeBSD")) {
            assertThat(BrowserPrograms.installed(system, Map.of(), program -> false)).isEmpty();
        }
    }

    @Test
    void theNextWayIsTriedWhenOneFails() {
        assertThat(new BrowserSearch<String>().first(List.of(fails("a placeholder", "no browser in it"),
                new Way<>("a real one", () -> "started"), fails("a download", "not needed")))).isEqualTo("started");
    }

    @Test
    void whenAllFailOneLineSaysWhatToDoAndWhatWasTried() {
        assertThatThrownBy(() -> new BrowserSearch<String>().first(List.of(
                fails("/usr/bin/chromium", "Error {\n  message='Failed to launch: no such library\n====\n at x"),
                fails("Playwright's download", "╔═══╗\n║ Host system is missing dependencies ║\n╚═══╝"),
                fails("Debian's package", "only for root on a Debian"))))
                .isInstanceOf(AssertionError.class)
                .hasMessage("no Chromium for the browser tests: install Chromium, Chrome or Edge, or name one in "
                        + "CHROMIUM_PATH (/usr/bin/chromium: Failed to launch: no such library; Playwright's download: "
                        + "Host system is missing dependencies; Debian's package: only for root on a Debian)");
    }

    private static Way<String> fails(String name, String message) {
        return new Way<>(name, () -> {
            throw new IOException(message);
        });
    }

    @Test
    void aCommandThatSaysNothingMoreIsGivenUp(@TempDir Path folder) {
        assertThatThrownBy(() -> Command.run(java(Silent.class), folder.resolve("output"), Duration.ZERO,
                Duration.ofHours(1))).isInstanceOf(IOException.class).hasMessageMatching("given up after \\d+ s");
    }

    @Test
    void aCommandThatFailsTellsWhatItWrote(@TempDir Path folder) {
        assertThatThrownBy(() -> Command.run(java(Failing.class), folder.resolve("output"), Duration.ofHours(1),
                Duration.ofHours(1))).isInstanceOf(IOException.class).hasMessage("Error: no such host");
    }

    private static ProcessBuilder java(Class<?> program) {
        return new ProcessBuilder(Stream.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), program.getName()).toList());
    }

    static final class Silent {

        private Silent() {
        }

        public static void main(String[] args) throws InterruptedException {
            Thread.currentThread().join();
        }
    }

    static final class Failing {

        private Failing() {
        }

        public static void main(String[] args) {
            System.err.println("Downloading\nError: no such host\n    at somewhere");
            System.exit(3);
        }
    }
}
