package dev.sidecar.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Copies the native libraries that jars bring for this machine to where {@code -Djava.library.path} finds them. Left in the jar,
 * Netty writes its own to the folder for temporary files at each start and loads it from there, which a container does not allow
 * whose {@code /tmp} is mounted {@code noexec}, as {@code docker run --tmpfs} does.
 *
 * <p>{@code java -cp nvidia-sidecar.jar dev.sidecar.image.NativeLibraries FOLDER-OF-JARS TARGET}.
 */
final class NativeLibraries {

    private static final String FOLDER = "META-INF/native/";

    private NativeLibraries() {
    }

    public static void main(String... args) throws IOException {
        copy(Path.of(args[0]), Path.of(args[1]), System.getProperty("os.arch"));
    }

    /** @param architecture as Java calls it */
    static void copy(Path jars, Path target, String architecture) throws IOException {
        Files.createDirectories(target);
        // As Netty calls it in the names of its libraries.
        var ending = switch (architecture) {
            case "amd64" -> "_x86_64.so";
            case "aarch64" -> "_aarch_64.so";
            default -> "_" + architecture + ".so";
        };
        try (var files = Files.walk(jars)) {
            for (var jar : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                copyFrom(jar, target, ending);
            }
        }
    }

    private static void copyFrom(Path jar, Path target, String ending) throws IOException {
        try (var zip = new ZipFile(jar.toFile())) {
            for (var entry : (Iterable<ZipEntry>) zip.stream().map(ZipEntry.class::cast)::iterator) {
                if (entry.getName().startsWith(FOLDER) && entry.getName().endsWith(ending)) {
                    try (var library = zip.getInputStream(entry)) {
                        Files.copy(library, target.resolve(Path.of(entry.getName()).getFileName()),
                                StandardCopyOption.REPLACE_EXISTING);
                    }
                }
            }
        }
    }
}
