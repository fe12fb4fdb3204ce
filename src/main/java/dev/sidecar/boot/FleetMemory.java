package dev.sidecar.boot;

import dev.sidecar.fleet.Codec;
import dev.sidecar.fleet.Tables;
import dev.sidecar.state.HomeFile;
import dev.sidecar.state.HomeFile.Saved;
import dev.sidecar.throttle.NanoClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * What of the fleet outlives this process, if there is a state folder: the home and its parts. Without one, each process is a home
 * of its own, and knows nothing. Called by the thread of the fleet.
 */
final class FleetMemory {

    /** After that time the others have divided the part of an absent home among themselves. */
    private static final Duration OLDEST = Duration.ofMinutes(10);

    private final Optional<HomeFile> file;
    private final NanoClock clock;
    private final String home;
    private final Tables tables;

    FleetMemory(Optional<Path> folder, String replica, NanoClock clock) {
        this.file = folder.map(HomeFile::new);
        this.clock = clock;
        var saved = file.flatMap(each -> each.read(OLDEST, clock.nanoTime()))
                .filter(each -> each.home().startsWith(replica + "."));
        this.home = saved.map(Saved::home)
                .orElseGet(() -> replica + "." + UUID.randomUUID().toString().substring(0, 8));
        this.tables = saved.map(each -> Codec.tables(each.tables().getBytes(StandardCharsets.UTF_8)))
                .orElse(Tables.NONE);
    }

    String home() {
        return home;
    }

    Tables tables() {
        return tables;
    }

    void keep(Tables newTables) {
        file.ifPresent(each -> each.write(new Saved(home, new String(Codec.bytes(newTables), StandardCharsets.UTF_8)),
                clock.nanoTime()));
    }
}
