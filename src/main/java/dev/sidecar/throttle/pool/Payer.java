package dev.sidecar.throttle.pool;

/**
 * Which key pays for a granted request. Immutable.
 *
 * @param provider the provider's name
 * @param account the account whose budget has the slot
 * @param key the key's name
 */
public record Payer(String provider, String account, String key) {
}
