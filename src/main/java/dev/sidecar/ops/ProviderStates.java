package dev.sidecar.ops;

import dev.sidecar.providers.Circuits;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.order.KeyFigures;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.traffic.Evidences;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is known of the providers in force and of their keys, so that all views tell the same. It calls no other system.
 * Thread-safe.
 */
public final class ProviderStates {

    private final ProvidersInForce providers;
    private final Circuits circuits;
    private final Function<String, Duration> untilProbe;
    private final Evidences evidences;

    /** @param untilProbe how long the open circuit to a provider still lets nothing through, by the provider's name */
    public ProviderStates(ProvidersInForce providers, Circuits circuits, Function<String, Duration> untilProbe,
            Evidences evidences) {
        this.providers = providers;
        this.circuits = circuits;
        this.untilProbe = untilProbe;
        this.evidences = evidences;
    }

    /** All of them, in the order in which they are asked. */
    List<ProviderState> now() {
        return providers.get().all().stream().map(this::now).toList();
    }

    private ProviderState now(Provider provider) {
        var name = provider.name();
        return new ProviderState(name, provider.fallbackAfter(), circuits.of(name), untilProbe.apply(name),
                provider.keys().stream().map(key -> evidences.of(new Evidences.Id(name, key.name()))).toList());
    }

    /** Their keys, in the same order. A key that comes or goes at this moment may be missing. */
    List<KeyState> keys(ThrottleSnapshot throttle) {
        Map<String, ProviderState> known = now().stream()
                .collect(Collectors.toMap(ProviderState::name, Function.identity()));
        return throttle.keys().stream().flatMap(key -> key(key, known)).toList();
    }

    private static Stream<KeyState> key(KeyFigures figures, Map<String, ProviderState> known) {
        var provider = known.get(figures.provider());
        return provider == null
                ? Stream.empty()
                : provider.keys().stream().filter(key -> key.keyName().equals(figures.name()))
                        .map(key -> new KeyState(figures, key, provider.isCircuitOpen()));
    }
}
