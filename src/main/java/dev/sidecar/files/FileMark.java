package dev.sidecar.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a file that change when it is written. The identity is one of them, because an atomic replacement
 * may keep size and time.
 */
public record FileMark(long size, FileTime modified, @Nullable Object key) {

    /** Follows links, also when they are replaced, as Kubernetes does with a ConfigMap. */
    public static FileMark of(Path file) throws IOException {
        var attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new FileMark(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    }
}
