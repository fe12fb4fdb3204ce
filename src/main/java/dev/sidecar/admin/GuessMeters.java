package dev.sidecar.admin;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

/** The number of wrong credentials. Thread-safe. */
public final class GuessMeters implements MeterBinder {

    private final Guesses guesses;

    public GuessMeters(Guesses guesses) {
        this.guesses = guesses;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        FunctionCounter.builder("sidecar_guesses_total", guesses, Guesses::counted).tag("outcome", "refused")
                .description("Wrong tokens that were given").register(registry);
        FunctionCounter.builder("sidecar_guesses_total", guesses, Guesses::blocked).tag("outcome", "blocked")
                .description("Wrong tokens that were given").register(registry);
    }
}
