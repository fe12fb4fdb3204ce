package dev.sidecar.state;

import java.nio.file.Path;

/** Another process uses the folder. */
public final class FolderInUseException extends RuntimeException {

    private static final long serialVersionUID = 1;

    FolderInUseException(Path folder) {
        super("another process uses the folder " + folder + ": each sidecar needs a folder of its own");
    }
}
