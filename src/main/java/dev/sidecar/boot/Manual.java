package dev.sidecar.boot;

import dev.sidecar.config.CircuitBreakerProperties;
import dev.sidecar.config.SettingName;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.simulator.DemoSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What {@code --help} and {@code --version} print. */
public final class Manual {

    private static final String MODES = """
            usage: java -jar nvidia-sidecar.jar [SETTING ...] [MODE]

              without a mode      runs the proxy
              --check-routes DIR  says whether a folder of routes could be put in force: 0 if so, 1 if not
              --check-config FILE says whether a file could be put in force as SIDECAR_CONFIG: 0 if so, 1 if not
              --new-client-key    makes a key for a client, and the hash that SIDECAR_CONFIG needs of it
              --proving[=FILE]    computes how much of the budget would be used, with the settings of the environment or of
                                  FILE, which looks like deploy/.env.example: 0 if every target is met, 1 if not
              --version           tells the version
              --help              tells this

            A layout of deploy/lay-out.sh has two more: java -cp lib/nvidia-sidecar.jar
              dev.sidecar.image.HealthCheck [PATH]                 asks the sidecar beside it for /health or PATH: 0 if that is well, 1 if not
              dev.sidecar.image.Training ROUTES COMMAND...    makes the AOT cache; deploy/lay-out.sh runs it

            SPRING_PROFILES_ACTIVE=demo runs the proxy in front of a simulated provider, without a key.

            Settings are environment variables, here with their defaults, or options: SIDECAR_PORT=8000 is
            --sidecar.port=8000. Spring Boot's own, such as --logging.level.root=INFO, are read too.
            """;

    private Manual() {
    }

    public static String version() {
        var build = read("/META-INF/build-info.properties");
        return "nvidia-sidecar " + (build.isEmpty()
                ? "development"
                : BuildConfiguration.named(build, read("/git.properties")).getVersion());
    }

    public static String help() {
        return version() + "\n\n" + MODES + "\n" + all().map(Manual::line).collect(Collectors.joining("\n"));
    }

    /** Every setting there is. */
    public static List<SettingName> settings() {
        return all().toList();
    }

    private static Stream<SettingName> all() {
        return Stream.of(SidecarProperties.class, CircuitBreakerProperties.class, DemoSettings.class)
                .flatMap(settings -> SettingName.allOf(settings).stream());
    }

    private static String line(SettingName setting) {
        var value = setting.usual();
        return "  " + (value == null ? setting.variable() : setting.variable() + "=" + value);
    }

    private static Properties read(String resource) {
        var properties = new Properties();
        try (InputStream in = Manual.class.getResourceAsStream(resource)) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }
}
