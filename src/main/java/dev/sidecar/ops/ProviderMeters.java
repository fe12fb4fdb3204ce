package dev.sidecar.ops;

import dev.sidecar.call.Outcome;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.Providers;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.upstream.UpstreamErrors;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The meters of each provider. The counters that the routes increment are registered here too, one for every value of their
 * tags, so that each exists with 0 before its first event. The gauges of a provider that is gone go; its counters stay, since
 * what they have counted stays true. Thread-safe.
 */
public final class ProviderMeters {

    private static final String PROVIDER = "provider";

    private final MeterRegistry registry;
    private final Recent<List<ProviderState>> recent;
    private final MultiGauge circuit;
    private final MultiGauge out;

    /** Has no meters before it is told of the {@linkplain #providers providers}. */
    public ProviderMeters(ProviderStates states, NanoClock clock, MeterRegistry registry) {
        this.registry = registry;
        this.recent = new Recent<>(states::now, clock);
        this.circuit = MultiGauge.builder("sidecar_circuit_state")
                .description("1 for the state that the circuit to a provider is in, 0 for the others")
                .register(registry);
        this.out = MultiGauge.builder("sidecar_provider_out")
                .description("1 for the reason why a provider serves nobody, 0 for the others").register(registry);
    }

    /** These are in force from now on. */
    public void providers(Providers providers) {
        var names = providers.all().stream().map(Provider::name).toList();
        names.forEach(this::counters);
        circuit.register(names.stream().flatMap(this::circuit).toList(), true);
        out.register(names.stream().flatMap(this::out).toList(), true);
    }

    private Stream<Row<?>> circuit(String provider) {
        return Stream.of(CircuitBreaker.State.values()).map(state -> row(provider, "state",
                state.name().toLowerCase(Locale.ROOT), each -> each.breaker().getState() == state));
    }

    private Stream<Row<?>> out(String provider) {
        return Stream.of(State.CIRCUIT_OPEN, State.KEY_REFUSED, State.UPSTREAM_UNREACHABLE).map(reason -> row(provider,
                "reason", reason.label(), each -> each.out().filter(reason::equals).isPresent()));
    }

    private Row<?> row(String provider, String tag, String value, Predicate<ProviderState> is) {
        return Row.of(Tags.of(PROVIDER, provider, tag, value), () -> recent.get().stream()
                .anyMatch(each -> each.name().equals(provider) && is.test(each)) ? 1 : 0);
    }

    private void counters(String provider) {
        for (var priority : Priority.values()) {
            for (var outcome : Outcome.values()) {
                Counter.builder("sidecar_requests_total").description("Requests below /v1, when they are over")
                        .tags(PROVIDER, provider, "priority", priority.label(), "outcome", outcome.label())
                        .register(registry);
            }
        }
        for (var status : UpstreamErrors.LABELS) {
            Counter.builder("sidecar_upstream_errors_total")
                    .description("Attempts that ended in an error of the provider, or without a response")
                    .tags(PROVIDER, provider, "status_code", status).register(registry);
        }
    }
}
