package dev.sidecar.providers;

import dev.sidecar.config.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads the value of a key from where the file says that it is. Stateless and thread-safe. */
public final class KeyReader {

    static final String ENV = "env";
    static final String FILE = "file";

    /** Far more than any key has, and no burden to read. */
    private static final int MOST_BYTES = 64 << 10;

    /** Settings that have no effect or must not be set, as the start would say. */
    private static final String OF_THE_SIDECAR = "SIDECAR_";

    private final Function<String, @Nullable String> environment;
    private final Path configFile;

    /**
     * @param environment the value of a variable; null if it is not set
     * @param configFile the file that says where the values are
     */
    public KeyReader(Function<String, @Nullable String> environment, Path configFile) {
        this.environment = environment;
        this.configFile = configFile;
    }

    KeyValue read(KeyEntry key) {
        var variable = key.env();
        return variable == null ? fromFile(Objects.requireNonNull(key.file())) : fromVariable(variable);
    }

    private KeyValue fromVariable(String name) {
        if (name.startsWith(OF_THE_SIDECAR)) {
            return new KeyValue.Missing(ENV, "names that begin with " + OF_THE_SIDECAR
                    + " are the sidecar's own settings: choose another name");
        }
        var value = environment.apply(name);
        return value == null
                ? new KeyValue.Missing(ENV, "there is no environment variable of this name")
                : checked(ENV, "the environment variable", value);
    }

    private KeyValue fromFile(String name) {
        Path path;
        try {
            path = configFile.resolveSibling(name);
        } catch (InvalidPathException e) {
            return new KeyValue.Missing(FILE, "must be the path of a file");
        }
        if (!Files.exists(path)) {
            return new KeyValue.Missing(FILE, "there is no such file");
        }
        // To read a pipe or a device could take forever.
        if (!Files.isRegularFile(path)) {
            return new KeyValue.Missing(FILE, "is no regular file");
        }
        try (var in = Files.newInputStream(path)) {
            var bytes = in.readNBytes(MOST_BYTES + 1);
            // What is not ASCII is refused as a secret.
            return bytes.length > MOST_BYTES
                    ? new KeyValue.Missing(FILE, "the file has more than " + MOST_BYTES + " bytes")
                    : checked(FILE, "the file", new String(bytes, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return new KeyValue.Missing(FILE, "the file cannot be read: " + e.getClass().getSimpleName());
        }
    }

    private static KeyValue checked(String field, String source, String text) {
        var value = text.strip();
        if (value.isEmpty()) {
            return new KeyValue.Missing(field, source + " is empty");
        }
        try {
            return new KeyValue.Found(new Secret(value));
        } catch (IllegalArgumentException e) {
            return new KeyValue.Missing(field,
                    source + " must have nothing but the key: printable ASCII characters without spaces");
        }
    }
}
