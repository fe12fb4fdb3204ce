package dev.sidecar.boot;

import dev.sidecar.config.SettingsException;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.proving.ProvingRun;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
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
public class ProvingApplication {

    /** @return the process's exit status */
    public static int run(CommandLine.Proving asked) {
        var application = new SpringApplication(ProvingApplication.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(Banner.Mode.OFF);
        application.setLogStartupInfo(false);
        // A wrong setting is one line.
        application.setDefaultProperties(Map.of("logging.level.org.springframework.context", "ERROR"));
        var file = asked.file();
        if (file != null) {
            application.addInitializers(context -> prepend(context.getEnvironment(), file));
        }
        SidecarProperties settings;
        try (var context = application.run(asked.settings().toArray(String[]::new))) {
            settings = context.getBean(SidecarProperties.class);
        } catch (RuntimeException e) {
            return 1; // why has been reported
        }
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        return ProvingRun.of(settings.live().forThrottle(settings.pacing()), out).run() ? 0 : 1;
    }

    /** What the file says goes before the environment. */
    private static void prepend(ConfigurableEnvironment environment, Path file) {
        var properties = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new SettingsException("--proving=" + file + ": the file cannot be read (" + e + ")");
        }
        Map<String, Object> values = new HashMap<>();
        properties.forEach((name, value) -> values.put(name.toString(), value));
        environment.getPropertySources().addFirst(new SystemEnvironmentPropertySource(file.toString(), values));
    }
}
