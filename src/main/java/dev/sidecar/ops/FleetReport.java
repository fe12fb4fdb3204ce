package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sidecar.fleet.FleetStatus;
import dev.sidecar.fleet.FleetStatus.Mode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How this replica stands to its fleet, in {@code /status}.
 *
 * @param mode {@code single}, {@code shared}, {@code alone} or {@code rejoining}
 * @param replica its name; absent without a fleet
 * @param leader the name of the replica that leads; absent if none does
 * @param replicas those that are led; only this one while nobody leads it
 * @param redisMs how long a message takes through Redis and back, in milliseconds; absent without a fleet
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record FleetReport(String mode, @Nullable String replica, @Nullable String leader, List<Replica> replicas,
        @Nullable Double redisMs) {

    private static final FleetReport SINGLE = new FleetReport(Mode.SINGLE.code(), null, null, List.of(), null);

    FleetReport {
        replicas = List.copyOf(replicas);
    }

    /**
     * A replica, as the leader sees it.
     *
     * @param id its name
     * @param waiting requests in its queue
     * @param inFlight its requests at a provider
     * @param partRpm what it may send in any 60 s of its own, of all limits together; it lends and borrows beside that
     */
    record Replica(String id, int waiting, int inFlight, int partRpm) {
    }

    static FleetReport of(Optional<FleetStatus> fleet) {
        return fleet.map(FleetReport::of).orElse(SINGLE);
    }

    private static FleetReport of(FleetStatus fleet) {
        return new FleetReport(fleet.mode().code(), fleet.replica(), fleet.leader().isEmpty() ? null : fleet.leader(),
                fleet.replicas().stream()
                        .map(each -> new Replica(each.id(), each.waiting(), each.inFlight(), each.partRpm())).toList(),
                Math.round(fleet.redisMillis() * 100) / 100.0);
    }
}
