package dev.sidecar.providers;

import dev.sidecar.config.Secret;
import org.jspecify.annotations.Nullable;

/**
 * A key of a provider. Immutable.
 *
 * @param name in logs, metrics and {@code /status}
 * @param secret its value; null only for the simulated provider, which takes requests without a key
 * @param account the name of the account whose budget it spends
 */
public record ProviderKey(String name, @Nullable Secret secret, String account) {
}
