package dev.sidecar.route;

import dev.sidecar.call.Attempt;
import dev.sidecar.call.ClientCall;
import dev.sidecar.providers.ProvidersInForce;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * What the circuit breaker falls back to: notes why there is no response, for the step {@code readAnswer}, or refuses when
 * the breaker has not let the request through and nobody else may serve it. A request whose response a heartbeat has begun
 * cannot be refused any more: it waits. Thread-safe.
 */
public final class NoResponse implements Processor {

    private final OpenCircuit circuit;
    private final ProvidersInForce providers;

    public NoResponse(OpenCircuit circuit, ProvidersInForce providers) {
        this.circuit = circuit;
        this.providers = providers;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        // The breaker's own exception is not there: it never reached the exchange.
        switch (exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class)) {
            case null -> notPermitted(exchange);
            case IOException failure -> sent(exchange).failure(failure);
            case Exception fault -> throw fault;
            case Throwable fault -> throw new IllegalStateException(fault);
        }
    }

    private void notPermitted(Exchange exchange) {
        var call = ClientCall.of(exchange);
        var used = call.keyUsed();
        if (used == null) {
            throw new IllegalStateException(
                    "nothing was sent: put the step 'upstreamRequest' before the circuit breaker");
        }
        var refusal = RefusedRequests.byThrottle(circuit.notPermitted(used.provider()));
        if (providers.get().all().size() > 1) {
            circuit.leaveAlone(used.provider());
        } else if (!call.isBegun()) {
            throw refusal;
        }
        sent(exchange).failure(new NotPermittedException(refusal));
    }

    private static Attempt sent(Exchange exchange) {
        var attempt = ClientCall.of(exchange).latest();
        if (attempt == null) {
            throw new IllegalStateException(
                    "nothing was sent: put the step 'upstreamRequest' before the circuit breaker");
        }
        return attempt;
    }
}
