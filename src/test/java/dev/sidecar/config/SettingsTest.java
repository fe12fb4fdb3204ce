package dev.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.SidecarApplication;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.throttle.budget.Pacing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.validation.ValidationAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Settings as operators give them, in environment variables, and what they read when one is wrong. */
@ProgramTest
@Isolated("reads standard output or changes log levels, which are those of the whole process")
class SettingsTest {

    // ---- good values ----

    @Test
    void everySettingHasTheDefaultThatIsPromised() {
        try (var context = run(JustSettings.class, Map.of())) {
            assertThat(context.getBean(SidecarProperties.class))
                    .isEqualTo(new SidecarProperties("127.0.0.1", 9190, 9191,
                            URI.create("https://integrate.api.nvidia.com/v1"), null, "nvidia", 40, 0, 40, Pacing.AUTO,
                            Duration.ofSeconds(60), Duration.ofSeconds(150), 500, Duration.ofSeconds(2), Duration.ZERO,
                            true,
                            "INFO",
                            LogFormat.AUTO, null,
                            List.of(), List.of(), "read-only",
                            33_554_432,
                            Duration.ofSeconds(30), "routes", false, null, null, null, "sidecar", null));
        }
    }

    @Test
    void everySettingIsReadFromItsVariable() {
        var variables = new HashMap<String, String>();
        variables.put("SIDECAR_HOST", "0.0.0.0");
        variables.put("SIDECAR_PORT", "1");
        variables.put("SIDECAR_METRICS_PORT", "2");
        variables.put("SIDECAR_UPSTREAM", "http://provider.example/api/v1/");
        variables.put("SIDECAR_API_KEY", "nvapi-1");
        variables.put("SIDECAR_PROVIDER", "my-provider");
        variables.put("SIDECAR_RATE_RPM", "3");
        variables.put("SIDECAR_BUCKET_CAPACITY", "4");
        variables.put("SIDECAR_RATE_TPM", "100000");
        variables.put("SIDECAR_PACING", "paced");
        variables.put("SIDECAR_TIMEOUT", "5");
        variables.put("SIDECAR_QUEUE_TIMEOUT", "55");
        variables.put("SIDECAR_QUEUE_MAX", "6");
        variables.put("SIDECAR_LOW_TIMEOUT", "7");
        variables.put("SIDECAR_HEARTBEAT", "15");
        variables.put("SIDECAR_FALLBACK_PASSTHROUGH", "false");
        variables.put("SIDECAR_LOG_LEVEL", "debug");
        variables.put("SIDECAR_LOG_FORMAT", "json");
        variables.put("SIDECAR_ADMIN_TOKEN", "token");
        variables.put("SIDECAR_ALLOWED_HOSTS", "sidecar.example.com,proxy");
        variables.put("SIDECAR_ALLOWED_ORIGINS", "https://app.example,http://tools:8080");
        variables.put("SIDECAR_HAWTIO", "off");
        variables.put("SIDECAR_MAX_BODY_BYTES", "8000");
        variables.put("SIDECAR_SHUTDOWN_GRACE", "9");
        variables.put("SIDECAR_ROUTES_DIR", "elsewhere");
        variables.put("SIDECAR_ALLOW_ROUTES_WITHOUT_THROTTLE", "true");
        variables.put("SIDECAR_CONFIG", "sidecar.yaml");
        variables.put("SIDECAR_FLEET", "my-fleet");
        variables.put("SIDECAR_REPLICA_ID", "replica-1:9190");
        variables.put("SIDECAR_STATE_DIR", "state");
        variables.put("SIDECAR_REDIS_URL", "redis://redis:6379");
        assertThat(variables).hasSize(SidecarProperties.class.getRecordComponents().length);
        try (var context = run(JustSettings.class, variables)) {
            assertThat(context.getBean(SidecarProperties.class)).isEqualTo(new SidecarProperties("0.0.0.0", 1, 2,
                    URI.create("http://provider.example/api/v1/"), new Secret("nvapi-1"), "my-provider", 3, 100_000, 4,
                    Pacing.PACED, Duration.ofSeconds(5), Duration.ofSeconds(55), 6, Duration.ofSeconds(7),
                    Duration.ofSeconds(15), false,
                    "debug", LogFormat.JSON,
                    new Secret("token"), List.of("sidecar.example.com", "proxy"),
                    List.of("https://app.example", "http://tools:8080"), "off", 8000, Duration.ofSeconds(9),
                    "elsewhere", true, "sidecar.yaml", "state", new Secret("redis://redis:6379"), "my-fleet",
                    "replica-1:9190"));
        }
    }

