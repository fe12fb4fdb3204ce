package dev.sidecar.fleet;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The latest {@link FleetView} of the leader. It is read when somebody looks, since mostly nobody does. Thread-safe. */
final class LatestView {

    /** An older one says nothing about now. */
    private static final Duration LONGEST = Duration.ofSeconds(3);

    private final AtomicReference<@Nullable Heard> heard = new AtomicReference<>();

    /** What has come, and what it says once it was read; null if it cannot be. */
    private record Heard(JsonNode json, long at, boolean isRead, @Nullable FleetView view) {
    }

    void heard(JsonNode json, long now) {
        heard.set(new Heard(json, now, false, null));
    }

    /** Nothing if there is none, if it is too old, or if it cannot be read. Two threads may read it at the same time. */
    Optional<FleetView> at(long now) {
        Heard latest = heard.get();
        if (latest == null || now - latest.at >= LONGEST.toNanos()) {
            return Optional.empty();
        }
        if (latest.isRead) {
            return Optional.ofNullable(latest.view);
        }
        Optional<FleetView> view = FleetView.of(latest.json);
        heard.compareAndSet(latest, new Heard(latest.json, latest.at, true, view.orElse(null)));
        return view;
    }
}
