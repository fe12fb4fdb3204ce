package dev.sidecar.ops;

import dev.sidecar.configfile.ConfigFileReport;
import dev.sidecar.files.RefusedEdit;
import dev.sidecar.http.UnixTime;
import dev.sidecar.ops.Condition.Checks;
import dev.sidecar.reload.RoutesReport;
import dev.sidecar.throttle.budget.RetreatState;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.traffic.UpstreamEvidence;
import dev.sidecar.traffic.UpstreamEvidence.Reached;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Computes the {@link Condition} of the sidecar from the current state of its parts. It calls no other system and keeps
 * no state. Thread-safe.
 */
public final class Conditions {

    /** A queue filled to this share of its size is not healthy. */
    private static final double NEARLY_FULL = 0.9;

    private final CircuitBreaker breaker;
    private final Supplier<Duration> untilProbe;
    private final UpstreamEvidence evidence;
    private final Supplier<RoutesReport> routes;
    private final Supplier<Optional<ConfigFileReport>> configFile;
    private final BooleanSupplier stopping;
    private final InstantSource wallClock;

    /**
     * @param untilProbe how long an open circuit still lets nothing through
     * @param stopping whether the sidecar has been told to stop
     */
    public Conditions(CircuitBreaker breaker, Supplier<Duration> untilProbe, UpstreamEvidence evidence,
            Supplier<RoutesReport> routes, Supplier<Optional<ConfigFileReport>> configFile, BooleanSupplier stopping,
            InstantSource wallClock) {
        this.breaker = breaker;
        this.untilProbe = untilProbe;
        this.evidence = evidence;
        this.routes = routes;
        this.configFile = configFile;
        this.stopping = stopping;
        this.wallClock = wallClock;
    }

    boolean isStopping() {
        return stopping.getAsBoolean();
    }

    /** @param state the current state of the throttle */
    Condition of(ThrottleSnapshot state) {
        var stops = stopping.getAsBoolean();
        var reached = evidence.reached();
        var queueHealthy = state.queueMax() == 0 || state.size() < NEARLY_FULL * state.queueMax();
        var checks = new Checks(!stops && reached.isReachable() && queueHealthy && state.healthy(),
                reached.isReachable(), queueHealthy, state.healthy(), evidence.keyRefused().isEmpty());
        var causes = new ArrayList<Cause>();
        if (stops) {
            causes.add(new Cause.ShuttingDown());
        }
        provider(reached, causes);
        throttle(state, queueHealthy, causes);
        edits(causes);
        causes.sort(Comparator.comparing(Cause::state).reversed());
        var words = new ConditionWords(causes, state, wallClock.instant());
        return new Condition(causes.isEmpty() ? State.SERVING : causes.getFirst().state(), words.headline(),
                words.detail(), causes, checks);
    }

    private void provider(Reached reached, List<Cause> causes) {
        switch (breaker.getState()) {
            case OPEN, FORCED_OPEN -> {
                var metrics = breaker.getMetrics();
                causes.add(new Cause.CircuitOpen(metrics.getNumberOfFailedCalls(), metrics.getNumberOfSlowCalls(),
                        metrics.getNumberOfBufferedCalls(), evidence.latestFailure().orElse(null),
                        Figures.seconds(untilProbe.get())));
            }
            case HALF_OPEN -> causes.add(new Cause.CircuitHalfOpen());
            case CLOSED, DISABLED, METRICS_ONLY -> {
                // requests go through
            }
        }
        evidence.keyRefused().ifPresent(refusal -> causes.add(new Cause.KeyRefused(evidence.keyName(),
                refusal.status(), UnixTime.seconds(refusal.since()))));
        evidence.modelRefused().ifPresent(refusal -> causes.add(new Cause.KeyRefusedForModel(evidence.keyName(),
                refusal.status(), refusal.model(), UnixTime.seconds(refusal.since()))));
        var since = reached.failsSince();
        if (reached.isUnreachable() && since != null) {
            causes.add(new Cause.UpstreamUnreachable(UnixTime.seconds(since), evidence.latestFailure().orElse(null)));
        }
    }

    private static void throttle(ThrottleSnapshot state, boolean queueHealthy, List<Cause> causes) {
        var retreat = state.retreat();
        if (!state.healthy()) {
            causes.add(new Cause.BudgetStands());
        }
        if (!queueHealthy) {
            causes.add(new Cause.QueueNearlyFull(state.size(), state.queueMax()));
        }
        if (retreat.paused().isPositive()) {
            causes.add(new Cause.Paused(Figures.seconds(retreat.paused())));
        }
        if (retreat.state() != RetreatState.NORMAL) {
            causes.add(new Cause.RateLowered(Figures.tenths(retreat.effectiveRpm()),
                    Figures.tenths(retreat.baseRpm())));
        }
        if (state.size() > 0) {
            var longest = state.longestWait().values().stream().max(Comparator.naturalOrder()).orElse(Duration.ZERO);
            causes.add(new Cause.Waiting(state.size(), Figures.seconds(longest)));
        }
    }

    private void edits(List<Cause> causes) {
        var ofRoutes = routes.get().lastError();
        if (ofRoutes != null) {
            causes.add(new Cause.RoutesRefused(first(ofRoutes), more(ofRoutes), ofRoutes.at()));
        }
        configFile.get().map(ConfigFileReport::lastError)
                .ifPresent(error -> causes.add(new Cause.ConfigRefused(first(error), more(error), error.at())));
    }

    private static String first(RefusedEdit edit) {
        return edit.problems().getFirst().toString();
    }

    private static int more(RefusedEdit edit) {
        return edit.problems().size() - 1;
    }
}
