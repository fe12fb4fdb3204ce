package dev.sidecar.ops;

import dev.sidecar.traffic.UpstreamEvidence;
import dev.sidecar.traffic.UpstreamEvidence.Reached;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a provider at this moment.
 *
 * @param fallbackAfter how long a request waits for the providers before it; 0 if not at all
 * @param untilProbe how long its open circuit still lets nothing through
 * @param keys the evidence about each of its keys, at least one
 */
record ProviderState(String name, Duration fallbackAfter, CircuitBreaker breaker, Duration untilProbe,
        List<UpstreamEvidence> keys) {

    ProviderState {
        keys = List.copyOf(keys);
    }

    boolean isCircuitOpen() {
        var state = breaker.getState();
        return state == CircuitBreaker.State.OPEN || state == CircuitBreaker.State.FORCED_OPEN;
    }

    Reached reached() {
        return Reached.newest(keys.stream().map(UpstreamEvidence::reached).toList());
    }

    boolean acceptsAKey() {
        return keys.stream().anyMatch(key -> key.keyRefused().isEmpty());
    }

    /** How its latest attempt failed; empty if unknown. */
    Optional<String> latestFailure() {
        return keys.stream().flatMap(key -> key.latestFailure().stream()).findFirst();
    }

    /** Why no request can be served by it, the worst reason; empty if it can serve. */
    Optional<State> out() {
        if (isCircuitOpen()) {
            return Optional.of(State.CIRCUIT_OPEN);
        }
        if (!acceptsAKey()) {
            return Optional.of(State.KEY_REFUSED);
        }
        return reached().isUnreachable() ? Optional.of(State.UPSTREAM_UNREACHABLE) : Optional.empty();
    }
}
