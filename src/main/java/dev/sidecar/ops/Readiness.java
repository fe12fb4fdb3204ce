package dev.sidecar.ops;

import dev.sidecar.relay.JsonAnswer;
import dev.sidecar.throttle.Throttle;
import java.util.function.BooleanSupplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** {@code GET /health/ready}: whether traffic should come here. Thread-safe. */
public final class Readiness implements Processor {

    private final UpstreamProbe upstream;
    private final Throttle<?> throttle;
    private final BooleanSupplier stopping;

    /** @param stopping whether the sidecar has been told to stop; it is not ready then, and asks nobody any more */
    public Readiness(UpstreamProbe upstream, Throttle<?> throttle, BooleanSupplier stopping) {
        this.stopping = stopping;
        this.upstream = upstream;
        this.throttle = throttle;
    }

    @Override
    public void process(Exchange exchange) {
        var state = throttle.snapshot();
        var stops = stopping.getAsBoolean();
        var reachable = stops ? upstream.wasReachable() : upstream.isReachable();
        var queueHealthy = state.queueMax() == 0 || throttle.size() < 0.9 * state.queueMax();
        var answer = new Answer(!stops && reachable && queueHealthy && state.healthy(), reachable, queueHealthy,
                state.healthy());
        JsonAnswer.set(exchange, answer.ready ? 200 : 503, answer);
    }

    record Answer(boolean ready, boolean upstreamReachable, boolean queueHealthy, boolean tokenBucketHealthy) {
    }
}
