package dev.sidecar.reload;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The folder of route files. Follows links, also when they are replaced, as Kubernetes does with a ConfigMap. Stateless
 * and thread-safe.
 */
final class RouteFolder {

    private static final String SUFFIX = ".camel.yaml";

    /** The attributes of a file that change when it is written. */
    private record Mark(long size, FileTime modified, @Nullable Object key) {
    }

    private final Path folder;

    /** @param folder the folder; messages show its absolute path, because their readers may not know the working directory */
    RouteFolder(Path folder) {
        this.folder = folder.toAbsolutePath();
    }

    /**
     * The look of the folder from outside: two equal looks mean that nothing was written in between. It contains each
     * file's size, time and identity, because an atomic replacement may keep size and time.
     */
    Map<String, ?> look() {
        var look = new HashMap<String, Object>();
        try {
            for (var file : files()) {
                var attributes = Files.readAttributes(file, BasicFileAttributes.class);
                look.put(file.getFileName().toString(),
                        new Mark(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey()));
            }
        } catch (IOException e) {
            look.put("", e.toString()); // during a change, or the folder is gone
        }
        return look;
    }

    /**
     * All route files, by name.
     *
     * @throws RouteProblemsException when the folder or a file of it cannot be read, or holds nothing
     */
    List<RouteFile> read() {
        var read = new ArrayList<RouteFile>();
        var problems = new ArrayList<RouteProblem>();
        try {
            for (var file : files()) {
                read(file, read, problems);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            problems.add(RouteProblem.ofFolder("there is no folder " + folder));
        } catch (IOException e) {
            problems.add(RouteProblem.ofFolder("the folder " + folder + " cannot be read: " + e.getMessage()));
        }
        if (problems.isEmpty() && read.isEmpty()) {
            problems.add(RouteProblem.ofFolder("the folder " + folder + " holds no file *" + SUFFIX));
        }
        if (!problems.isEmpty()) {
            throw new RouteProblemsException(problems);
        }
        return read;
    }

    private static void read(Path file, List<RouteFile> read, List<RouteProblem> problems) {
        var name = file.getFileName().toString();
        try {
            var text = Files.readString(file);
            if (text.isBlank()) {
                // Some editors write in two steps, and a full disk leaves an empty file.
                problems.add(new RouteProblem(name, 0, 0, "the file is empty; delete it if that is what is meant"));
            } else {
                read.add(new RouteFile(name, text));
            }
        } catch (CharacterCodingException e) {
            problems.add(new RouteProblem(name, 0, 0, "the file is not UTF-8"));
        } catch (IOException e) {
            problems.add(new RouteProblem(name, 0, 0, "the file cannot be read: " + e.getClass().getSimpleName()));
        }
    }

    /** Without hidden files, which belong to editors and Kubernetes. */
    private List<Path> files() throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().endsWith(SUFFIX)
                    && !file.getFileName().toString().startsWith(".") && !Files.isDirectory(file)).sorted().toList();
        }
    }
}
