package dev.sidecar.reload;

import dev.sidecar.files.FileMark;
import dev.sidecar.files.FileProblem;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The folder of route files. Follows links, also when they are replaced, as Kubernetes does with a ConfigMap. Stateless
 * and thread-safe.
 */
final class RouteFolder {

    private static final String SUFFIX = ".camel.yaml";

    private final Path folder;

    /** @param folder the folder; messages show its absolute path, because their readers may not know the working directory */
    RouteFolder(Path folder) {
        this.folder = folder.toAbsolutePath();
    }

    /** The look of the folder from outside: two equal looks mean that nothing was written in between. */
    Map<String, ?> look() {
        var look = new HashMap<String, Object>();
        try {
            for (var file : files()) {
                look.put(file.getFileName().toString(), FileMark.of(file));
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
        var problems = new ArrayList<FileProblem>();
        try {
            for (var file : files()) {
                read(file, read, problems);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            problems.add(FileProblem.ofFolder("there is no folder " + folder));
        } catch (IOException e) {
            problems.add(FileProblem.ofFolder("the folder " + folder + " cannot be read: " + e.getMessage()));
        }
        if (problems.isEmpty() && read.isEmpty()) {
            problems.add(FileProblem.ofFolder("the folder " + folder + " holds no file *" + SUFFIX));
        }
        if (!problems.isEmpty()) {
            throw new RouteProblemsException(problems);
        }
        return read;
    }

    private static void read(Path file, List<RouteFile> read, List<FileProblem> problems) {
        var name = file.getFileName().toString();
        try {
            var text = Files.readString(file);
            if (text.isBlank()) {
                // Some editors write in two steps, and a full disk leaves an empty file.
                problems.add(FileProblem.ofFile(name, "the file is empty; delete it if that is what is meant"));
            } else {
                read.add(new RouteFile(name, text));
            }
        } catch (CharacterCodingException e) {
            problems.add(FileProblem.ofFile(name, "the file is not UTF-8"));
        } catch (IOException e) {
            problems.add(FileProblem.ofFile(name, "the file cannot be read: " + e.getClass().getSimpleName()));
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
