package dev.sidecar.route;

import dev.sidecar.providers.Circuits;
import dev.sidecar.throttle.NanoClock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The log of each provider. Thread-safe. */
public final class ProviderLogs {

    private final Map<String, ProviderLog> logs = new ConcurrentHashMap<>();
    private final NanoClock clock;

    /** Writes down the transitions of all circuits from now on. */
    public ProviderLogs(Circuits circuits, NanoClock clock) {
        this.clock = clock;
        circuits.forEach((provider, breaker) -> of(provider).listenTo(breaker));
    }

    ProviderLog of(String provider) {
        return logs.computeIfAbsent(provider, name -> new ProviderLog(name, clock));
    }
}
