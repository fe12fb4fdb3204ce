package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.fleet.FleetStatus.Mode;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What Prometheus sees of a fleet. */
class FleetMetersTest {

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private double mode(String mode) {
        return registry.get("sidecar_fleet_mode").tag("mode", mode).gauge().value();
    }

    @Test
    void withoutAFleetThereIsOneSeries() {
        FleetMeters.single(registry);
        assertThat(mode("single")).isOne();
        assertThat(registry.getMeters()).extracting(each -> each.getId().getName())
                .containsExactly("sidecar_fleet_mode");
    }

    @Test
    void theModeInForceIsOne() {
        var status = new AtomicReference<>(status(Mode.SHARED, 3));
        new FleetMeters(registry).show(status::get);
        assertThat(List.of(mode("single"), mode("shared"), mode("alone"), mode("rejoining")))
                .containsExactly(0.0, 1.0, 0.0, 0.0);
        assertThat(registry.get("sidecar_fleet_replicas").gauge().value()).isEqualTo(3);
        status.set(status(Mode.ALONE, 1));
        assertThat(List.of(mode("single"), mode("shared"), mode("alone"), mode("rejoining")))
                .containsExactly(0.0, 0.0, 1.0, 0.0);
        assertThat(registry.get("sidecar_fleet_replicas").gauge().value()).isOne();
    }

    private static FleetStatus status(Mode mode, int replicas) {
        return new FleetStatus(mode, "a", "", java.util.Collections.nCopies(replicas, new ReplicaFigures("a", 0, 0, 1)),
                0, false, false);
    }

    @Test
    void eachChangeCountsByWhatCameAndIsThereBeforeTheFirst() {
        var meters = new FleetMeters(registry);
        meters.changed(Mode.ALONE);
        meters.changed(Mode.REJOINING);
        meters.changed(Mode.ALONE);
        assertThat(registry.get("sidecar_fleet_transitions").tag("to", "alone").counter().count()).isEqualTo(2);
        assertThat(registry.get("sidecar_fleet_transitions").tag("to", "rejoining").counter().count()).isOne();
        assertThat(registry.get("sidecar_fleet_transitions").tag("to", "shared").counter().count()).isZero();
    }

    @Test
    void grantsAreAHistogramWhoseHelpSaysWhatItLeavesOut() {
        var meters = new FleetMeters(registry);
        meters.granted(4_000_000);
        var timer = registry.get("sidecar_fleet_grant").timer();
        assertThat(timer.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(4);
        assertThat(timer.takeSnapshot().histogramCounts()).anySatisfy(bucket -> {
            assertThat(bucket.bucket(TimeUnit.MILLISECONDS)).isEqualTo(5);
            assertThat(bucket.count()).isOne();
        });
        assertThat(registry.get("sidecar_fleet_grant").meters()).extracting(Meter::getId)
                .allSatisfy(id -> assertThat(id.getDescription()).contains("without its wait in the leader's queue"));
    }
}
