package dev.sidecar.ops;

import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.traffic.Traffic;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/**
 * The meters of the traffic. The counter of refusals, which a route increments, is registered here too, one for every value
 * of its tag. So each exists with 0 before its first event, and an alert on its increase works. Thread-safe.
 */
public final class TrafficMeters implements MeterBinder {

    private final Traffic traffic;
    private final String version;

    /** @param version version of this program */
    public TrafficMeters(Traffic traffic, String version) {
        this.traffic = traffic;
        this.version = version;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        refusals(registry);
        counter("sidecar_upstream_cancelled_total", "Calls to the provider aborted because the client had gone",
                Traffic.Counts::upstreamCancelled, registry);
        counter("sidecar_retries_total", "Further attempts of requests, behind their clients' backs",
                Traffic.Counts::retries, registry);
        counter("sidecar_client_retries_total", "Requests that an OpenAI SDK says it is repeating",
                Traffic.Counts::sdkRetries, registry);
        counter("sidecar_heartbeat_requests_total", "Streamed requests whose response began while they waited",
                Traffic.Counts::heartbeats, registry);
        Gauge.builder("sidecar_heartbeat_requests_active", traffic, t -> t.counts().activeHeartbeats())
                .strongReference(true).description("Those that wait now, and get signs of life").register(registry);
        Gauge.builder("sidecar_streams_active", traffic, t -> t.counts().activeStreams()).strongReference(true)
                .description("Streamed responses that are being relayed").register(registry);
        Gauge.builder("sidecar.build.info", () -> 1).description("Always 1; the version is in the label")
                .tag("version", version).register(registry);
    }

    private static void refusals(MeterRegistry registry) {
        for (var reason : Refusal.Reason.values()) {
            Counter.builder("sidecar_queue_rejections_total")
                    .description("Requests that the sidecar refused to queue, or to let wait longer")
                    .tag("reason", reason.code()).register(registry);
        }
    }

    private void counter(String name, String description, ToDoubleFunction<Traffic.Counts> value,
            MeterRegistry registry) {
        FunctionCounter.builder(name, traffic, t -> value.applyAsDouble(t.counts())).description(description)
                .register(registry);
    }
}
