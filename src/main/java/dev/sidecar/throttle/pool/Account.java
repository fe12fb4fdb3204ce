package dev.sidecar.throttle.pool;

import dev.sidecar.throttle.budget.Budget;

/**
 * A key, or several keys that share one limit.
 *
 * @param name unique in its pool; never the key itself
 * @param budget what it may still send
 */
public record Account(String name, Budget budget) {
}
