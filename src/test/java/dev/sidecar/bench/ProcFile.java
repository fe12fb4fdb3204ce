package dev.sidecar.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The "name: value" files that Linux keeps about processes and the machine. */
final class ProcFile {

    private ProcFile() {
    }

    /** The lines of this file; none if there is no such file (as on other systems). */
    static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The first value of this name; empty if there is none, or no such file. */
    static String value(Path file, String name) {
        return value(lines(file), name);
    }

    /** The first value of this name in these lines; empty if there is none. */
    static String value(List<String> lines, String name) {
        for (String line : lines) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).strip().equals(name)) {
                return line.substring(colon + 1).strip();
            }
        }
        return "";
    }
}
