package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sidecar.configfile.ConfigFileReport;
import dev.sidecar.fleet.FleetStatus;
import dev.sidecar.http.JsonResponse;
import dev.sidecar.http.UnixTime;
import dev.sidecar.reload.RoutesReport;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.throttle.budget.RetreatSnapshot;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.throttle.order.WaitingRequest;
import dev.sidecar.throttle.pool.CappedModel;
import dev.sidecar.traffic.Classes.Interval;
import dev.sidecar.traffic.ModelTable.ModelStats;
import dev.sidecar.traffic.Traffic;
import dev.sidecar.traffic.UpstreamEvidence.Reached;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/** {@code GET /status}: the sidecar at this moment, as JSON, or as text if the client prefers text. Thread-safe. */
public final class Status implements Processor {

    private static final int MOST_WAITING = 50;

    private final Clock wallClock;
    private final Uptime uptime;
    private final WholeQueue queue;
    private final Traffic traffic;
    private final ProviderStates providers;
    private final Conditions conditions;
    private final History history;
    private final Supplier<RoutesReport> routes;
    private final Supplier<Optional<ConfigFileReport>> configFile;
    private final Supplier<Optional<FleetStatus>> fleet;
    private final Supplier<History.Deadlines> deadlines;
    private final Duration heartbeat;
    private final Predicate<Exchange> mayNameClients;
    private final IntSupplier metricsPort;
    private final String version;

    /**
     * @param fleet nothing for a sidecar without a fleet
     * @param deadlines the longest waits that the settings allow now
     * @param heartbeat how long a streamed request waits until its client is told so; 0 for never
     * @param mayNameClients whether the sender of a request may see who the clients are
     * @param metricsPort the port of the management server
     * @param version version of the program, with the commit
     */
    public Status(Clock wallClock, Uptime uptime, WholeQueue queue, Traffic traffic,
            ProviderStates providers, Conditions conditions, History history, Supplier<RoutesReport> routes,
            Supplier<Optional<ConfigFileReport>> configFile, Supplier<Optional<FleetStatus>> fleet,
            Supplier<History.Deadlines> deadlines, Duration heartbeat, Predicate<Exchange> mayNameClients,
            IntSupplier metricsPort,
            String version) {
        this.wallClock = wallClock;
        this.uptime = uptime;
        this.queue = queue;
        this.traffic = traffic;
        this.providers = providers;
        this.conditions = conditions;
        this.history = history;
        this.routes = routes;
        this.configFile = configFile;
        this.fleet = fleet;
        this.deadlines = deadlines;
        this.heartbeat = heartbeat;
        this.mayNameClients = mayNameClients;
        this.metricsPort = metricsPort;
        this.version = version;
    }

    @Override
    public void process(Exchange exchange) {
        var seen = mayNameClients.test(exchange) ? snapshot() : snapshot().withoutClients();
        if (TextResponse.isPreferred(exchange)) {
            TextResponse.set(exchange, StatusText.of(seen));
        } else {
            JsonResponse.set(exchange, 200, seen);
        }
    }

    /** All figures of this moment. */
    public Snapshot snapshot() {
        var seen = queue.now();
        var own = seen.own();
        var state = seen.whole();
        var group = fleet.get();
        var known = providers.now();
        var first = known.getFirst();
        var retreat = state.retreat();
        var counts = traffic.counts();
        var ahead = queue.ahead(seen, MOST_WAITING);
        var perPriority = new LinkedHashMap<String, Integer>();
        for (var priority : Priority.values()) {
            perPriority.put(priority.label(), state.waiting().getOrDefault(priority, 0));
        }
        return new Snapshot(UnixTime.seconds(wallClock.instant()), uptime.seconds(), version,
                new TokenBucket(Figures.tenths(state.tokens()), state.capacity(),
                        Figures.tenths(retreat.effectiveRpm())),
                new Queue(places(seen, group), state.size(), perPriority, own.totalEnqueued(), own.totalDequeued(),
                        own.totalDropped(), deadlines.get().low().toMillis() / 1e3,
                        deadlines.get().usual().toMillis() / 1e3, heartbeat.toMillis() / 1e3,
                        counts.activeHeartbeats()),
                Retreat.of(retreat),
                new Requests(counts.total(), counts.throttled(), counts.passthrough(), counts.rateLimited()),
                new Errors(own.refusedFull(), counts.upstreamErrors()),
                new Retries(counts.retries(), counts.upstream429s(), counts.sdkRetries()),
                Circuit.of(first.breaker()), state.cappedModels(), Upstream.of(first.reached()),
                traffic.models().stats(), Budget.of(state),
                new InFlight(own.openSlots(), counts.activeStreams()), waits(state),
                ahead.first().stream().map(Waiting::of).toList(),
                Timeline.of(traffic.sends().recent(), ahead.later(), state.spans()),
                traffic.refusals().lastHour().stream().map(Refused::of).toList(), history.latest(), routes.get(),
                configFile.get().orElse(null), metricsPort.getAsInt(), conditions.of(seen),
                providers.keys(state).stream().map(KeyStatus::of).toList(),
                known.size() == 1 ? List.of() : known.stream().map(ProviderStatus::of).toList(),
                state.clients().stream().map(ClientStatus::of).toList(), FleetReport.of(group));
    }

