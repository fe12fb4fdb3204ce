package dev.sidecar.throttle.pool;

/**
 * A key of a provider, as the throttle knows it. Immutable.
 *
 * @param name unique among all keys; never the key itself
 * @param account the name of the account whose budget it spends
 */
public record Key(String name, String account) {
}
