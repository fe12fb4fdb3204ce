package dev.sidecar.fleet;

import dev.sidecar.fleet.Message.Limit;
import java.util.List;
import java.util.Set;

/**
 * What a replica brings into the fleet. Its settings may change, so it is asked again each time. Thread-safe.
 */
public interface Home {

    /** Names it among all, also after a restart if it has a state folder. */
    String id();

    /** Differs from that of every other process of this home. */
    long process();

    /** The replica's name for people. */
    String replica();

    /** The limits as its own settings say. */
    List<Limit> limits();

    /** The keys that it can use. */
    Set<String> keys();

    /** Requests at a provider. */
    int inFlight();

    /** The fleet has another limit than its settings say. */
    void limitsAre(List<Limit> limits);

    /** Its part of the limits has changed: keep it over a restart. */
    void keep(Tables tables);
}
