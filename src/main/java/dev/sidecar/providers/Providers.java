package dev.sidecar.providers;

import dev.sidecar.config.Secret;
import dev.sidecar.config.UpstreamAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All providers, in the order in which they are asked. Immutable.
 *
 * @param all at least one
 */
public record Providers(List<Provider> all) {

    public Providers {
        all = List.copyOf(all);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("providers must be at least one, got none");
        }
    }

    /** One provider with one key, which both have the same name. It serves every model. */
    public static Providers single(String name, UpstreamAddress address, @Nullable Secret key, int rateRpm,
            int rateTpm) {
        return new Providers(List.of(new Provider(name, address, AuthForm.BEARER,
                List.of(new ProviderKey(name, key, name)), List.of(new AccountLimit(name, rateRpm, rateTpm)),
                ModelMap.EVERYTHING, Duration.ZERO)));
    }

    /** @param entries without {@linkplain ProviderRules findings} */
    public static Providers of(List<ProviderEntry> entries, KeyValues values) {
        return new Providers(entries.stream().map(entry -> entry.provider(values)).toList());
    }

    public Provider first() {
        return all.getFirst();
    }

    public Optional<Provider> named(String name) {
        return all.stream().filter(provider -> provider.name().equals(name)).findFirst();
    }

    /** The names of all keys. */
    public Set<String> keyNames() {
        return all.stream().flatMap(provider -> provider.keys().stream()).map(ProviderKey::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** How many keys all of them have. */
    public int keyCount() {
        return all.stream().mapToInt(provider -> provider.keys().size()).sum();
    }

    /** Requests that all of them together allow in any 60 s. */
    public int rateRpm() {
        return all.stream().flatMap(provider -> provider.accounts().stream()).mapToInt(AccountLimit::rateRpm).sum();
    }
}
