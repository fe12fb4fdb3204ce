package dev.sidecar.route;

import dev.sidecar.relay.ProxyCall;
import dev.sidecar.relay.UpstreamErrors;
import dev.sidecar.traffic.Timings;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step behind the wire, whatever came of the try: notes how long the head of the answer took, and in the exchange property
 * {@value #ERROR_PROPERTY} what kind of error it is, from the closed set of {@link UpstreamErrors}; without one the property
 * is absent. Thread-safe.
 */
public final class UpstreamOutcome implements Processor {

    public static final String ERROR_PROPERTY = "SidecarUpstreamError";

    private final Timings timings;

    public UpstreamOutcome(Timings timings) {
        this.timings = timings;
    }

    @Override
    public void process(Exchange exchange) {
        var call = ProxyCall.of(exchange);
        var answer = call.upstreamResponse();
        if (answer != null) {
            timings.answered(Duration.ofNanos(call.upstreamHeadNanos() - call.upstreamStartNanos()));
        }
        var failure = answer == null ? exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class) : null;
        var label = UpstreamErrors.label(answer == null ? 0 : answer.getCode(), failure);
        if (label == null) {
            exchange.removeProperty(ERROR_PROPERTY);
        } else {
            exchange.setProperty(ERROR_PROPERTY, label);
        }
    }
}
