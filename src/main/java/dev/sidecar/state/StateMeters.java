package dev.sidecar.state;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Optional;
import java.util.function.Supplier;

/** The metric of the folder. Thread-safe. */
public final class StateMeters implements MeterBinder {

    private final Supplier<Optional<StateReport>> report;

    /** @param report nothing where there is no folder */
    public StateMeters(Supplier<Optional<StateReport>> report) {
        this.report = report;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("sidecar_state_writable", report,
                state -> state.get().map(StateReport::isWritten).orElse(true) ? 1 : 0).strongReference(true)
                .description("1 when what outlives a restart is written to SIDECAR_STATE_DIR, 0 when it cannot be")
                .register(registry);
    }
}
