package dev.sidecar.configfile;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of keys that a configuration file names. No other rule is looked at: a file that must still be corrected has them
 * too, and may be waiting for one of them. Stateless.
 */
final class KeyFiles {

    private KeyFiles() {
    }

    /**
     * @param content of the configuration file, in the form of {@link dev.sidecar.files.YamlDocument}
     * @param configFile whose folder relative paths begin at
     */
    static Set<Path> in(@Nullable Object content, Path configFile) {
        var files = new HashSet<Path>();
        list(content, Sections.PROVIDERS).flatMap(provider -> list(provider, "keys"))
                .forEach(key -> {
                    if (key instanceof Map<?, ?> fields && fields.get("file") instanceof String file) {
                        try {
                            files.add(configFile.resolveSibling(file));
                        } catch (InvalidPathException e) {
                            // A rule says so when the file is read.
                        }
                    }
                });
        return Set.copyOf(files);
    }

    private static Stream<?> list(@Nullable Object content, String field) {
        return content instanceof Map<?, ?> fields && fields.get(field) instanceof List<?> list
                ? list.stream()
                : Stream.empty();
    }
}
