package dev.sidecar.config;

import java.util.Arrays;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Puts {@code SIDECAR_LOG_FORMAT} into force, before the first line is logged. An invalid value counts as unset here:
 * {@link SidecarProperties} reports it later.
 */
final class LogFormatSetting implements EnvironmentPostProcessor {

    private static final String SPRING_SETTING = "logging.structured.format.console";

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        var written = environment.getProperty("sidecar.log-format", "").strip();
        var format = Arrays.stream(LogFormat.values()).filter(value -> value.name().equalsIgnoreCase(written))
                .findFirst()
                .orElse(LogFormat.AUTO).resolved();
        if (format == LogFormat.JSON && !environment.containsProperty(SPRING_SETTING)) {
            environment.getPropertySources()
                    .addLast(
                            new MapPropertySource("sidecar-log-format",
                                    Map.of(SPRING_SETTING, JsonLogLine.class.getName())));
        }
    }
}
