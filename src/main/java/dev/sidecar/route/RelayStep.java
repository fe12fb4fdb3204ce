package dev.sidecar.route;

import dev.sidecar.relay.ProxyCall;
import dev.sidecar.relay.ResponseRelay;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.traffic.Traffic;
import java.io.IOException;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.hc.core5.http.ClassicHttpResponse;

/** Last step of a request: the client gets the provider's answer. Thread-safe. */
public final class RelayStep implements Processor {

    private static final int TOO_MANY_REQUESTS = 429;

    private final ResponseRelay relay;
    private final Traffic traffic;
    private final NanoClock clock;

    public RelayStep(ResponseRelay relay, Traffic traffic, NanoClock clock) {
        this.relay = relay;
        this.traffic = traffic;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) throws IOException {
        var call = ProxyCall.of(exchange);
        var answer = call.upstreamResponse();
        if (answer == null) {
            throw new IllegalStateException("no answer to relay: put this step behind the upstream endpoint");
        }
        relay(call, answer);
        if (answer.getCode() == TOO_MANY_REQUESTS) {
            traffic.rateLimited();
        }
        if (call.isThrottled()) {
            traffic.classes().answered(call.priority());
            traffic.models().answered(call.model(), answer.getCode(),
                    Duration.ofNanos(clock.nanoTime() - call.upstreamStartNanos()));
        }
        exchange.getMessage().setBody(null);
    }

    private void relay(ProxyCall call, ClassicHttpResponse answer) throws IOException {
        if (!ResponseRelay.isStreamed(call, answer)) {
            relay.relay(call, answer);
            return;
        }
        traffic.streamBegun();
        try {
            relay.relay(call, answer);
        } finally {
            traffic.streamEnded();
        }
    }
}
