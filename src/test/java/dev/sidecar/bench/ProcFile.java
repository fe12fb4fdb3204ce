package dev.sidecar.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The "name: value" files that Linux keeps about processes and the machine. */
final class ProcFile {

    private ProcFile() {
    }

    /** The first value of this name; empty if there is none, or no such file (as on other systems). */
    static String value(Path file, String name) {
        try {
            for (String line : Files.readAllLines(file)) {
                int colon = line.indexOf(':');
                if (colon > 0 && line.substring(0, colon).strip().equals(name)) {
                    return line.substring(colon + 1).strip();
                }
            }
        } catch (IOException e) {
            return "";
        }
        return "";
    }
}
