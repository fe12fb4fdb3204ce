package dev.sidecar.ops;

import dev.sidecar.call.Outcome;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.traffic.Traffic;
import dev.sidecar.traffic.UpstreamEvidence;
import dev.sidecar.upstream.UpstreamErrors;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * The meters of the traffic. The counters that the routes increment are registered here too, one for every value of
 * their tags. So each counter exists with 0 before its first event, and an alert on its increase works. Thread-safe.
 */
public final class TrafficMeters implements MeterBinder {

    private final Traffic traffic;
    private final CircuitBreaker breaker;
    private final UpstreamEvidence evidence;
    private final String provider;
    private final String version;

    /**
     * @param provider value of the {@code provider} tag
     * @param version version of this program
     */
    public TrafficMeters(Traffic traffic, CircuitBreaker breaker, UpstreamEvidence evidence, String provider,
            String version) {
        this.evidence = evidence;
        this.traffic = traffic;
        this.breaker = breaker;
        this.provider = provider;
        this.version = version;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        routeCounters(registry);
        counter("sidecar_upstream_cancelled_total", "Calls to the provider aborted because the client had gone",
                Traffic.Counts::upstreamCancelled, registry);
        counter("sidecar_retries_total", "Further attempts of requests, behind their clients' backs",
                Traffic.Counts::retries, registry);
        counter("sidecar_client_retries_total", "Requests that an OpenAI SDK says it is repeating",
                Traffic.Counts::sdkRetries, registry);
        Gauge.builder("sidecar_streams_active", traffic, t -> t.counts().activeStreams()).strongReference(true)
                .description("Streamed responses that are being relayed").register(registry);
        for (var state : CircuitBreaker.State.values()) {
            Gauge.builder("sidecar_circuit_state", breaker, b -> b.getState() == state ? 1 : 0).strongReference(true)
                    .description("1 for the state that the circuit to the provider is in, 0 for the others")
                    .tag("state", state.name().toLowerCase(Locale.ROOT)).register(registry);
        }
        keyState("ok", evidence -> evidence.keyRefused().isEmpty(), registry);
        keyState("refused", evidence -> evidence.keyRefused().isPresent(), registry);
        Gauge.builder("sidecar.build.info", () -> 1).description("Always 1; the version is in the label")
                .tag("version", version).register(registry);
    }

    private void keyState(String state, Predicate<UpstreamEvidence> is, MeterRegistry registry) {
        Gauge.builder("sidecar_key_state", evidence, e -> is.test(e) ? 1 : 0).strongReference(true)
                .description("1 for the state that the provider's responses show the key to be in, 0 for the others")
                .tags("key", evidence.keyName(), "state", state).register(registry);
    }

    private void routeCounters(MeterRegistry registry) {
        for (var priority : Priority.values()) {
            for (var outcome : Outcome.values()) {
                Counter.builder("sidecar_requests_total").description("Requests below /v1, when they are over")
                        .tags("provider", provider, "priority", priority.label(), "outcome", outcome.label())
                        .register(registry);
            }
        }
        for (var status : UpstreamErrors.LABELS) {
            Counter.builder("sidecar_upstream_errors_total")
                    .description("Attempts that ended in an error of the provider, or without a response")
                    .tags("provider", provider, "status_code", status).register(registry);
        }
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
