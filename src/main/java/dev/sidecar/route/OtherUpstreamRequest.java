package dev.sidecar.route;

import dev.sidecar.call.Attempt;
import dev.sidecar.call.ClientCall;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.upstream.UpstreamRequest;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.hc.core5.http.ClassicHttpResponse;

/**
 * Last step before camel-http where a request goes to another upstream than the provider. The provider's key never
 * leaves with it, and its response says nothing about the provider: budget, circuit and the counts of attempts do not hear of it.
 *
 * <p>Reads the exchange properties {@value #NAME}, for the header {@code X-Sidecar-Provider} and the log, and
 * {@value #API_KEY}, without which no {@code Authorization} is sent; the latter is removed at once, so that nothing behind
 * this step can show it. Thread-safe.
 */
public final class OtherUpstreamRequest implements Processor {

    public static final String NAME = "SidecarUpstream";
    public static final String API_KEY = "SidecarApiKey";

    private final NanoClock clock;

    public OtherUpstreamRequest(NanoClock clock) {
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        var call = ClientCall.of(exchange);
        call.upstreamName(exchange.getProperty(NAME, "other", String.class));
        exchange.getMessage().setBody(OutgoingRequest.of(call, exchange.getMessage(),
                RouteApiKey.takeFrom(exchange), new Progress(call.sendElsewhere()), call.cancellation()));
    }

    private final class Progress implements UpstreamRequest.Listener {

        private final Attempt attempt;

        Progress(Attempt attempt) {
            this.attempt = attempt;
        }

        @Override
        public void beforeWrite() {
            attempt.started(clock.nanoTime());
        }

        @Override
        public void written() {
            // nobody waits for it
        }

        @Override
        public void answered(ClassicHttpResponse head) {
            attempt.response(head);
        }
    }
}
