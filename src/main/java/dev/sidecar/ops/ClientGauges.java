package dev.sidecar.ops;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.ClientFigures;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How many requests of each client wait, as gauges. The clients are those of the file, which bounds them. All gauges of
 * one scrape read the same snapshot. Thread-safe.
 */
public final class ClientGauges {

    private final Recent<Map<String, Integer>> waiting;
    private final MultiGauge depth;

    public ClientGauges(Throttle<?> throttle, NanoClock clock, MeterRegistry registry) {
        this.waiting = new Recent<>(() -> throttle.snapshot().clients().stream()
                .collect(Collectors.toMap(ClientFigures::name, ClientFigures::waiting)), clock);
        this.depth = MultiGauge.builder("sidecar_client_queue_depth").description("Requests of a client that wait")
                .register(registry);
    }

    /** The names of all clients from now on; the gauges of others disappear. */
    public void clients(Collection<String> names) {
        depth.register(names.stream()
                .map(name -> Row.of(Tags.of("client", name), () -> waiting.get().getOrDefault(name, 0))).toList(),
                true);
    }
}
