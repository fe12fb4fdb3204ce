package dev.sidecar.route;

import dev.sidecar.providers.Circuits;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.Refusal;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the throttle when the circuit to a provider opens and closes, so that the requests in the queue go to the next
 * provider or are refused at once: the breaker itself would tell them only one by one, each with a slot. Knows how long each
 * circuit stays open. Thread-safe.
 */
public final class OpenCircuit {

    /** For a circuit that an operator holds open. */
    private static final Duration FOR_GOOD = Duration.ofDays(3650);
    /** When the breaker is busy with its probes. */
    static final Duration MOMENT = Duration.ofSeconds(1);

    private final Circuits circuits;
    private final Throttle<?> throttle;
    private final NanoClock clock;
    private final Duration openFor;
    private final Map<String, Long> openUntilNanos = new ConcurrentHashMap<>();

    /** Listens to the breakers from now on. */
    public OpenCircuit(Circuits circuits, Duration openFor, Throttle<?> throttle, NanoClock clock) {
        this.circuits = circuits;
        this.openFor = openFor;
        this.throttle = throttle;
        this.clock = clock;
        circuits.forEach((provider, breaker) -> breaker.getEventPublisher()
                .onStateTransition(event -> changed(provider, event.getStateTransition().getToState())));
    }

    private void changed(String provider, CircuitBreaker.State state) {
        switch (state) {
            case OPEN -> open(provider, openFor);
            case FORCED_OPEN -> open(provider, FOR_GOOD);
            case CLOSED, DISABLED, METRICS_ONLY -> throttle.circuitClosed(provider);
            case HALF_OPEN -> throttle.circuitOpened(provider, Duration.ZERO); // by a request, or an operator
        }
    }

    private void open(String provider, Duration duration) {
        openUntilNanos.put(provider, clock.nanoTime() + duration.toNanos());
        throttle.circuitOpened(provider, duration);
    }

    /** For a request that the breaker has not let through, be it open or busy with its probes. */
    Refusal notPermitted(String provider) {
        var rest = untilProbe(provider);
        return Refusal.circuitOpen(rest.isPositive() ? rest : MOMENT);
    }

    /** The breaker has not let a request through: for a moment at least, all go to other providers. */
    void leaveAlone(String provider) {
        var rest = untilProbe(provider);
        throttle.circuitOpened(provider, rest.isPositive() ? rest : MOMENT);
    }

    /** For how long nothing is sent to this provider, zero when a request may try. */
    public Duration untilProbe(String provider) {
        return switch (circuits.of(provider).getState()) {
            case OPEN, FORCED_OPEN -> {
                var rest = Duration.ofNanos(openUntilNanos.getOrDefault(provider, clock.nanoTime()) - clock.nanoTime());
                yield rest.isPositive() ? rest : Duration.ZERO;
            }
            case CLOSED, HALF_OPEN, DISABLED, METRICS_ONLY -> Duration.ZERO;
        };
    }
}
