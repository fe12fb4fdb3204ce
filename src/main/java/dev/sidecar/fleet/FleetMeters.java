package dev.sidecar.fleet;

import dev.sidecar.fleet.FleetStatus.Mode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The metrics of a fleet, as one replica has them. Thread-safe. */
public final class FleetMeters implements FleetListener {

    private static final String MODE = "sidecar_fleet_mode";
    private static final String MODE_HELP = "1 for the way in which the sidecar stands to its fleet, 0 for the others";
    /** The ways to stand to a fleet that one has. */
    private static final List<Mode> MODES = List.of(Mode.SHARED, Mode.ALONE, Mode.REJOINING);
    private static final Duration[] GRANTS = Arrays.stream(new long[]{1, 2, 3, 5, 10, 15, 25, 50, 100, 250, 1_000})
            .mapToObj(Duration::ofMillis).toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final Timer grants;
    private final Map<Mode, Counter> transitions = new EnumMap<>(Mode.class);

    public FleetMeters(MeterRegistry registry) {
        this.registry = registry;
        this.grants = Timer.builder("sidecar_fleet_grant")
                .description(
                        "Time from the moment a request waits here to its grant by a leader elsewhere, without its wait"
                                + " in the leader's queue")
                .serviceLevelObjectives(GRANTS).register(registry);
        MODES.forEach(each -> transitions.put(each, Counter.builder("sidecar_fleet_transitions")
                .description("Changes of the way in which the sidecar stands to its fleet").tag("to", each.code())
                .register(registry)));
    }

    /** Of a sidecar without a fleet. */
    public static void single(MeterRegistry registry) {
        Gauge.builder(MODE, () -> 1).description(MODE_HELP).tag("mode", Mode.SINGLE.code()).register(registry);
    }

    /** Shows this from now on. */
    public void show(Supplier<FleetStatus> status) {
        for (Mode mode : Mode.values()) {
            Gauge.builder(MODE, () -> status.get().mode() == mode ? 1 : 0).description(MODE_HELP)
                    .tag("mode", mode.code()).register(registry);
        }
        Gauge.builder("sidecar_fleet_replicas", () -> status.get().replicas().size())
                .description("Replicas that are led together, this one included; 1 while it is alone")
                .register(registry);
    }

    @Override
    public void changed(Mode to) {
        Counter counter = transitions.get(to);
        if (counter != null) {
            counter.increment();
        }
    }

    @Override
    public void granted(long nanos) {
        grants.record(nanos, TimeUnit.NANOSECONDS);
    }
}
