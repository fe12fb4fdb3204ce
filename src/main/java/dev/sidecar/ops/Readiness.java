package dev.sidecar.ops;

import dev.sidecar.http.JsonResponse;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * {@code GET /health/ready}: whether traffic should come here. It also tells whether the provider accepts the key.
 * Thread-safe.
 */
public final class Readiness implements Processor {

    private final Probes upstream;
    private final WholeQueue queue;
    private final Conditions conditions;

    public Readiness(Probes upstream, WholeQueue queue, Conditions conditions) {
        this.upstream = upstream;
        this.queue = queue;
        this.conditions = conditions;
    }

    @Override
    public void process(Exchange exchange) {
        if (!conditions.isStopping()) { // a stopping sidecar asks no longer
            upstream.ask();
        }
        var answer = Answer.of(conditions.of(queue.now()));
        JsonResponse.set(exchange, answer.ready ? 200 : 503, answer);
    }

    /** The checks, and the state in the words of {@code /status}. */
    record Answer(boolean ready, boolean upstreamReachable, boolean queueHealthy, boolean tokenBucketHealthy,
            boolean keyAccepted, State state, String headline, String detail) {

        static Answer of(Condition condition) {
            var checks = condition.checks();
            return new Answer(checks.ready(), checks.upstreamReachable(), checks.queueHealthy(),
                    checks.tokenBucketHealthy(), checks.keyAccepted(), condition.state(), condition.headline(),
                    condition.detail());
        }
    }
}