    /** Each replica has a queue of its own length; those of the others are taken to be as long. */
    private static int places(WholeQueue.Seen seen, Optional<FleetStatus> group) {
        return seen.own().queueMax()
                * (seen.fleet().isPresent() ? group.map(each -> each.replicas().size()).orElse(1) : 1);
    }

    private Map<String, Waits> waits(ThrottleSnapshot state) {
        var minute = history.lastMinute();
        var waits = new LinkedHashMap<String, Waits>();
        for (var priority : Priority.values()) {
            waits.put(priority.label(), Waits.of(minute.getOrDefault(priority, Interval.NOTHING),
                    state.longestWait().getOrDefault(priority, Duration.ZERO)));
        }
        return waits;
    }

    /**
     * The content of {@code /status} and the stream. Fields are added, never removed, because other programs read them.
     *
     * @param timestamp seconds since 1970
     * @param line the first waiting requests, at most {@value #MOST_WAITING}
     * @param timeline the budget over time, from a window ago to two minutes ahead
     * @param refused the last hour's refusals of the sidecar, the busiest first
     * @param configFile absent where SIDECAR_CONFIG is not set
     * @param latestPoint the newest point of the history; absent before the first
     * @param metricsPort port of the management server, for links
     * @param condition the sidecar's state in one word and in one sentence, and its causes
     * @param keys all keys, in the order in which providers are asked
     * @param circuitBreaker that of the first provider
     * @param upstream whether the first provider is reachable
     * @param providers all providers, in the order in which they are asked; absent where there is only one
     * @param clients all known clients, by name
     * @param fleet how this replica stands to its fleet
     */
    public record Snapshot(BigDecimal timestamp, double uptimeSeconds, String version, TokenBucket tokenBucket,
            Queue queue,
            Retreat retreat, Requests requests, Errors errors, Retries retries, Circuit circuitBreaker,
            List<CappedModel> cappedModels, Upstream upstream, List<ModelStats> models, Budget budget,
            InFlight inFlight, Map<String, Waits> waits, List<Waiting> line,
            Timeline timeline, List<Refused> refused,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable HistoryPoint latestPoint,
            RoutesReport routes,
            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ConfigFileReport configFile, int metricsPort,
            Condition condition, List<KeyStatus> keys,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<ProviderStatus> providers,
            List<ClientStatus> clients, FleetReport fleet) {

        /** The same for those who may not see who the clients are. */
        public Snapshot withoutClients() {
            return new Snapshot(timestamp, uptimeSeconds, version, tokenBucket, queue, retreat, requests, errors,
                    retries,
                    circuitBreaker, cappedModels, upstream, models, budget, inFlight, waits,
                    line.stream().map(Waiting::withoutClient).toList(), timeline, refused, latestPoint, routes,
                    configFile,
                    metricsPort,
                    condition, keys, providers, List.of(), fleet);
        }
    }

    /**
     * The trailing minute.
     *
     * @param nextSlotSeconds until the next request can be sent, if there are tokens for it; absent while it depends on the end
     *        of a running one
     * @param modelTokens the tokens of all accounts; absent if one of them is not limited
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Budget(int limit, int used, int left, @Nullable Double nextSlotSeconds, @Nullable TokenStatus modelTokens) {

        static Budget of(ThrottleSnapshot state) {
            var minute = state.minute();
            return new Budget(minute.limit(), minute.used(), minute.left(),
                    minute.nextSlot().map(Figures::seconds).orElse(null),
                    state.modelTokens().map(TokenStatus::of).orElse(null));
        }
    }

    /** Requests that wait for the provider's response, and streamed responses that are being relayed. */
    record InFlight(int awaiting, long streams) {
    }

    /**
     * The waits in the queue that ended with a slot in the last minute, 0 without any.
     *
     * @param msOldest the longest wait of a request that waits now
     */
    record Waits(long granted, long msAvg, long msMax, long msOldest) {

        static Waits of(Interval minute, Duration oldest) {
            return new Waits(minute.granted(), minute.meanWait().toMillis(), minute.longest().toMillis(),
                    oldest.toMillis());
        }
    }

