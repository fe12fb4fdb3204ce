package dev.sidecar.providers;

import dev.sidecar.config.UpstreamAddress;
import java.time.Duration;
import java.util.List;

/**
 * A provider: where requests go, and with which keys. Immutable.
 *
 * @param keys at least one
 * @param accounts at least one, in the order in which the keys name them
 * @param fallbackAfter for requests that have waited this long; zero for all
 */
public record Provider(String name, UpstreamAddress address, AuthForm auth, List<ProviderKey> keys,
        List<AccountLimit> accounts, ModelMap models, Duration fallbackAfter) {

    public Provider {
        keys = List.copyOf(keys);
        accounts = List.copyOf(accounts);
    }

    /** The account whose budget this key of the provider spends. */
    public AccountLimit accountOf(ProviderKey key) {
        return accounts.stream().filter(account -> account.name().equals(key.account())).findFirst().orElseThrow();
    }
}
