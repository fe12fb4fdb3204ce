package dev.sidecar.traffic;

import dev.sidecar.throttle.order.Priority;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** How long requests wait in the queue, and how long the provider takes to begin its responses. Thread-safe. */
public final class Timings {

    private static final Duration[] WAITS = millis(5, 25, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000,
            45_000, 60_000);
    private static final Duration[] LATENCIES = millis(50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000,
            60_000, 120_000, 300_000);

    private final Map<Priority, Timer> waits = new EnumMap<>(Priority.class);
    private final Map<String, Timer> latencies = new ConcurrentHashMap<>();
    private final MeterRegistry registry;

    public Timings(MeterRegistry registry) {
        this.registry = registry;
        for (var priority : Priority.values()) {
            waits.put(priority, Timer.builder("sidecar_queue_wait").tag("priority", priority.label())
                    .description("Time spent in the queue, once for each stay there").serviceLevelObjectives(WAITS)
                    .register(registry));
        }
    }

    /** The meters of these providers are there from now on, also before their first response. */
    public void providers(Collection<String> names) {
        names.forEach(this::latency);
    }

    private Timer latency(String provider) {
        return latencies.computeIfAbsent(provider, name -> Timer.builder("sidecar_upstream_latency")
                .tag("provider", name)
                .description("Time from the writing of a request to the head of its response, once for each attempt")
                .serviceLevelObjectives(LATENCIES).register(registry));
    }

    /** A request has left the queue, with a slot or without. */
    public void waited(Priority priority, Duration wait) {
        var timer = waits.get(priority);
        if (timer != null) {
            timer.record(wait);
        }
    }

    /** The head of a response has come. */
    public void answered(String provider, Duration sinceWrite) {
        latency(provider).record(sinceWrite);
    }

    private static Duration[] millis(long... values) {
        return Arrays.stream(values).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }
}