    @Test
    void theCircuitBreakersSettingsHaveDefaultsAndVariablesOfTheirOwn() {
        try (var context = run(JustSettings.class, Map.of())) {
            var settings = context.getBean(CircuitBreakerProperties.class);
            assertThat(settings).isEqualTo(new CircuitBreakerProperties(CircuitBreakerProperties.WindowType.COUNT, 20,
                    10, 50, 100, null, Duration.ofSeconds(10), 3));
            assertThat(settings.slowCallOr(Duration.ofDays(1))).as("none is").hasDays(1);
        }
        try (var context = run(JustSettings.class, Map.of("SIDECAR_CIRCUIT_BREAKER_SLOW_CALL", ""))) {
            assertThat(context.getBean(CircuitBreakerProperties.class).slowCall()).isNull();
        }
        var variables = Map.of("SIDECAR_CIRCUIT_BREAKER_WINDOW_TYPE", "time", "SIDECAR_CIRCUIT_BREAKER_WINDOW_SIZE",
                "1", "SIDECAR_CIRCUIT_BREAKER_MINIMUM_CALLS", "2", "SIDECAR_CIRCUIT_BREAKER_FAILURE_RATE", "3",
                "SIDECAR_CIRCUIT_BREAKER_SLOW_CALL_RATE", "4", "SIDECAR_CIRCUIT_BREAKER_SLOW_CALL", "500ms",
                "SIDECAR_CIRCUIT_BREAKER_OPEN_FOR", "6", "SIDECAR_CIRCUIT_BREAKER_PROBES", "7");
        assertThat(variables).hasSize(CircuitBreakerProperties.class.getRecordComponents().length);
        try (var context = run(JustSettings.class, variables)) {
            var settings = context.getBean(CircuitBreakerProperties.class);
            assertThat(settings).isEqualTo(new CircuitBreakerProperties(CircuitBreakerProperties.WindowType.TIME, 1,
                    2, 3, 4, Duration.ofMillis(500), Duration.ofSeconds(6), 7));
            assertThat(settings.slowCallOr(Duration.ofSeconds(60))).hasMillis(500);
        }
    }

    @ParameterizedTest
    @CsvSource({"90, 90000", "500ms, 500", "1m, 60000", "PT3S, 3000", "2s, 2000"})
    void aDurationWithoutAUnitIsSeconds(String value, long millis) {
        try (var context = run(JustSettings.class, Map.of("SIDECAR_LOW_TIMEOUT", value))) {
            assertThat(context.getBean(SidecarProperties.class).lowTimeout()).hasMillis(millis);
        }
    }

    @Test
    void aSecretSetToNothingIsNotSetAndOneWithALineEndLosesIt() {
        try (var context = run(JustSettings.class, Map.of("SIDECAR_ADMIN_TOKEN", "", "SIDECAR_API_KEY", "nvapi-1\n"))) {
            var settings = context.getBean(SidecarProperties.class);
            assertThat(settings.adminToken()).isNull();
            assertThat(settings.apiKey()).isEqualTo(new Secret("nvapi-1"));
            assertThat(settings.toString()).doesNotContain("nvapi-1");
        }
    }

