package dev.sidecar.state;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * Which boot of the machine this is. Readings of the monotonic clock can be compared only within one boot.
 *
 * @param id as the kernel names it
 */
record BootId(UUID id) {

    private static final Path KERNEL = Path.of("/proc/sys/kernel/random/boot_id");

    /** That of this boot; empty where the system does not say, so that every start is one of another boot. */
    static Optional<BootId> current() {
        return of(KERNEL);
    }

    static Optional<BootId> of(Path file) {
        try {
            return Optional.of(new BootId(UUID.fromString(Files.readString(file).strip())));
        } catch (IOException | IllegalArgumentException notLinux) {
            return Optional.empty();
        }
    }
}
