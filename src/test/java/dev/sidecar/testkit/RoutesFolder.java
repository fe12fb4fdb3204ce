package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A copy of the shipped routes that a test edits, as an operator would. */
public final class RoutesFolder {

    private static final Path SHIPPED = Path.of("routes");

    private final Path folder;

    private RoutesFolder(Path folder) {
        this.folder = folder;
    }

    /** Copies them into an empty folder. */
    public static RoutesFolder in(Path folder) {
        var copy = new RoutesFolder(folder);
        copy.restore();
        return copy;
    }

    /** Those that are there now. */
    public List<Path> files() {
        try (var files = Files.list(folder)) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Path path() {
        return folder;
    }

    /** Makes the folder what is shipped again. */
    public void restore() {
        try (var shipped = Files.list(SHIPPED); var present = Files.list(folder)) {
            for (var file : present.toList()) {
                if (Files.notExists(SHIPPED.resolve(file.getFileName()))) {
                    Files.delete(file);
                }
            }
            for (var file : shipped.filter(name -> name.toString().endsWith(".camel.yaml")).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces text that stands in the file exactly once. */
    public void edit(String file, String from, String to) {
        var before = read(file);
        var at = before.indexOf(from);
        if (at < 0 || before.indexOf(from, at + 1) >= 0) {
            throw new IllegalArgumentException("not exactly once in " + file + ": " + from);
        }
        write(file, before.replace(from, to));
    }

    public String read(String file) {
        try {
            return Files.readString(folder.resolve(file), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void write(String file, String text) {
        try {
            Files.writeString(folder.resolve(file), text, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void delete(String file) {
        try {
            Files.delete(folder.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
