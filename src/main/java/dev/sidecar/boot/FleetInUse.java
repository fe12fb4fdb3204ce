package dev.sidecar.boot;

import dev.sidecar.fleet.Fleet;
import dev.sidecar.fleet.FleetStatus;
import dev.sidecar.fleet.FleetView;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The fleet of {@code SIDECAR_REDIS_URL}, if it is set. Thread-safe. */
final class FleetInUse implements AutoCloseable {

    static final FleetInUse NONE = new FleetInUse(null);

    private static final Duration LONGEST_FAREWELL = Duration.ofSeconds(2);

    private final @Nullable Fleet<?> fleet;

    FleetInUse(@Nullable Fleet<?> fleet) {
        this.fleet = fleet;
    }

    /** Nothing where the setting is not set. */
    Optional<FleetStatus> status() {
        return Optional.ofNullable(fleet).map(Fleet::status);
    }

    /** Queue and budget of all replicas; nothing while they are not shared. */
    Optional<FleetView> view() {
        return fleet == null ? Optional.empty() : fleet.view();
    }

    /** Settings, providers or clients are others. */
    void settingsChanged() {
        if (fleet != null) {
            fleet.settingsChanged();
        }
    }

    /** No request waits or runs any more. */
    void leave() throws InterruptedException {
        if (fleet != null) {
            fleet.leave(LONGEST_FAREWELL);
        }
    }

    @Override
    public void close() {
        if (fleet != null) {
            fleet.close();
        }
    }
}
