package dev.sidecar.ops;

import dev.sidecar.configfile.ConfigFileReport;
import dev.sidecar.fleet.FleetStatus;
import dev.sidecar.fleet.FleetStatus.Mode;
import dev.sidecar.files.RefusedEdit;
import dev.sidecar.http.UnixTime;
import dev.sidecar.ops.Condition.Checks;
import dev.sidecar.reload.RoutesReport;
import dev.sidecar.state.StateReport;
import dev.sidecar.throttle.budget.RetreatState;
import dev.sidecar.throttle.order.ThrottleSnapshot;
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

    private final ProviderStates providers;
    private final Supplier<RoutesReport> routes;
    private final Supplier<Optional<ConfigFileReport>> configFile;
    private final Supplier<Optional<StateReport>> folder;
    private final Supplier<Optional<FleetStatus>> fleet;
    private final BooleanSupplier stopping;
    private final InstantSource wallClock;

    /**
     * @param folder of what outlives a restart
     * @param fleet nothing for a sidecar without a fleet
     * @param stopping whether the sidecar has been told to stop
     */
    public Conditions(ProviderStates providers, Supplier<RoutesReport> routes,
            Supplier<Optional<ConfigFileReport>> configFile, Supplier<Optional<StateReport>> folder,
            Supplier<Optional<FleetStatus>> fleet, BooleanSupplier stopping, InstantSource wallClock) {
        this.providers = providers;
        this.routes = routes;
        this.configFile = configFile;
        this.folder = folder;
        this.fleet = fleet;
        this.stopping = stopping;
        this.wallClock = wallClock;
    }

    boolean isStopping() {
        return stopping.getAsBoolean();
    }

    /** Of a sidecar that shares its queue with nobody. */
    Condition of(ThrottleSnapshot state) {
        return of(new WholeQueue.Seen(state, Optional.empty()));
    }

    /** The length of the queue is this replica's own matter; everything else is seen of the whole. */
    Condition of(WholeQueue.Seen seen) {
        var own = seen.own();
        var state = seen.whole();
        var withoutShare = fleet.get().map(FleetStatus::without).orElse(false);
        var stops = stopping.getAsBoolean();
        var known = providers.now();
        var reachable = known.stream().anyMatch(each -> each.reached().isReachable());
        var queueHealthy = own.queueMax() == 0 || own.size() < NEARLY_FULL * own.queueMax();
        var checks = new Checks(!stops && reachable && queueHealthy && state.healthy() && !withoutShare, reachable,
                queueHealthy,
                state.healthy(), known.stream().anyMatch(ProviderState::acceptsAKey));
        var causes = new ArrayList<Cause>();
        if (stops) {
            causes.add(new Cause.ShuttingDown());
        }
        causes.addAll(ProviderCauses.of(known));
        fleet(causes);
        if (!queueHealthy) {
            causes.add(new Cause.QueueNearlyFull(own.size(), own.queueMax()));
        }
        throttle(state, causes);
        causes.addAll(PauseCauses.of(providers.keys(state)));
        edits(causes);
        folder(causes);
        causes.sort(Comparator.comparing(Cause::state).reversed());
        var words = new ConditionWords(causes, state, wallClock.instant());
        return new Condition(causes.isEmpty() ? State.SERVING : causes.getFirst().state(), words.headline(),
                words.detail(), causes, checks);
    }

    private static void throttle(ThrottleSnapshot state, List<Cause> causes) {
        var retreat = state.retreat();
        if (!state.healthy()) {
            causes.add(new Cause.BudgetStands());
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

    private void folder(List<Cause> causes) {
        folder.get().ifPresent(report -> {
            var problem = report.problem();
            var since = report.since();
            if (problem != null && since != null) {
                causes.add(new Cause.StateUnwritten(problem, UnixTime.seconds(since)));
            }
        });
    }

    private void fleet(List<Cause> causes) {
        fleet.get().filter(each -> each.mode() == Mode.ALONE).ifPresent(each -> causes.add(each.without()
                ? new Cause.NoShare(each.replica())
                : new Cause.FleetAlone(each.replica(), each.replicas().stream().mapToInt(one -> one.partRpm()).sum())));
    }

    private static String first(RefusedEdit edit) {
        return edit.problems().getFirst().toString();
    }

    private static int more(RefusedEdit edit) {
        return edit.problems().size() - 1;
    }
}
