package dev.sidecar.ops;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.RetreatState;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The queue and the budget as gauges; in a fleet those of this replica, so that sums over replicas are right. All gauges of one scrape read the same snapshot, which takes the throttle's lock
 * once. Thread-safe.
 */
public final class ThrottleGauges implements MeterBinder {

    private static final String RATE_HELP = "Requests a minute: the operator's limit, and the rate in force; in a fleet this replica's part";

    private final Recent<ThrottleSnapshot> recent;

    public ThrottleGauges(Throttle<?> throttle, NanoClock clock) {
        this.recent = new Recent<>(throttle::snapshot, clock);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (var priority : Priority.values()) {
            gauge("sidecar_queue_depth", "Requests that wait in the queue of this replica",
                    s -> s.waiting().getOrDefault(priority, 0))
                    .tag("priority", priority.label()).register(registry);
        }
        gauge("sidecar_queue_max", "Requests that may wait in the queue", ThrottleSnapshot::queueMax)
                .register(registry);
        gauge("sidecar_tokens_available", "Requests that could be sent at once now, in a fleet of this replica's part",
                ThrottleSnapshot::tokens)
                .register(registry);
        gauge("sidecar_rate_rpm", RATE_HELP,
                s -> s.retreat().baseRpm()).tag("kind", "base").register(registry);
        gauge("sidecar_rate_rpm", RATE_HELP,
                s -> s.retreat().effectiveRpm()).tag("kind", "effective").register(registry);
        for (var state : RetreatState.values()) {
            gauge("sidecar_retreat_state", "1 for the state that the retreat is in, 0 for the others",
                    s -> s.retreat().state() == state ? 1 : 0).tag("state", state.name().toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        gauge("sidecar_pause_seconds", "For how long nothing will be sent because the provider has refused",
                s -> s.retreat().paused().toNanos() / 1e9).register(registry);
        FunctionCounter.builder("sidecar_queue_bypassed_total", this, gauges -> gauges.recent.get().bypassed())
                .description("Requests sent beside a full queue").register(registry);
    }

    private Gauge.Builder<?> gauge(String name, String description, ToDoubleFunction<ThrottleSnapshot> value) {
        return Gauge.builder(name, this, gauges -> value.applyAsDouble(gauges.recent.get())).description(description)
                .strongReference(true);
    }
}
