package dev.sidecar.configfile;

import dev.sidecar.providers.Providers;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file as it was when the program started. What needs it is made before the file is put in force. Immutable.
 *
 * @param file null where no file is set
 * @param config null where no file is set
 */
public record ConfigAtStart(@Nullable ConfigFile file, @Nullable SidecarConfig config) {

    /** No file is set. */
    public static final ConfigAtStart NONE = new ConfigAtStart(null, null);

    /** @throws ConfigProblemsException when the file cannot be used */
    public static ConfigAtStart read(Path path) {
        var file = new ConfigFile(path);
        return new ConfigAtStart(file, file.read());
    }

    /** Nothing where no file has the section. Only a new start changes where providers come from. */
    public Optional<Providers> providers() {
        return config == null ? Optional.empty() : Optional.ofNullable(config.providers());
    }

    /** The name of the file that has the providers; nothing where the settings name one. */
    public Optional<String> fileOfProviders() {
        return providers().isEmpty() || file == null ? Optional.empty() : Optional.of(file.name());
    }
}
