package dev.sidecar.boot;

import dev.sidecar.config.SettingsInForce;
import dev.sidecar.fleet.Home;
import dev.sidecar.fleet.Message.Limit;
import dev.sidecar.fleet.Tables;
import dev.sidecar.ingress.InFlightRequests;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.pool.AccountId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** This sidecar, as its fleet sees it. Thread-safe. */
final class FleetHome implements Home {

    private final String id;
    private final String replica;
    private final long process = ThreadLocalRandom.current().nextLong();
    private final ProvidersInForce providers;
    private final boolean haveOwnRates;
    private final SettingsInForce settings;
    private final Throttle<?> throttle;
    private final InFlightRequests intake;
    private final Consumer<Tables> keep;

    FleetHome(String id, String replica, ProvidersInForce providers, boolean haveOwnRates, SettingsInForce settings,
            Throttle<?> throttle, InFlightRequests intake, Consumer<Tables> keep) {
        this.id = id;
        this.replica = replica;
        this.providers = providers;
        this.haveOwnRates = haveOwnRates;
        this.settings = settings;
        this.throttle = throttle;
        this.intake = intake;
        this.keep = keep;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public long process() {
        return process;
    }

    @Override
    public String replica() {
        return replica;
    }

    @Override
    public List<Limit> limits() {
        return providers.get().all().stream().flatMap(provider -> provider.accounts().stream()
                .map(account -> new Limit(new AccountId(provider.name(), account.name()), account.rateRpm()))).toList();
    }

    @Override
    public Set<String> keys() {
        return providers.get().keyNames();
    }

    @Override
    public int inFlight() {
        return Math.max(0, intake.calls() - throttle.size());
    }

    /** A file of providers has the last word about its own limits; the one key of the environment follows the fleet. */
    @Override
    public void limitsAre(List<Limit> limits) {
        if (!haveOwnRates) {
            limits.stream().findFirst().map(Limit::requests).filter(rate -> rate > 0)
                    .ifPresent(rate -> settings.change(live -> live.withRateRpm(rate)));
        }
    }

    @Override
    public void keep(Tables tables) {
        keep.accept(tables);
    }
}
