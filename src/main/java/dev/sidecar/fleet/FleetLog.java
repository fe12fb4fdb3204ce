package dev.sidecar.fleet;

import dev.sidecar.fleet.FleetStatus.Mode;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.event.Level;

/** Writes a line for each change of a replica's place in its fleet. Stateless. */
final class FleetLog {

    private final Logger log;

    FleetLog(Logger log) {
        this.log = log;
    }

    /** @param parts what this replica may send of each limit in any 60 s */
    void changed(FleetStatus now, Collection<Integer> parts) {
        log.atLevel(now.mode() == Mode.ALONE ? Level.WARN : Level.INFO).addKeyValue("mode", now.mode().code())
                .addKeyValue("replica", now.replica()).addKeyValue("leader", now.leader())
                .addKeyValue("leads", now.leads()).addKeyValue("parts", parts).addKeyValue("note", note(now))
                .log("fleet_changed");
    }

    static String note(FleetStatus now) {
        return switch (now.mode()) {
            case SINGLE -> "shares with nobody";
            case SHARED -> now.leads()
                    ? "leads: it decides for all replicas which request goes next"
                    : now.leader() + " leads: it decides for all replicas which request goes next";
            case ALONE -> now.without()
                    ? "cannot reach the others and has no part of a limit: requests get 503 no_share"
                    : "cannot reach the others: sends its own part of each limit";
            case REJOINING -> "waits for a leader";
        };
    }
}
