package dev.sidecar.config;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** With providers in the file, the settings of one provider must not be set. */
class ProviderSettingsTest {

    private static final Path FILE = Path.of("sidecar.yaml");

    @Test
    void thoseThatAreSetAreNamedAndNotShown() {
        var environment = environment(Map.of("SIDECAR_API_KEY", "nvapi-top-secret", "SIDECAR_RATE_RPM", "60",
                "SIDECAR_RATE_TPM", "1", "SIDECAR_PORT", "0"));
        environment.getPropertySources().addFirst(
                new MapPropertySource("options", Map.of("sidecar.upstream", "http://p", "sidecar.provider", "p")));
        assertThatThrownBy(() -> ProviderSettings.requireNoneBeside(FILE, environment))
                .isInstanceOf(SettingsException.class)
                .hasMessage("SIDECAR_UPSTREAM, SIDECAR_API_KEY, SIDECAR_PROVIDER, SIDECAR_RATE_RPM, SIDECAR_RATE_TPM "
                        + "must not be set: SIDECAR_CONFIG=sidecar.yaml has the section 'providers'");
    }

    /** As the template has it, whose key is to be filled in. */
    @Test
    void oneThatIsSetToNothingIsNotSet() {
        assertThatCode(() -> ProviderSettings.requireNoneBeside(FILE,
                environment(Map.of("SIDECAR_API_KEY", "", "SIDECAR_UPSTREAM", " ", "SIDECAR_PORT", "1"))))
                .doesNotThrowAnyException();
    }

    private static StandardEnvironment environment(Map<String, Object> variables) {
        var environment = new StandardEnvironment();
        environment.getPropertySources().replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                new SystemEnvironmentPropertySource(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        variables));
        ConfigurationPropertySources.attach(environment);
        return environment;
    }
}
