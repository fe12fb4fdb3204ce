package dev.sidecar.state;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which home in a fleet this folder is, and what it knew of the division of the limits. Only what is young and of the same boot
 * counts: after that time the others have divided its part among themselves. Not thread-safe.
 */
public final class HomeFile {

    private static final Logger LOG = LoggerFactory.getLogger(HomeFile.class);
    private static final int VERSION = 1;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final Path file;
    private final Optional<BootId> boot;

    /**
     * What the file says.
     *
     * @param tables as JSON
     */
    public record Saved(String home, String tables) {
    }

    private record Content(int version, String boot, long nanos, String home, String tables) {
    }

    /** @param folder of the state */
    public HomeFile(Path folder) {
        this(folder, BootId.current());
    }

    HomeFile(Path folder, Optional<BootId> boot) {
        this.file = folder.resolve("fleet.json");
        this.boot = boot;
    }

    /**
     * Nothing if it cannot be read, is too old, or of another boot.
     *
     * @param now on the monotonic clock of the machine, in nanoseconds
     */
    public Optional<Saved> read(Duration oldest, long now) {
        if (boot.isEmpty() || !Files.exists(file)) {
            return Optional.empty();
        }
        try {
            var content = JSON.readValue(file.toFile(), Content.class);
            var age = now - content.nanos;
            return content.version == VERSION && boot.get().id().toString().equals(content.boot) && age >= 0
                    && age < oldest.toNanos() ? Optional.of(new Saved(content.home, content.tables)) : Optional.empty();
        } catch (IOException e) {
            LOG.atWarn().addKeyValue("file", file).addKeyValue("problem", e.getClass().getSimpleName())
                    .log("fleet_state_unknown");
            return Optional.empty();
        }
    }

    /** A disk that cannot be written stops nobody. */
    public void write(Saved saved, long now) {
        if (boot.isEmpty()) {
            return;
        }
        try {
            WholeFile.write(file, JSON.writeValueAsBytes(
                    new Content(VERSION, boot.get().id().toString(), now, saved.home, saved.tables)));
        } catch (IOException e) {
            LOG.debug("the state of the fleet is not written", e);
        }
    }
}
