package dev.sidecar.ops;

import dev.sidecar.http.UnixTime;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is wrong with the providers and their keys. It stops requests only when no provider serves; as long as one does, the
 * others are merely out. For one use.
 */
final class ProviderCauses {

    private final List<ProviderState> providers;
    private final List<String> serving;
    private final List<Cause> causes = new ArrayList<>();

    private ProviderCauses(List<ProviderState> providers) {
        this.providers = providers;
        this.serving = providers.stream().filter(each -> each.out().isEmpty()).map(ProviderState::name).toList();
    }

    static List<Cause> of(List<ProviderState> providers) {
        var all = new ProviderCauses(providers);
        providers.forEach(all::one);
        return all.causes;
    }

    private void one(ProviderState provider) {
        var name = providers.size() == 1 ? null : provider.name();
        if (serving.isEmpty()) {
            stopped(provider, name);
        } else {
            provider.out().ifPresent(reason -> causes.add(out(provider, reason)));
        }
        if (provider.breaker().getState() == CircuitBreaker.State.HALF_OPEN) {
            causes.add(new Cause.CircuitHalfOpen(name));
        }
        keys(provider);
    }

    private void stopped(ProviderState provider, @Nullable String name) {
        if (provider.isCircuitOpen()) {
            var metrics = provider.breaker().getMetrics();
            causes.add(new Cause.CircuitOpen(name, metrics.getNumberOfFailedCalls(), metrics.getNumberOfSlowCalls(),
                    metrics.getNumberOfBufferedCalls(), provider.latestFailure().orElse(null),
                    Figures.seconds(provider.untilProbe())));
        }
        var reached = provider.reached();
        var since = reached.failsSince();
        if (reached.isUnreachable() && since != null) {
            causes.add(new Cause.UpstreamUnreachable(name, UnixTime.seconds(since),
                    provider.latestFailure().orElse(null)));
        }
    }

    private Cause out(ProviderState provider, State reason) {
        var since = provider.reached().failsSince();
        return new Cause.ProviderOut(provider.name(), reason,
                reason == State.UPSTREAM_UNREACHABLE && since != null ? UnixTime.seconds(since) : null,
                reason == State.KEY_REFUSED ? null : provider.latestFailure().orElse(null),
                reason == State.CIRCUIT_OPEN ? (Double) Figures.seconds(provider.untilProbe()) : null, serving);
    }

    private void keys(ProviderState provider) {
        var stops = serving.isEmpty() && !provider.acceptsAKey();
        for (var key : provider.keys()) {
            key.keyRefused().ifPresent(refusal -> causes.add(stops
                    ? new Cause.KeyRefused(key.keyName(), refusal.status(), UnixTime.seconds(refusal.since()))
                    : new Cause.KeyOut(provider.name(), key.keyName(), refusal.status(),
                            UnixTime.seconds(refusal.since()))));
            key.modelRefused().ifPresent(refusal -> causes.add(new Cause.KeyRefusedForModel(key.keyName(),
                    refusal.status(), refusal.model(), UnixTime.seconds(refusal.since()))));
        }
    }
}
