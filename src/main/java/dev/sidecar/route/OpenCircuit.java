package dev.sidecar.route;

import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.Refusal;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import java.time.Duration;
import java.util.Optional;

/**
 * Knows how long the circuit to the provider stays open, and refuses all requests in the queue the moment it opens: what the
 * breaker itself would tell them only one by one, each with a slot. Thread-safe.
 */
public final class OpenCircuit {

    private final CircuitBreaker breaker;
    private final NanoClock clock;
    private final Duration openFor;
    private volatile long openUntilNanos;

    /** Listens to the breaker from now on. */
    public OpenCircuit(CircuitBreaker breaker, Duration openFor, Throttle<?> throttle, NanoClock clock) {
        this.breaker = breaker;
        this.openFor = openFor;
        this.clock = clock;
        breaker.getEventPublisher().onStateTransition(event -> {
            var state = event.getStateTransition().getToState();
            if (state == State.OPEN || state == State.FORCED_OPEN) {
                openUntilNanos = clock.nanoTime() + openFor.toNanos();
                throttle.refuseWaiting(Refusal.circuitOpen(openFor));
            }
        });
    }

    /** Why nothing can be sent now, or empty when a request may try: since the circuit is closed, or as a probe. */
    public Optional<Refusal> refusal() {
        return switch (breaker.getState()) {
            case OPEN -> Optional.of(rest()).filter(Duration::isPositive).map(Refusal::circuitOpen);
            case FORCED_OPEN -> Optional.of(Refusal.circuitOpen(openFor));
            case CLOSED, HALF_OPEN, DISABLED, METRICS_ONLY -> Optional.empty();
        };
    }

    /** For one that the breaker has not let through, be it open or busy with its probes. */
    public Refusal notPermitted() {
        return refusal().orElseGet(() -> Refusal.circuitOpen(Duration.ofSeconds(1)));
    }

    /** For how long nothing is sent, zero when a request may try. */
    public Duration untilProbe() {
        return refusal().map(Refusal::retryAfter).orElse(Duration.ZERO);
    }

    private Duration rest() {
        return Duration.ofNanos(openUntilNanos - clock.nanoTime());
    }
}