    /**
     * A waiting request, in the order of the turns.
     *
     * @param startSeconds until it is probably sent; absent if unknown
     * @param client the name of its client; absent for those who may not see it
     * @param deadlineSeconds until it is refused if it has not been sent
     * @param waitsFor {@code turn}, {@code tokens}, {@code backoff}, {@code model} or {@code client} (its own limit)
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Waiting(String priority, @Nullable String client, @Nullable String model, double ageSeconds,
            @Nullable Double startSeconds, double deadlineSeconds, int tries, String waitsFor) {

        Waiting withoutClient() {
            return new Waiting(priority, null, model, ageSeconds, startSeconds, deadlineSeconds, tries, waitsFor);
        }

        static Waiting of(WaitingRequest one) {
            return new Waiting(one.priority().label(), one.client(), one.model(), Figures.seconds(one.age()),
                    one.start().map(Figures::seconds).orElse(null), Figures.seconds(one.deadline()), one.tries(),
                    one.reason().name().toLowerCase(Locale.ROOT));
        }
    }

    record TokenBucket(double tokens, int capacity, double rateRpm) {
    }

    /**
     * @param lowTimeoutSeconds the longest wait of a low-priority request
     * @param timeoutSeconds the longest wait of all others
     * @param heartbeatSeconds how long a streamed request waits until its client is told so; 0 for never
     * @param underHeartbeat the streamed requests of this replica whose clients are told so now
     */
    record Queue(int maxSize, int currentSize, Map<String, Integer> perPriority, long totalEnqueued,
            long totalDequeued, long totalDropped, double lowTimeoutSeconds,
            double timeoutSeconds, double heartbeatSeconds, long underHeartbeat) {
    }

    /** The state of the rate, and its reasons; unknown figures are absent. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Retreat(String state, double effectiveRpm, double baseRpm,
            @JsonProperty("upstream_429_rate") double upstream429Rate, String pacing,
            @Nullable Double learnedRpm, @Nullable Evidence evidence, @Nullable Double nextProbeSeconds,
            double pausedSeconds, @Nullable Integer statedRpm, @Nullable Integer othersRpm) {

        static Retreat of(RetreatSnapshot retreat) {
            return new Retreat(retreat.state().name(), Figures.tenths(retreat.effectiveRpm()),
                    Figures.tenths(retreat.baseRpm()),
                    Math.round(retreat.refusedShare() * 1000) / 1000.0,
                    retreat.pacing().name().toLowerCase(Locale.ROOT),
                    retreat.learnedRpm().isPresent() ? Figures.tenths(retreat.learnedRpm().getAsDouble()) : null,
                    retreat.evidence().map(Evidence::of).orElse(null),
                    retreat.nextProbe().map(Figures::seconds).orElse(null), Figures.seconds(retreat.paused()),
                    retreat.statedRpm().isPresent() ? retreat.statedRpm().getAsInt() : null,
                    retreat.othersRpm() > 0 ? retreat.othersRpm() : null);
        }
    }

    /**
     * The latest refusal of the provider: the limit that it named, and the requests that it had accepted in the minute
     * before.
     */
    record Evidence(String kind, double acceptedInWindow, double ageSeconds) {

        static Evidence of(RetreatSnapshot.Evidence evidence) {
            return new Evidence(evidence.kind().name().toLowerCase(Locale.ROOT), evidence.accepted(),
                    Figures.seconds(evidence.age()));
        }
    }

    record Requests(long total, long nvidia, long passthrough, long ratelimited) {
    }

    record Errors(long queueFullRejects, long upstreamErrors) {
    }

    /** Further attempts by the sidecar, 429s of the provider, and requests that clients marked as repeated. */
    record Retries(long total, @JsonProperty("upstream_429s") long upstream429s, long sdkRetries) {
    }

    /** Rates in percent of the calls in the window, null while there are too few of them. */
    record Circuit(String state, @Nullable Double failureRate, @Nullable Double slowCallRate, int calls) {

        static Circuit of(CircuitBreaker breaker) {
            var metrics = breaker.getMetrics();
            return new Circuit(breaker.getState().name().toLowerCase(Locale.ROOT), known(metrics.getFailureRate()),
                    known(metrics.getSlowCallRate()), metrics.getNumberOfBufferedCalls());
        }

        /** The breaker returns -1 while it has seen too few calls. */
        private static @Nullable Double known(float rate) {
            return rate < 0 ? null : Math.round(rate * 10) / 10.0;
        }
    }

    /**
     * Whether the provider is reachable, by the latest evidence of requests and probes.
     *
     * @param state {@code reachable}, {@code unreachable}, or {@code unknown} before the first evidence
     * @param ageSeconds age of the latest evidence
     * @param source source of the latest evidence: {@code request} or {@code probe}
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Upstream(String state, @Nullable Double ageSeconds, @Nullable String source) {

        static Upstream of(Reached reached) {
            var age = reached.age();
            var source = reached.source();
            return new Upstream(reached.state(), age == null ? null : Figures.seconds(age),
                    source == null ? null : source.label());
        }
    }
}
