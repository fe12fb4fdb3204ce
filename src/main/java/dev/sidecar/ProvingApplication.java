package dev.sidecar;

import dev.sidecar.config.SidecarProperties;
import dev.sidecar.proving.ProvingRun;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * {@code java -jar nvidia-sidecar.jar --proving[=FILE]}: the proving run with the settings of the environment, or of a file
 * of the form of {@code deploy/.env.example}, instead of the proxy. Ends with 1 when a target is missed.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(SidecarProperties.class)
class ProvingApplication {

    static final String OPTION = "--proving";

    static boolean isAskedFor(String... args) {
        return List.of(args).stream().anyMatch(arg -> arg.equals(OPTION) || arg.startsWith(OPTION + "="));
    }

    public static void main(String... args) {
        var application = new SpringApplication(ProvingApplication.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        for (String arg : args) {
            if (arg.startsWith(OPTION + "=")) {
                Path file = Path.of(arg.substring(OPTION.length() + 1));
                application.addInitializers(context -> prepend(context.getEnvironment(), file));
            }
        }
        boolean met;
        try (var context = application.run(args)) {
            var settings = context.getBean(SidecarProperties.class);
            var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            met = ProvingRun.of(settings.live().forThrottle(settings.pacing()), out).run();
        }
        System.exit(met ? 0 : 1);
    }

    /** What the file says goes before the environment. */
    private static void prepend(ConfigurableEnvironment environment, Path file) {
        var properties = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException("the settings file cannot be read: " + e.getMessage(), e);
        }
        Map<String, Object> values = new HashMap<>();
        properties.forEach((name, value) -> values.put(name.toString(), value));
        environment.getPropertySources().addFirst(new SystemEnvironmentPropertySource(file.toString(), values));
    }
}
