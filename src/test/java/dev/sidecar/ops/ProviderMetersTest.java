package dev.sidecar.ops;

import static dev.sidecar.ops.TwoProviders.ELSEWHERE;
import static dev.sidecar.ops.TwoProviders.OURS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.call.Outcome;
import dev.sidecar.upstream.UpstreamErrors;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each provider has its counters from the start, and the state of its circuit. */
class ProviderMetersTest {

    private final TwoProviders two = TwoProviders.ofThree();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final ProviderMeters meters = new ProviderMeters(two.states, two.nanos::get, registry);

    @BeforeEach
    void providers() {
        meters.providers(two.inForce.get());
    }

    @Test
    void eachCounterOfEachProviderIsThereAtZero() {
        for (var provider : List.of(OURS, ELSEWHERE)) {
            assertThat(registry.get("sidecar_requests_total").tags("provider", provider).counters())
                    .hasSize(3 * Outcome.values().length).allMatch(counter -> counter.count() == 0);
            assertThat(registry.get("sidecar_upstream_errors_total").tags("provider", provider).counters())
                    .hasSize(UpstreamErrors.LABELS.size()).allMatch(counter -> counter.count() == 0);
        }
    }

    @Test
    void eachCircuitHasItsState() {
        two.open(ELSEWHERE);
        later();
        assertThat(value("sidecar_circuit_state", OURS, "state", "closed")).isOne();
        assertThat(value("sidecar_circuit_state", ELSEWHERE, "state", "closed")).isZero();
        assertThat(value("sidecar_circuit_state", ELSEWHERE, "state", "open")).isOne();
    }

    @Test
    void aProviderIsOutForOneReasonTheWorst() {
        assertThat(registry.get("sidecar_provider_out").gauges()).hasSize(6).allMatch(gauge -> gauge.value() == 0);
        two.refuse("team-a", "team-b", "team-c");
        later();
        assertThat(value("sidecar_provider_out", OURS, "reason", "key_refused")).isOne();
        two.open(OURS);
        later();
        assertThat(value("sidecar_provider_out", OURS, "reason", "key_refused")).isZero();
        assertThat(value("sidecar_provider_out", OURS, "reason", "circuit_open")).isOne();
        assertThat(value("sidecar_provider_out", ELSEWHERE, "reason", "circuit_open")).isZero();
    }

    @Test
    void theGaugesOfAProviderThatLeavesTheFileGoAndItsCountersStay() {
        registry.get("sidecar_requests_total").tags("provider", ELSEWHERE, "priority", "high", "outcome", "ok")
                .counter().increment();
        two.put(TwoProviders.provider(OURS, 0, TwoProviders.key("team-a", "team-a")),
                TwoProviders.provider("new", 0, TwoProviders.key("fresh", "fresh")));
        meters.providers(two.inForce.get());
        assertThat(providersOf(registry.find("sidecar_circuit_state").gauges())).containsOnly(OURS, "new");
        assertThat(providersOf(registry.find("sidecar_provider_out").gauges())).containsOnly(OURS, "new");
        assertThat(providersOf(registry.find("sidecar_requests_total").counters()))
                .containsOnly(OURS, ELSEWHERE, "new");
        assertThat(registry.get("sidecar_requests_total")
                .tags("provider", ELSEWHERE, "priority", "high", "outcome", "ok").counter().count()).isOne();
    }

    private static List<String> providersOf(Collection<? extends Meter> all) {
        return all.stream().map(meter -> String.valueOf(meter.getId().getTag("provider"))).toList();
    }

    /** A state is looked at at most once a second. */
    private void later() {
        two.nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    }

    private double value(String name, String provider, String tag, String value) {
        return registry.get(name).tags("provider", provider, tag, value).gauge().value();
    }
}
