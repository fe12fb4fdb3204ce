package dev.sidecar.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A provider in {@code /status}, where there are several.
 *
 * @param provider its name
 * @param out why it serves nobody, as the code of a cause; absent if it can serve
 * @param circuit the state of its circuit breaker
 * @param probeSeconds until a request may probe it; absent unless the circuit is open
 * @param reachable whether it can be reached, by the latest evidence; absent before the first
 * @param ageSeconds age of that evidence
 * @param source its source, {@code request} or {@code probe}
 * @param latestFailure how its latest attempt failed; absent if a response below 500 has come since
 * @param fallbackAfterSeconds how long a request waits for the providers before it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ProviderStatus(String provider, @Nullable State out, String circuit, @Nullable Double probeSeconds,
        @Nullable Boolean reachable, @Nullable Double ageSeconds, @Nullable String source,
        @Nullable String latestFailure, double fallbackAfterSeconds) {

    static ProviderStatus of(ProviderState provider) {
        var reached = provider.reached();
        var age = reached.age();
        var source = reached.source();
        return new ProviderStatus(provider.name(), provider.out().orElse(null),
                provider.breaker().getState().name().toLowerCase(Locale.ROOT),
                provider.isCircuitOpen() ? Figures.seconds(provider.untilProbe()) : null,
                age == null ? null : (Boolean) reached.isReachable(), age == null ? null : Figures.seconds(age),
                source == null ? null : source.label(), provider.latestFailure().orElse(null),
                Figures.seconds(provider.fallbackAfter()));
    }
}
