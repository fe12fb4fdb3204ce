package dev.sidecar.configfile;

import dev.sidecar.files.FileMark;
import dev.sidecar.files.FileProblem;
import dev.sidecar.files.YamlDocument;
import dev.sidecar.providers.KeyReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The file on the disk, with the files of keys that it names. Follows links, also when they are replaced, as Kubernetes does.
 * Thread-safe.
 */
public final class ConfigFile {

    /** A thousand clients take 300 kB. */
    private static final long MOST_BYTES = 4 << 20;

    private final Path path;
    private final KeyReader keys;
    private volatile Named named = new Named("", Set.of());

    /**
     * The files of keys that the file names.
     *
     * @param mark of the file when it was searched for them
     */
    private record Named(Object mark, Set<Path> files) {
    }

    public ConfigFile(Path path) {
        this(path, System::getenv);
    }

    /** @param environment the value of a variable; null if it is not set */
    ConfigFile(Path path, Function<String, @Nullable String> environment) {
        this.path = path.toAbsolutePath();
        this.keys = new KeyReader(environment, this.path);
    }

    /** Without its folder. */
    public String name() {
        return String.valueOf(path.getFileName());
    }

    /** How it looks from outside: two equal looks mean that nothing was written in between. */
    Map<String, ?> look() {
        var mark = mark(path);
        var marks = new HashMap<String, Object>();
        keyFiles(mark).forEach(file -> marks.put(file.toString(), mark(file)));
        marks.put(path.toString(), mark);
        return marks;
    }

    private static Object mark(Path file) {
        try {
            // A change of the permissions alone leaves the mark as it is.
            return List.of(FileMark.of(file), Files.isReadable(file));
        } catch (IOException e) {
            return e.toString(); // during a change, or the file is gone
        }
    }

    /** None while the file is no YAML: they are read again together with it. */
    private Set<Path> keyFiles(Object mark) {
        var last = named;
        if (!last.mark.equals(mark)) {
            last = new Named(mark, search());
            named = last;
        }
        return last.files;
    }

    private Set<Path> search() {
        try {
            return KeyFiles.in(YamlDocument.of(name(), text()).content(), path);
        } catch (ConfigProblemsException | YamlEngineException e) {
            return Set.of();
        }
    }

    /** @throws ConfigProblemsException when it cannot be read */
    private String text() {
        try {
            if (Files.size(path) > MOST_BYTES) {
                throw problem("the file has more than " + MOST_BYTES + " bytes");
            }
            return Files.readString(path);
        } catch (NoSuchFileException e) {
            throw new ConfigProblemsException(List.of(FileProblem.ofFile("", "there is no file " + path)));
        } catch (CharacterCodingException e) {
            throw problem("the file is not UTF-8");
        } catch (IOException e) {
            throw problem("the file cannot be read: " + e.getClass().getSimpleName());
        }
    }

    private ConfigProblemsException problem(String reason) {
        return new ConfigProblemsException(List.of(FileProblem.ofFile(name(), reason)));
    }

    /** @throws ConfigProblemsException when it cannot be read, or not be used */
    public SidecarConfig read() {
        return new ConfigReader(keys).read(name(), text());
    }

    /**
     * The same, to take the place of another one.
     *
     * @throws ConfigProblemsException when it cannot be read, not be used, or only by a program that starts with it
     */
    SidecarConfig readInPlaceOf(SidecarConfig inForce) {
        return new ConfigReader(keys).read(name(), text(), inForce);
    }
}
