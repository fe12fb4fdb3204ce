package dev.sidecar.reload;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** Metrics of the routes in force, and of the changes to them. Thread-safe. */
public final class ReloadMeters implements MeterBinder {

    private final RoutesInForce inForce;
    private final RouteReloader reloader;

    public ReloadMeters(RoutesInForce inForce, RouteReloader reloader) {
        this.inForce = inForce;
        this.reloader = reloader;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauge("sidecar_routes_generation", "Number of the generation of routes that serves new requests, from 1",
                routes -> routes.current().number(), registry);
        gauge("sidecar_routes_draining", "Earlier generations of routes that still have requests",
                RoutesInForce::draining, registry);
        gauge("sidecar_routes_current", "1 when the folder of routes is in force as it is, 0 when it was refused",
                routes -> routes.report().isCurrent() ? 1 : 0, registry);
        counter("applied", RouteReloader::applied, registry);
        counter("refused", RouteReloader::refused, registry);
    }

    private void gauge(String name, String description, ToDoubleFunction<RoutesInForce> value,
            MeterRegistry registry) {
        Gauge.builder(name, inForce, value).strongReference(true).description(description).register(registry);
    }

    private void counter(String outcome, ToDoubleFunction<RouteReloader> value, MeterRegistry registry) {
        FunctionCounter.builder("sidecar_routes_reload_total", reloader, value)
                .description("Changes of the folder of routes, by what became of them").tag("outcome", outcome)
                .register(registry);
    }
}
