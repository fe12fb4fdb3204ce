package dev.sidecar.config;

import dev.sidecar.files.YamlDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.springframework.core.env.Environment;

/** The settings that name one provider, its key and its limits. A file with providers takes the place of all of them. Stateless. */
public final class ProviderSettings {

    private static final List<String> ALL = List.of("sidecar.upstream", "sidecar.api-key", "sidecar.provider",
            "sidecar.rate-rpm", "sidecar.rate-tpm");

    private ProviderSettings() {
    }

    /** Whether the file can be read and has a section of providers, right or wrong. */
    static boolean areIn(Path file) {
        try {
            return Files.isRegularFile(file)
                    && YamlDocument.of("", Files.readString(file)).content() instanceof Map<?, ?> sections
                    && sections.containsKey("providers");
        } catch (IOException | YamlEngineException e) {
            return false;
        }
    }

    /**
     * @param file that has providers
     * @throws SettingsException when any of them is set; one that is set to nothing is not
     */
    public static void requireNoneBeside(Path file, Environment environment) {
        var set = ALL.stream().filter(property -> !environment.getProperty(property, "").isBlank())
                .map(SettingName::variable).collect(Collectors.joining(", "));
        if (!set.isEmpty()) {
            throw new SettingsException(
                    set + " must not be set: SIDECAR_CONFIG=" + file + " has the section 'providers'");
        }
    }
}
