package dev.sidecar.configfile;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** Metrics of the file in force, and of the changes to it. Thread-safe. */
public final class ConfigMeters implements MeterBinder {

    private final ConfigInForce inForce;
    private final ConfigReloader reloader;

    public ConfigMeters(ConfigInForce inForce, ConfigReloader reloader) {
        this.inForce = inForce;
        this.reloader = reloader;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("sidecar_config_current", inForce,
                config -> config.report().map(ConfigFileReport::isCurrent).orElse(true) ? 1 : 0).strongReference(true)
                .description("1 when the file SIDECAR_CONFIG is in force as it is, 0 when it was refused")
                .register(registry);
        counter("applied", ConfigReloader::applied, registry);
        counter("refused", ConfigReloader::refused, registry);
    }

    private void counter(String outcome, ToDoubleFunction<ConfigReloader> value, MeterRegistry registry) {
        FunctionCounter.builder("sidecar_config_reload_total", reloader, value)
                .description("Changes of the file SIDECAR_CONFIG, by what became of them").tag("outcome", outcome)
                .register(registry);
    }
}
