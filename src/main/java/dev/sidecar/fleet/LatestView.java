package dev.sidecar.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The latest {@link FleetView} of the leader. It is read when somebody looks, since mostly nobody does. Thread-safe. */
final class LatestView {

    /** An older one says nothing about now. */
    private static final Duration LONGEST = Duration.ofSeconds(3);

    private volatile @Nullable Heard heard;

    /** What has come, and what it says once it was read. */
    private record Heard(JsonNode json, long at, @Nullable Optional<FleetView> read) {
    }

    void heard(JsonNode json, long now) {
        heard = new Heard(json, now, null);
    }

    /** Nothing if there is none, if it is too old, or if it cannot be read. Two threads may read it at the same time. */
    Optional<FleetView> at(long now) {
        Heard latest = heard;
        if (latest == null || now - latest.at >= LONGEST.toNanos()) {
            return Optional.empty();
        }
        Optional<FleetView> read = latest.read;
        if (read == null) {
            read = FleetView.of(latest.json);
            if (heard == latest) {
                heard = new Heard(latest.json, latest.at, read);
            }
        }
        return read;
    }
}
