package dev.sidecar.fleet;

import java.util.List;
import java.util.Locale;

/**
 * How this replica stands to its fleet. Immutable.
 *
 * @param replica its name
 * @param leader the name of the replica that leads; empty if none is known
 * @param replicas as the leader sees them; this one alone while nobody leads it
 * @param redisMillis how long a message takes through Redis and back
 * @param leads whether this replica leads
 * @param without whether this replica may send nothing, since the others have the whole limit
 */
public record FleetStatus(Mode mode, String replica, String leader, List<ReplicaFigures> replicas, double redisMillis,
        boolean leads, boolean without) {

    /** The ways to stand to a fleet. */
    public enum Mode {
        /** Without a fleet. */
        SINGLE,
        /** One queue for all. */
        SHARED,
        /** Without the others, with a part of each limit. */
        ALONE,
        /** Not yet led, or not yet again. */
        REJOINING;

        private final String code = name().toLowerCase(Locale.ROOT);

        public String code() {
            return code;
        }
    }

    public FleetStatus {
        replicas = List.copyOf(replicas);
    }
}
