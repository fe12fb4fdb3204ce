package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sidecar.throttle.CappedModel;
import dev.sidecar.throttle.Priority;
import dev.sidecar.throttle.RetreatSnapshot;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.traffic.ModelTable.ModelStats;
import dev.sidecar.traffic.Traffic;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/** {@code GET /status}: the sidecar at this moment. Thread-safe. */
public final class Status implements Processor {

    private final Clock wallClock;
    private final Uptime uptime;
    private final Throttle<?> throttle;
    private final Traffic traffic;
    private final CircuitBreaker breaker;
    private final UpstreamProbe upstream;

    public Status(Clock wallClock, Uptime uptime, Throttle<?> throttle, Traffic traffic, CircuitBreaker breaker,
            UpstreamProbe upstream) {
        this.wallClock = wallClock;
        this.uptime = uptime;
        this.throttle = throttle;
        this.traffic = traffic;
        this.breaker = breaker;
        this.upstream = upstream;
    }

    @Override
    public void process(Exchange exchange) {
        JsonAnswer.set(exchange, 200, snapshot());
    }

    Snapshot snapshot() {
        var state = throttle.snapshot();
        var retreat = state.retreat();
        var counts = traffic.counts();
        var perPriority = new LinkedHashMap<String, Integer>();
        for (var priority : Priority.values()) {
            perPriority.put(priority.label(), state.waiting().getOrDefault(priority, 0));
        }
        return new Snapshot(BigDecimal.valueOf(wallClock.millis(), 3), uptime.seconds(),
                new TokenBucket(tenths(state.tokens()), state.capacity(), tenths(retreat.effectiveRpm())),
                new Queue(state.queueMax(), state.size(), perPriority, state.totalEnqueued(), state.totalDequeued(),
                        state.totalDropped()),
                Retreat.of(retreat),
                new Requests(counts.total(), counts.throttled(), counts.passthrough(), counts.rateLimited()),
                new Errors(state.refusedFull(), counts.upstreamErrors()),
                new Retries(counts.retries(), counts.upstream429s(), counts.sdkRetries()), circuit(),
                state.cappedModels(), new Upstream(upstream.lastKnown()),
                traffic.models().stats());
    }

    private Circuit circuit() {
        var metrics = breaker.getMetrics();
        return new Circuit(breaker.getState().name().toLowerCase(Locale.ROOT), known(metrics.getFailureRate()),
                known(metrics.getSlowCallRate()), metrics.getNumberOfBufferedCalls());
    }

    /** The breaker answers -1 as long as it has not seen enough to tell. */
    private static @Nullable Double known(float rate) {
        return rate < 0 ? null : Math.round(rate * 10) / 10.0;
    }

    record Snapshot(BigDecimal timestamp, double uptimeSeconds, TokenBucket tokenBucket, Queue queue, Retreat retreat,
            Requests requests, Errors errors, Retries retries, Circuit circuitBreaker, List<CappedModel> cappedModels,
            Upstream upstream,
            List<ModelStats> models) {
    }

    record TokenBucket(double tokens, int capacity, double rateRpm) {
    }

    record Queue(int maxSize, int currentSize, Map<String, Integer> perPriority, long totalEnqueued,
            long totalDequeued, long totalDropped) {
    }

    /**
     * Where the rate stands, and why; what there is nothing to say about is absent.
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Retreat(String state, double effectiveRpm, double baseRpm,
            @JsonProperty("upstream_429_rate") double upstream429Rate, String pacing,
            @Nullable Double learnedRpm, @Nullable Evidence evidence, @Nullable Double nextProbeSeconds,
            double pausedSeconds, @Nullable Integer statedRpm, @Nullable Integer othersRpm) {

        static Retreat of(RetreatSnapshot retreat) {
            return new Retreat(retreat.state().name(), tenths(retreat.effectiveRpm()), tenths(retreat.baseRpm()),
                    Math.round(retreat.refusedShare() * 1000) / 1000.0,
                    retreat.pacing().name().toLowerCase(Locale.ROOT),
                    retreat.learnedRpm().isPresent() ? tenths(retreat.learnedRpm().getAsDouble()) : null,
                    retreat.evidence().map(Evidence::of).orElse(null),
                    retreat.nextProbe().map(Status::seconds).orElse(null), seconds(retreat.paused()),
                    retreat.statedRpm().isPresent() ? retreat.statedRpm().getAsInt() : null,
                    retreat.othersRpm() > 0 ? retreat.othersRpm() : null);
        }
    }

    /** The latest refusal of the provider: what it said was exceeded, and what it had accepted in the minute before. */
    record Evidence(String kind, double acceptedInWindow, double ageSeconds) {

        static Evidence of(RetreatSnapshot.Evidence evidence) {
            return new Evidence(evidence.kind().name().toLowerCase(Locale.ROOT), evidence.accepted(),
                    seconds(evidence.age()));
        }
    }

    private static double seconds(Duration duration) {
        return tenths(duration.toMillis() / 1e3);
    }

    private static double tenths(double value) {
        return Math.round(value * 10) / 10.0;
    }

    record Requests(long total, long nvidia, long passthrough, long ratelimited) {
    }

    record Errors(long queueFullRejects, long upstreamErrors) {
    }

    /** Further tries by the sidecar, 429s of the provider's, and requests that clients said they were repeating. */
    record Retries(long total, @JsonProperty("upstream_429s") long upstream429s, long sdkRetries) {
    }

    /** Rates in percent of the calls in the window, null as long as there are too few of them. */
    record Circuit(String state, @Nullable Double failureRate, @Nullable Double slowCallRate, int calls) {
    }

    /** The result of the last readiness probe: {@code reachable}, {@code unreachable}, or {@code unknown}. */
    record Upstream(String state) {
    }
}
