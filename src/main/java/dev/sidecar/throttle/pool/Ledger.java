package dev.sidecar.throttle.pool;

import dev.sidecar.throttle.budget.AccountLedger;

/**
 * Where sends are written down before they leave, so that another process can count them. Called under the throttle's
 * lock, so it may not block.
 */
@FunctionalInterface
public interface Ledger {

    /** Writes nothing down: what was sent is forgotten with the process. */
    Ledger MEMORY = _ -> AccountLedger.MEMORY;

    /** The part of an account. */
    AccountLedger of(AccountId account);
}
