package dev.sidecar.fleet;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.pool.AccountId;
import java.util.List;
import java.util.Set;

/** How a replica would lead: by its own settings, providers and clients. Thread-safe. */
public interface LeadersQueue {

    /** An empty queue with unused budgets. */
    Throttle<Flight> newQueue(NanoClock clock);

    /** Puts the settings, providers and clients of now in force. */
    void applyTo(Throttle<Flight> queue);

    List<AccountId> accounts();

    /** The names of all keys. */
    Set<String> keys();
}
