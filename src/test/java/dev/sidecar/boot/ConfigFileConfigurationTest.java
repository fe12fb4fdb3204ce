package dev.sidecar.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.config.SidecarProperties;
import dev.sidecar.configfile.ConfigAtStart;
import dev.sidecar.configfile.ConfigProblemsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.env.StandardEnvironment;

/** When the file is read at the start. */
class ConfigFileConfigurationTest {

    private final StandardEnvironment environment = new StandardEnvironment();

    /** The machine that checks routes has no keys. */
    @Test
    void aCheckOfTheRoutesNeedsNoKey(@TempDir Path folder) throws IOException {
        var file = Files.writeString(folder.resolve("sidecar.yaml"),
                "providers: [{name: p, base-url: 'https://p.example', keys: [{name: a, file: none}]}]");
        var settings = settings(Map.of("sidecar.config", file.toString()));
        assertThatThrownBy(() -> new ConfigFileConfiguration().configAtStart(settings, environment))
                .isInstanceOf(ConfigProblemsException.class);
        environment.setActiveProfiles(CheckRoutes.PROFILE);
        assertThat(new ConfigFileConfiguration().configAtStart(settings, environment)).isSameAs(ConfigAtStart.NONE);
    }

    @Test
    void withoutTheSettingNothingIsRead() {
        var start = new ConfigFileConfiguration().configAtStart(settings(Map.of()), environment);
        assertThat(start).isSameAs(ConfigAtStart.NONE);
        assertThat(start.providers()).isEmpty();
        assertThat(start.fileOfProviders()).isEmpty();
    }

    private static SidecarProperties settings(Map<String, String> properties) {
        return new Binder(List.of(new MapConfigurationPropertySource(properties)), null,
                ApplicationConversionService.getSharedInstance()).bindOrCreate("sidecar", SidecarProperties.class);
    }
}
