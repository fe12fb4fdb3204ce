package dev.sidecar.boot;

import dev.sidecar.clients.Client;
import dev.sidecar.clients.ClientsInForce;
import dev.sidecar.config.SettingsInForce;
import dev.sidecar.fleet.Flight;
import dev.sidecar.fleet.LeadersQueue;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.pool.AccountId;
import java.util.List;
import java.util.Set;

/** How this sidecar leads a fleet: by its own settings, providers and clients. Thread-safe. */
final class FleetRules implements LeadersQueue {

    /** Each replica bounds its own queue. */
    private static final int ANY_NUMBER = 1_000_000;

    private final SettingsInForce settings;
    private final Pacing pacing;
    private final ProvidersInForce providers;
    private final ClientsInForce clients;

    FleetRules(SettingsInForce settings, Pacing pacing, ProvidersInForce providers, ClientsInForce clients) {
        this.settings = settings;
        this.pacing = pacing;
        this.providers = providers;
        this.clients = clients;
    }

    @Override
    public Throttle<Flight> newQueue(NanoClock clock) {
        var rules = throttleSettings();
        var queue = new Throttle<Flight>(rules, ThrottleConfiguration.lanes(providers.get(), rules), clock);
        tellClients(queue);
        return queue;
    }

    private ThrottleSettings throttleSettings() {
        var own = settings.get().forThrottle(pacing);
        return new ThrottleSettings(own.limitPerMinute(), own.burstCapacity(), own.pacing(), ANY_NUMBER, own.timeout(),
                own.lowTimeout(), false);
    }

    private void tellClients(Throttle<Flight> queue) {
        queue.clients(clients.get().all().stream().map(Client::policy).toList());
    }

    @Override
    public void applyTo(Throttle<Flight> queue) {
        var rules = throttleSettings();
        queue.reconfigure(rules);
        queue.providers(ThrottleConfiguration.lanes(providers.get(), rules));
        tellClients(queue);
    }

    @Override
    public List<AccountId> accounts() {
        return providers.get().all().stream().flatMap(
                provider -> provider.accounts().stream().map(each -> new AccountId(provider.name(), each.name())))
                .toList();
    }

    @Override
    public Set<String> keys() {
        return providers.get().keyNames();
    }
}
