package dev.sidecar.configfile;

import dev.sidecar.files.FileMark;
import dev.sidecar.files.FileProblem;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The file on the disk. Follows links, also when they are replaced, as Kubernetes does. Stateless and thread-safe. */
public final class ConfigFile {

    /** A thousand clients take 300 kB. */
    private static final long MOST_BYTES = 4 << 20;

    private final Path path;

    public ConfigFile(Path path) {
        this.path = path.toAbsolutePath();
    }

    /** Without its folder. */
    String name() {
        return String.valueOf(path.getFileName());
    }

    /** How it looks from outside: two equal looks mean that nothing was written in between. */
    Map<String, ?> look() {
        try {
            return Map.of(name(), FileMark.of(path));
        } catch (IOException e) {
            return Map.of(name(), e.toString()); // during a change, or the file is gone
        }
    }

    /** @throws ConfigProblemsException when it cannot be read */
    String text() {
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
        return new ConfigReader().read(name(), text());
    }
}
