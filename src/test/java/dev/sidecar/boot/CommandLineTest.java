package dev.sidecar.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the program makes of its arguments. */
class CommandLineTest {

    @ParameterizedTest
    @ValueSource(strings = {"--sidecar.rate-rpm=60", "--spring.profiles.active=demo", "--logging.level.root=INFO",
            "--server.tomcat.threads.max=2", "--management.endpoints.enabled-by-default=false",
            "--camel.main.name=x", "--sidecar.api-key=a=b", "--sidecar.foo=unknown-ones-are-warned-of", "--debug"})
    void settingsOfSpringSKindStartTheProxy(String argument) {
        assertThat(read(argument)).isEqualTo(new CommandLine.Start(List.of(argument)));
    }

    @Test
    void nothingStartsTheProxy() {
        assertThat(read()).isEqualTo(new CommandLine.Start(List.of()));
    }

    @Test
    void modesAreTakenInBothForms() {
        var setting = "--sidecar.rate-rpm=60";
        assertThat(read("--check-routes", "some dir", setting))
                .isEqualTo(new CommandLine.CheckRoutes("some dir", List.of(setting)));
        assertThat(read(setting, "--check-routes=dir"))
                .isEqualTo(new CommandLine.CheckRoutes("dir", List.of(setting)));
        assertThat(read("--check-config", "some file")).isEqualTo(new CommandLine.CheckConfig(Path.of("some file")));
        assertThat(read("--check-config=file")).isEqualTo(new CommandLine.CheckConfig(Path.of("file")));
        assertThat(read("--new-client-key")).isEqualTo(new CommandLine.NewClientKey());
        assertThat(read("--proving")).isEqualTo(new CommandLine.Proving(null, List.of()));
        assertThat(read("--proving=my.env")).isEqualTo(new CommandLine.Proving(Path.of("my.env"), List.of()));
    }

    @Test
    void helpAndVersionGoBeforeEverything() {
        assertThat(read("--check-routes", "dir", "--help")).isEqualTo(new CommandLine.Help());
        assertThat(read("--check-routes", "--help")).isEqualTo(new CommandLine.Help());
        assertThat(read("--proving", "--version")).isEqualTo(new CommandLine.Version());
        assertThat(read("-h", "--nonsense")).isEqualTo(new CommandLine.Help());
        assertThat(read("--nonsense", "--help")).isEqualTo(new CommandLine.Help());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "--check-route | unknown option --check-route: did you mean --check-routes?",
            "--chekc-routes=x | unknown option --chekc-routes: did you mean --check-routes?",
            "-version | unknown option -version: did you mean --version?",
            "check-routes | unknown argument check-routes: did you mean --check-routes?",
            "--provning=my.env | unknown option --provning: did you mean --proving?",
            "--port=80 | unknown option --port: did you mean --sidecar.port=...?",
            "--api-key=secret | unknown option --api-key: did you mean --sidecar.api-key=...?",
            "--sidecr.rate-rpm=3 | unknown option --sidecr.rate-rpm: did you mean --sidecar.rate-rpm=...?",
            "--sprng.profiles.active=demo | unknown option --sprng.profiles.active: did you mean "
                    + "--spring.profiles.active=...?",
            "--sidecar.rate-rpm | --sidecar.rate-rpm needs a value: --sidecar.rate-rpm=...",
            "SIDECAR_API_KEY=secret | SIDECAR_API_KEY is an environment variable: set it before the command",
            "--check-routes | --check-routes needs a folder: --check-routes DIR",
            "--check-config | --check-config needs a file: --check-config FILE",
            "--new-client-keys | unknown option --new-client-keys: did you mean --new-client-key?",
            "--check-routes= | --check-routes needs a folder: --check-routes DIR",
            "routes | unknown argument routes; see --help",
            "--quite-another-thing | unknown option --quite-another-thing; see --help"})
    void whatIsUnknownStopsTheStartWithASuggestion(String argument, String complaint) {
        assertThat(read(argument)).isEqualTo(new CommandLine.Misuse(complaint));
    }

    @Test
    void oneThingAtATime() {
        assertThat(read("--proving", "--check-routes", "dir")).isInstanceOf(CommandLine.Misuse.class);
    }

    @Test
    void theHelpNamesAllModesAndAllSettings() {
        assertThat(Manual.help())
                .contains("--check-routes DIR", "--check-config FILE", "--new-client-key", "--proving[=FILE]",
                        "--version", "--help",
                        "dev.sidecar.image.HealthCheck", "SIDECAR_API_KEY", "SIDECAR_RATE_RPM=40",
                        "SIDECAR_CIRCUIT_BREAKER_WINDOW_TYPE=count", "SIDECAR_DEMO_THINKING_TIME=300ms")
                .startsWith(Manual.version());
        assertThat(Manual.help().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(140));
        assertThat(Manual.version()).matches("nvidia-sidecar (development|[0-9.]+\\S*)");
    }

    private static CommandLine read(String... args) {
        return CommandLine.of(Manual::settings, args);
    }
}
