package dev.sidecar.ops;

import dev.sidecar.throttle.NanoClock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.Predicate;

/** The state of the sidecar as gauges, so that alerts go by what page, text and readiness say. Thread-safe. */
public final class ConditionGauges implements MeterBinder {

    private final Recent<Condition> condition;

    public ConditionGauges(Conditions conditions, WholeQueue queue, NanoClock clock) {
        this.condition = new Recent<>(() -> conditions.of(queue.now()), clock);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (var state : State.values()) {
            gauge("sidecar_condition", "1 for the state that the sidecar is in, 0 for the others",
                    now -> now.state() == state, registry, "state", state);
            if (state != State.SERVING) {
                gauge("sidecar_condition_cause", "1 for each cause that is there, also beside a worse one",
                        now -> now.causes().stream().anyMatch(cause -> cause.state() == state), registry, "cause",
                        state);
            }
        }
    }

    private void gauge(String name, String description, Predicate<Condition> is, MeterRegistry registry, String tag,
            State state) {
        Gauge.builder(name, condition, recent -> is.test(recent.get()) ? 1 : 0).strongReference(true)
                .description(description).tag(tag, state.label()).register(registry);
    }
}
