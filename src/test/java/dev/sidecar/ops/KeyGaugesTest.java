package dev.sidecar.ops;

import static dev.sidecar.ops.TwoProviders.ELSEWHERE;
import static dev.sidecar.ops.TwoProviders.OURS;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each key has its gauges, for as long as it is in the file. */
class KeyGaugesTest {

    private final TwoProviders two = TwoProviders.ofThree();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final KeyGauges gauges = new KeyGauges(two.states, two.throttle, two.nanos::get, registry);

    @BeforeEach
    void keys() {
        gauges.providers(two.inForce.get());
    }

    @Test
    void eachKeyHasWhatItsAccountHasLeftAndMaySend() {
        two.pause(30);
        later();
        var paused = states("paused").keySet().iterator().next();
        assertThat(value("sidecar_key_tokens_available", "key", paused)).isZero();
        assertThat(value("sidecar_key_tokens_available", "key", "spare")).isEqualTo(40);
        assertThat(value("sidecar_key_rate_rpm", "key", "spare", "kind", "base")).isEqualTo(40);
        assertThat(value("sidecar_key_rate_rpm", "key", "spare", "kind", "effective")).isEqualTo(40);
    }

    @Test
    void eachKeyIsInOneState() {
        assertThat(states("ok").keySet()).containsExactlyInAnyOrder("team-a", "team-b", "team-c", "spare");
        two.refuse("team-a");
        two.open(ELSEWHERE);
        later();
        assertThat(states("refused").keySet()).containsExactly("team-a");
        assertThat(states("circuit_open").keySet()).containsExactly("spare");
        assertThat(states("ok").keySet()).containsExactlyInAnyOrder("team-b", "team-c");
        assertThat(registry.find("sidecar_key_state").gauges()).hasSize(16);
    }

    @Test
    void aRefusedKeyIsRefusedAlsoWhileItsCircuitIsOpen() {
        two.refuse("team-a");
        two.open(OURS);
        later();
        assertThat(states("refused").keySet()).containsExactly("team-a");
    }

    @Test
    void theGaugesOfAKeyThatLeavesTheFileGo() {
        two.put(TwoProviders.provider(OURS, 0, TwoProviders.key("team-a", "team-a"), TwoProviders.key("new", "new")));
        gauges.providers(two.inForce.get());
        later();
        for (var name : List.of("sidecar_key_state", "sidecar_key_rate_rpm", "sidecar_key_tokens_available")) {
            assertThat(registry.find(name).gauges()).as(name).extracting(gauge -> gauge.getId().getTag("key"))
                    .containsOnly("team-a", "new");
        }
        assertThat(states("ok").keySet()).containsExactlyInAnyOrder("team-a", "new");
        assertThat(value("sidecar_key_tokens_available", "key", "new")).isEqualTo(40);
    }

    /** A snapshot is taken at most once a second. */
    private void later() {
        two.nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    }

    private double value(String name, String... tags) {
        return registry.get(name).tags(tags).gauge().value();
    }

    /** The keys that are in this state. */
    private Map<String, Double> states(String state) {
        return registry.get("sidecar_key_state").tags("state", state).gauges().stream()
                .filter(gauge -> gauge.value() == 1).collect(Collectors.toMap(
                        gauge -> String.valueOf(gauge.getId().getTag("key")), gauge -> gauge.value()));
    }
}
