package dev.sidecar.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.state.HomeFile.Saved;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeFileTest {

    private static final Duration OLDEST = Duration.ofMinutes(10);
    private static final Saved SAVED = new Saved("a.1", "{}");
    private static final long NOW = 5_000_000_000_000L;

    @TempDir
    Path folder;

    private final Optional<BootId> boot = Optional.of(new BootId(UUID.randomUUID()));

    @Test
    void theNextProcessIsTheSameHome() {
        new HomeFile(folder, boot).write(SAVED, NOW);
        assertThat(new HomeFile(folder, boot).read(OLDEST, NOW + OLDEST.toNanos() - 1)).contains(SAVED);
    }

    @Test
    void whatIsTooOldOrOfTheFutureOrOfAnotherBootCountsNot() {
        new HomeFile(folder, boot).write(SAVED, NOW);
        assertThat(new HomeFile(folder, boot).read(OLDEST, NOW + OLDEST.toNanos())).isEmpty();
        assertThat(new HomeFile(folder, boot).read(OLDEST, NOW - 1)).isEmpty();
        assertThat(new HomeFile(folder, Optional.of(new BootId(UUID.randomUUID()))).read(OLDEST, NOW)).isEmpty();
        assertThat(new HomeFile(folder, Optional.empty()).read(OLDEST, NOW)).isEmpty();
    }

    @Test
    void whatCannotBeReadOrWrittenStopsNobody() throws IOException {
        assertThat(new HomeFile(folder, boot).read(OLDEST, NOW)).isEmpty();
        Files.writeString(folder.resolve("fleet.json"), "{");
        assertThat(new HomeFile(folder, boot).read(OLDEST, NOW)).isEmpty();
        new HomeFile(folder.resolve("none"), boot).write(SAVED, NOW);
    }
}