    // ---- bad values ----

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "SIDECAR_HOST | ' ' | blank",
            "SIDECAR_PORT | abc | whole number",
            "SIDECAR_PORT | -1 | 0",
            "SIDECAR_PORT | 65536 | 65535",
            "SIDECAR_PORT | 80.5 | whole number",
            "SIDECAR_METRICS_PORT | x | whole number",
            "SIDECAR_PROVIDER | a{b | letters",
            "SIDECAR_RATE_RPM | 0 | 1",
            "SIDECAR_RATE_RPM | 99999999999 | whole number",
            "SIDECAR_BUCKET_CAPACITY | -3 | 1",
            "SIDECAR_PACING | fast | [window, paced, auto]",
            "SIDECAR_TIMEOUT | -1 | 1",
            "SIDECAR_TIMEOUT | 0 | 1",
            "SIDECAR_TIMEOUT | soon | seconds",
            "SIDECAR_QUEUE_TIMEOUT | 0 | 1",
            "SIDECAR_QUEUE_MAX | 0 | 1",
            "SIDECAR_ALLOWED_ORIGINS | https://app.example/ | without a path",
            "SIDECAR_ALLOWED_ORIGINS | * | https://app.example",
            "SIDECAR_ALLOWED_ORIGINS | app.example | https://app.example",
            "SIDECAR_LOW_TIMEOUT | 2h | 3600",
            "SIDECAR_HEARTBEAT | 2h | 3600",
            "SIDECAR_HEARTBEAT | -1 | 0",
            "SIDECAR_FALLBACK_PASSTHROUGH | maybe | true or false",
            "SIDECAR_LOG_LEVEL | loud | TRACE, DEBUG",
            "SIDECAR_LOG_FORMAT | yaml | [auto, json, text]",
            "SIDECAR_MAX_BODY_BYTES | 12 | 1024",
            "SIDECAR_SHUTDOWN_GRACE | -5 | 0",
            "SIDECAR_ROUTES_DIR | ' ' | blank",
            "SIDECAR_FLEET | a{b} | letters",
            "SIDECAR_REPLICA_ID | a/b | letters",
            "SIDECAR_CIRCUIT_BREAKER_WINDOW_TYPE | both | [count, time]",
            "SIDECAR_CIRCUIT_BREAKER_WINDOW_SIZE | 0 | 1",
            "SIDECAR_CIRCUIT_BREAKER_MINIMUM_CALLS | x | whole number",
            "SIDECAR_CIRCUIT_BREAKER_FAILURE_RATE | 101 | 100",
            "SIDECAR_CIRCUIT_BREAKER_SLOW_CALL | 0 | 1",
            "SIDECAR_CIRCUIT_BREAKER_SLOW_CALL_RATE | 0 | 1",
            "SIDECAR_CIRCUIT_BREAKER_OPEN_FOR | never | seconds",
            "SIDECAR_CIRCUIT_BREAKER_PROBES | 0 | 1"})
    void aBadValueStopsTheStartWithOneLineThatNamesItAndWhatIsAllowed(String variable, String value,
            String allowed) {
        var printed = failure(JustSettings.class, Map.of(variable, value));
        assertThat(printed.err()).startsWith("nvidia-sidecar cannot start: " + variable + "=" + value.strip())
                .contains(allowed);
        assertThat(printed.err().lines()).hasSize(1);
        assertThat(printed.out()).doesNotContain("\tat ", "Exception");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "SIDECAR_DEMO_LIMIT | 0 | SIDECAR_DEMO_LIMIT must be between 1 and 1000000, got 0",
            "SIDECAR_DEMO_RETRY_AFTER | soon | SIDECAR_DEMO_RETRY_AFTER must be one of [seconds, http-date, "
                    + "retry-after-ms, none, absurd], got soon",
            "SIDECAR_DEMO_KEYS | secret | SIDECAR_DEMO_KEYS must be a list such as key-a:40,key-b:20:fixed-window, with "
                    + "each key once, limits between 1 and 1000000 (sub-window: from 6), shapes of [sliding-log, "
                    + "strict-sliding-log, fixed-window, first-hit-window, sliding-counter, token-bucket, "
                    + "token-bucket-7, token-bucket-2, sub-window, moving], and after the shape, if you like, up to 10000000 "
                    + "tokens a minute"})
    void soDoesABadValueOfTheDemo(String variable, String value, String line) {
        var printed = failure(SidecarApplication.class, Map.of("SPRING_PROFILES_ACTIVE", "demo", "SIDECAR_PORT", "0",
                "SIDECAR_METRICS_PORT", "0", variable, value));
        assertThat(printed.err().lines()).containsExactly("nvidia-sidecar cannot start: " + line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIDECAR_API_KEY", "SIDECAR_ADMIN_TOKEN"})
    void aSecretThatCannotStandInAHeaderIsRefusedAndNotShown(String variable) {
        for (var bad : List.of("top-secret\nX-Evil: 1", "top-secret two", "top-secret\u0000", "top-secret\u00e4")) {
            var printed = failure(JustSettings.class, Map.of(variable, bad));
            assertThat(printed.err()).startsWith("nvidia-sidecar cannot start: " + variable + ": must be printable");
            assertThat(printed.err().lines()).hasSize(1);
            assertThat(printed.out() + printed.err()).doesNotContain("top-secret");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "SIDECAR_UPSTREAM | ftp://x | http:// or https://",
            "SIDECAR_PORT | tcp://10.0.0.1:9190 | whole number",
            "SIDECAR_METRICS_PORT | x | whole number",
            "SIDECAR_METRICS_PORT | 65536 | 65535",
            "SIDECAR_HOST | 192.0.2.1 | SIDECAR",
            "SIDECAR_HOST | nowhere.invalid | address"})
    void theWholeProgramTooSaysOneLineAndNothingElse(String variable, String value, String allowed) {
        var variables = new HashMap<>(Map.of("SIDECAR_API_KEY", "nvapi-top-secret", "SIDECAR_PORT", "0",
                "SIDECAR_METRICS_PORT", "0", "SIDECAR_SHUTDOWN_GRACE", "20"));
        variables.put(variable, value);
        var printed = failure(SidecarApplication.class, variables);
        assertThat(printed.err().lines()).as(printed.err()).hasSize(1);
        assertThat(printed.err()).startsWith("nvidia-sidecar cannot start: " + variable + "=" + value)
                .contains(allowed);
        assertThat(printed.out()).isEmpty();
    }

    @Test
    void allThatIsWrongIsSaidAtOnceOneLineEach() {
        var printed = failure(SidecarApplication.class, Map.of("SIDECAR_PORT", "abc", "SIDECAR_RATE_RPM", "0",
                "SIDECAR_TIMEOUT", "soon", "SIDECAR_ALLOWED_HOSTS", "a b", "SIDECAR_UPSTREAM", "ftp://x",
                "SIDECAR_CIRCUIT_BREAKER_PROBES", "0", "SIDECAR_ROUTES_DIR", "no-such-folder",
                "SIDECAR_DEMO_LIMIT", "none", "SIDECAR_METRICS_PORT", "0", "SIDECAR_ADMIN_TOKEN", "top secret"));
        assertThat(printed.err().lines().map(line -> line.replaceFirst("^nvidia-sidecar cannot start: ", "")))
                .as(printed.err()).hasSize(10)
                .satisfiesOnlyOnce(line -> assertThat(line).isEqualTo("SIDECAR_PORT=abc: must be a whole number"))
                .satisfiesOnlyOnce(line -> assertThat(line).startsWith("SIDECAR_RATE_RPM=0: must be "))
                .satisfiesOnlyOnce(line -> assertThat(line).startsWith("SIDECAR_TIMEOUT=soon: must be a number"))
                .satisfiesOnlyOnce(line -> assertThat(line).startsWith("SIDECAR_ALLOWED_HOSTS=a b: must be host"))
                .satisfiesOnlyOnce(line -> assertThat(line).startsWith("SIDECAR_UPSTREAM=ftp://x: must be an http"))
                .satisfiesOnlyOnce(line -> assertThat(line).startsWith("SIDECAR_API_KEY is not set"))
                .satisfiesOnlyOnce(line -> assertThat(line).startsWith("SIDECAR_CIRCUIT_BREAKER_PROBES=0: must be"))
                .satisfiesOnlyOnce(line -> assertThat(line).startsWith("SIDECAR_DEMO_LIMIT=none: must be a whole"))
                .satisfiesOnlyOnce(line -> assertThat(line).startsWith("SIDECAR_ADMIN_TOKEN: must be printable"))
                .satisfiesOnlyOnce(line -> assertThat(line).isEqualTo("SIDECAR_ROUTES_DIR=no-such-folder: there is "
                        + "no folder " + Path.of("no-such-folder").toAbsolutePath()));
        assertThat(printed.out() + printed.err()).doesNotContain("top secret");
    }

    /** Without providers in it the settings name the one provider. */
    @Test
    void aFileOfClientsIsNoPlaceOfKeys(@TempDir Path folder) throws IOException {
        var file = Files.writeString(folder.resolve("sidecar.yaml"), "clients: [{name: a}]");
        var printed = failure(SidecarApplication.class, Map.of("SIDECAR_PORT", "abc", "SIDECAR_METRICS_PORT", "0",
                "SIDECAR_CONFIG", file.toString()));
        assertThat(printed.err().lines()).hasSize(2)
                .satisfiesOnlyOnce(line -> assertThat(line).contains("SIDECAR_PORT=abc"))
                .satisfiesOnlyOnce(line -> assertThat(line).contains("SIDECAR_API_KEY is not set"));
    }

    @Test
    void aMissingRoutesFolderIsNamedInFullWithItsVariable() {
        var printed = failure(SidecarApplication.class, Map.of("SIDECAR_API_KEY", "nvapi-1", "SIDECAR_PORT", "0",
                "SIDECAR_METRICS_PORT", "0", "SIDECAR_ROUTES_DIR", "no-such-folder"));
        assertThat(printed.err().lines()).containsExactly("nvidia-sidecar cannot start: "
                + "SIDECAR_ROUTES_DIR=no-such-folder: there is no folder "
                + Path.of("no-such-folder").toAbsolutePath());
    }

    @Test
    void aMissingFileOfClientsIsNamedInFullWithItsVariable() {
        var printed = failure(SidecarApplication.class, Map.of("SIDECAR_API_KEY", "nvapi-1", "SIDECAR_PORT", "0",
                "SIDECAR_METRICS_PORT", "0", "SIDECAR_CONFIG", "no-such-file"));
        assertThat(printed.err().lines()).containsExactly("nvidia-sidecar cannot start: "
                + "SIDECAR_CONFIG=no-such-file: there is no file " + Path.of("no-such-file").toAbsolutePath());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "http://:top-secret@redis:6379 | a | SIDECAR_REDIS_URL: must be such as redis://host:6379",
            "redis://:top-secret@:6379 | a | SIDECAR_REDIS_URL: must be such as redis://host:6379",
            "redis://:top-secret@redis:6379 | '' | SIDECAR_REPLICA_ID is not set: with SIDECAR_PORT=0"})
    void aFleetThatCannotBeMeantStopsTheStartWithoutShowingThePassword(String url, String replica, String reason) {
        var printed = failure(SidecarApplication.class, Map.of("SIDECAR_API_KEY", "nvapi-1", "SIDECAR_PORT", "0",
                "SIDECAR_METRICS_PORT", "0", "SIDECAR_REDIS_URL", url, "SIDECAR_REPLICA_ID", replica));
        assertThat(printed.err().lines()).singleElement().asString()
                .startsWith("nvidia-sidecar cannot start: " + reason);
        assertThat(printed.out() + printed.err()).doesNotContain("top-secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"provider.example/v1", "/v1", "http:///v1", "file:///etc/passwd",
            "https://u:p@provider.example",
            "https://provider.example/v1?x=1", "https://provider.example/v1#x"})
    void anUpstreamThatIsNoBaseUrlIsRefused(String upstream) {
        assertThatThrownBy(() -> UpstreamAddress.of(URI.create(upstream)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("must ");
    }

    @ParameterizedTest
    @CsvSource({"https://p.example, https://p.example", "https://p.example/, https://p.example",
            "https://p.example/v1, https://p.example", "https://p.example/v1/, https://p.example",
            "HTTP://p.example:8080/api/v1//, http://p.example:8080/api", "http://[::1]:1/v1, http://[::1]:1"})
    void anUpstreamMayEndInV1OrASlashOrNot(String upstream, String base) {
        assertThat(UpstreamAddress.of(URI.create(upstream)).baseUrl()).isEqualTo(base);
    }

    @Test
    void withoutAKeyTheLineSaysBothWaysOut() {
        var printed = failure(SidecarApplication.class, Map.of("SIDECAR_PORT", "0", "SIDECAR_METRICS_PORT", "0"));
        assertThat(printed.err().lines()).as(printed.err()).hasSize(1);
        assertThat(printed.err()).contains("SIDECAR_API_KEY is not set", "the provider's key", "demo profile");
        assertThat(printed.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIDECAR_PORT", "SIDECAR_METRICS_PORT"})
    void aPortThatIsTakenIsNamedInOneLine(String variable) throws IOException {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var variables = new HashMap<>(Map.of("SIDECAR_API_KEY", "nvapi-1", "SIDECAR_PORT", "0",
                    "SIDECAR_METRICS_PORT", "0", "SIDECAR_SHUTDOWN_GRACE", "20"));
            variables.put(variable, Integer.toString(other.getLocalPort()));
            var printed = failure(SidecarApplication.class, variables);
            assertThat(printed.err().lines()).as(printed.err()).hasSize(1);
            assertThat(printed.err()).contains(variable + "=" + other.getLocalPort());
            assertThat(printed.out()).isEmpty();
        }
    }

    // ---- unknown and free ones ----

    @Test
    void aStartLogsThePortsItPickedAndWarnsOfSettingsThatNothingReads() {
        var printed = printed(() -> run(SidecarApplication.class,
                Map.of("SIDECAR_API_KEY", "nvapi-top-secret", "SIDECAR_PORT", "0", "SIDECAR_METRICS_PORT", "0",
                        "SIDECAR_RATERPM", "60", "SIDECAR_LIMIT_PER_HOUR", "top-secret", "SIDECAR_DEMO_LIMIT", "10",
                        "SIDECAR_SHUTDOWN_GRACE", "20s", "SIDECAR_RATE_RMP", "top-secret"),
                "--sidecar.foo=top-secret", "--sidecar.queue-max=7", "--sidecar.qeue-max=8").close());
        assertThat(printed.out()).containsPattern("listening on 127\\.0\\.0\\.1:[1-9][0-9]+, management on "
                + "127\\.0\\.0\\.1:[1-9][0-9]+, upstream https://integrate\\.api\\.nvidia\\.com");
        assertThat(printed.out().lines().filter(line -> line.contains("unknown settings"))).singleElement().asString()
                .contains("WARN", "unknown settings, ignored: SIDECAR_LIMIT_PER_HOUR, SIDECAR_RATE_RMP (did you mean "
                        + "SIDECAR_RATE_RPM?), sidecar.foo, sidecar.qeue-max (did you mean sidecar.queue-max?)");
        assertThat(printed.out() + printed.err()).doesNotContain("top-secret");
    }

    // ---- helpers ----

    @EnableConfigurationProperties({SidecarProperties.class, CircuitBreakerProperties.class})
    @ImportAutoConfiguration(ValidationAutoConfiguration.class)
    @Import({SecretConverter.class, UnknownSettings.class})
    static class JustSettings {
    }

    private record Printed(String out, String err) {
    }

    private static ConfigurableApplicationContext run(Class<?> application, Map<String, String> variables,
            String... arguments) {
        boolean justSettings = application == JustSettings.class;
        var environment = new StandardEnvironment();
        environment.getPropertySources().replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                new SystemEnvironmentPropertySource(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        Map.copyOf(variables)));
        var run = justSettings ? new SpringApplication(JustSettings.class) : SidecarApplication.application();
        run.setWebApplicationType(justSettings ? WebApplicationType.NONE : WebApplicationType.SERVLET);
        run.setEnvironment(environment);
        run.setDefaultProperties(Map.of("spring.jmx.enabled", "false", "camel.main.jmx-enabled", "false",
                "logging.level.org.springframework.context", "ERROR"));
        return run.run(arguments);
    }

    private static Printed failure(Class<?> application, Map<String, String> variables) {
        return printed(() -> assertThatThrownBy(() -> run(application, variables).close()));
    }

    private static Printed printed(Runnable action) {
        var out = System.out;
        var err = System.err;
        var newOut = new ByteArrayOutputStream();
        var newErr = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(newOut, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(newErr, true, StandardCharsets.UTF_8));
            action.run();
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        return new Printed(newOut.toString(StandardCharsets.UTF_8), newErr.toString(StandardCharsets.UTF_8));
    }
}
