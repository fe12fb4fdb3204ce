package dev.sidecar.config;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** The template of the settings, deploy/.env.example, has them all, with the defaults that they have. */
class SettingsTemplateTest {

    /** Also read by systemd, which knows neither quotes like a shell's nor comments behind a value. */
    private static final Pattern LINE = Pattern.compile("#?(SIDECAR_[A-Z_]+)=([^\\s\"'#]*)");

    private static Map<String, String> template;

    @BeforeAll
    static void read() throws IOException {
        template = Files.readAllLines(Path.of("deploy/.env.example")).stream().filter(line -> line.contains("=")
                && line.contains("SIDECAR_") && !line.startsWith("# ")).map(line -> {
                    var matcher = LINE.matcher(line);
                    assertThat(matcher.matches()).as(line).isTrue();
                    return matcher;
                }).collect(toMap(matcher -> matcher.group(1), matcher -> matcher.group(2)));
    }

    @Test
    void itHasEverySettingAndNoOther() {
        assertThat(new TreeSet<>(template.keySet())).isEqualTo(new TreeSet<>(Stream.concat(
                names("SIDECAR_", SidecarProperties.class), names("SIDECAR_CIRCUIT_BREAKER_",
                        CircuitBreakerProperties.class))
                .toList()));
    }

    @Test
    void whatItShowsIsWhatHoldsWithoutIt() {
        assertThat(bind(template, "sidecar", SidecarProperties.class))
                .isEqualTo(bind(Map.of(), "sidecar", SidecarProperties.class));

        var shown = bind(template, "sidecar.circuit-breaker", CircuitBreakerProperties.class);
        var usual = bind(Map.of(), "sidecar.circuit-breaker", CircuitBreakerProperties.class);
        assertThat(shown).isEqualTo(usual);
    }

    private static Stream<String> names(String prefix, Class<? extends Record> settings) {
        return Arrays.stream(settings.getRecordComponents()).map(RecordComponent::getName)
                .map(name -> prefix + name.replaceAll("([A-Z])", "_$1").toUpperCase(Locale.ROOT));
    }

    /** Empty ones are there to be filled in. */
    private static <T> T bind(Map<String, String> variables, String prefix, Class<T> settings) {
        Map<String, Object> given = variables.entrySet().stream().filter(entry -> !entry.getValue().isEmpty())
                .collect(toMap(Map.Entry::getKey, Map.Entry::getValue));
        var sources = ConfigurationPropertySources
                .from(new SystemEnvironmentPropertySource("systemEnvironment", given));
        return new Binder(sources, null, ApplicationConversionService.getSharedInstance()).bindOrCreate(prefix,
                settings);
    }
}
