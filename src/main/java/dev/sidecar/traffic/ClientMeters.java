package dev.sidecar.traffic;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Metrics of each client of the file. The routes count requests in one of them. Series of a client that is gone from the file
 * go too, so that memory does not grow with the edits. Thread-safe.
 */
public final class ClientMeters {

    /** Counted in a route, by this name. */
    static final String REQUESTS = "sidecar_client_requests_total";
    /** The same. */
    static final String TOKENS = "sidecar_model_tokens_total";
    static final String CLIENT = "client";

    private static final String WAIT = "sidecar_client_wait";
    /** Those outcomes that there are from the start, so that an alert on their increase works. */
    private static final List<String> FROM_THE_START = List.of("ok", "refused");

    private final MeterRegistry registry;
    private final Map<String, Timer> waits = new ConcurrentHashMap<>();

    public ClientMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** These are the clients from now on. */
    public void clients(Collection<String> names) {
        var known = Set.copyOf(names);
        waits.keySet().retainAll(known);
        for (var name : List.of(REQUESTS, TOKENS, WAIT)) {
            registry.find(name).meters().stream().map(meter -> meter.getId())
                    .filter(id -> !known.contains(Objects.requireNonNullElse(id.getTag(CLIENT), "")))
                    .forEach(registry::remove);
        }
        known.forEach(this::register);
    }

    private void register(String client) {
        for (var outcome : FROM_THE_START) {
            Counter.builder(REQUESTS).description("Requests of a client below /v1, when they are over")
                    .tags(CLIENT, client, "outcome", outcome).register(registry);
        }
        for (var direction : List.of("input", "output")) {
            Counter.builder(TOKENS).description("Tokens that responses to a client say they cost")
                    .tags(CLIENT, client, "direction", direction).register(registry);
        }
        waits.computeIfAbsent(client, name -> Timer.builder(WAIT).tag(CLIENT, name)
                .description("Time that a client's requests spent in the queue, once for each stay there")
                .register(registry));
    }

    /** A request has left the queue, with a slot or without. That of a client that is gone is not counted. */
    public void waited(String client, Duration wait) {
        var timer = waits.get(client);
        if (timer != null) {
            timer.record(wait);
        }
    }
}
