package dev.sidecar.route;

import dev.sidecar.call.Attempt;
import dev.sidecar.call.ClientCall;
import java.io.IOException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * What the circuit breaker falls back to: notes why there is no response, for the step {@code readAnswer}, or refuses when
 * the breaker has not let the request through. Thread-safe.
 */
public final class NoResponse implements Processor {

    private final OpenCircuit circuit;

    public NoResponse(OpenCircuit circuit) {
        this.circuit = circuit;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        // The breaker's own exception is not there: it never reached the exchange.
        switch (exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class)) {
            case null -> throw RefusedRequests.byThrottle(circuit.notPermitted());
            case IOException failure -> sent(exchange).failure(failure);
            case Exception fault -> throw fault;
            case Throwable fault -> throw new IllegalStateException(fault);
        }
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
