package dev.sidecar.throttle.pool;

/**
 * Which account: what one budget belongs to. Immutable.
 *
 * @param provider the provider's name
 * @param account unique at its provider; never a key itself
 */
public record AccountId(String provider, String account) {

    /** The account that pays. */
    public static AccountId of(Payer payer) {
        return new AccountId(payer.provider(), payer.account());
    }
}
