package dev.sidecar.ops;

import dev.sidecar.throttle.Priority;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.traffic.ModelTable.ModelStats;
import dev.sidecar.traffic.Traffic;
import java.math.BigDecimal;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** {@code GET /status}: the sidecar at this moment. Thread-safe. */
public final class Status implements Processor {

    private final Clock wallClock;
    private final Uptime uptime;
    private final Throttle<?> throttle;
    private final Traffic traffic;
    private final UpstreamProbe upstream;

    public Status(Clock wallClock, Uptime uptime, Throttle<?> throttle, Traffic traffic, UpstreamProbe upstream) {
        this.wallClock = wallClock;
        this.uptime = uptime;
        this.throttle = throttle;
        this.traffic = traffic;
        this.upstream = upstream;
    }

    @Override
    public void process(Exchange exchange) {
        JsonAnswer.set(exchange, 200, snapshot());
    }

    Snapshot snapshot() {
        var state = throttle.snapshot();
        var counts = traffic.counts();
        var perPriority = new LinkedHashMap<String, Integer>();
        for (var priority : Priority.values()) {
            perPriority.put(priority.label(), state.waiting().getOrDefault(priority, 0));
        }
        return new Snapshot(BigDecimal.valueOf(wallClock.millis(), 3), uptime.seconds(),
                new TokenBucket(Math.round(state.tokens() * 10) / 10.0, state.capacity(), state.rateRpm()),
                new Queue(state.queueMax(), state.size(), perPriority, state.totalEnqueued(), state.totalDequeued(),
                        state.totalDropped()),
                new Retreat("NORMAL", state.rateRpm(), state.rateRpm(), 0.0),
                new Requests(counts.total(), counts.throttled(), counts.passthrough(), counts.rateLimited()),
                new Errors(state.refusedFull(), counts.upstreamErrors()), new Upstream(upstream.lastKnown()),
                traffic.models().stats());
    }

    record Snapshot(BigDecimal timestamp, double uptimeSeconds, TokenBucket tokenBucket, Queue queue, Retreat retreat,
            Requests requests, Errors errors, Upstream upstream, List<ModelStats> models) {
    }

    record TokenBucket(double tokens, int capacity, double rateRpm) {
    }

    record Queue(int maxSize, int currentSize, Map<String, Integer> perPriority, long totalEnqueued,
            long totalDequeued, long totalDropped) {
    }

    /** Retreat comes with a later version; until then the effective rate is the base rate. */
    record Retreat(String state, double effectiveRpm, double baseRpm,
            @com.fasterxml.jackson.annotation.JsonProperty("upstream_429_rate") double upstream429Rate) {
    }

    record Requests(long total, long nvidia, long passthrough, long ratelimited) {
    }

    record Errors(long queueFullRejects, long upstreamErrors) {
    }

    /** The result of the last readiness probe: {@code reachable}, {@code unreachable}, or {@code unknown}. */
    record Upstream(String state) {
    }
}
