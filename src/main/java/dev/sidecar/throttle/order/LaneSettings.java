package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.pool.Key;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A provider, as the throttle knows it. Immutable.
 *
 * @param provider its name, unique
 * @param keys at least one, the primary one first
 * @param accounts the limits of each account that the keys name
 * @param fallbackAfter how long a request waits for the providers before this one; 0 if not at all
 */
public record LaneSettings(String provider, List<Key> keys, Map<String, BudgetSettings> accounts,
        Duration fallbackAfter) {

    /** The name of the provider, the account and the key where there is only one. */
    private static final String ONLY = "only";

    public LaneSettings {
        keys = List.copyOf(keys);
        accounts = new LinkedHashMap<>(accounts); // in their order
    }

    /** A single provider whose accounts have one key each, of the same name. */
    public static LaneSettings of(Map<String, BudgetSettings> accounts) {
        return new LaneSettings(ONLY, accounts.keySet().stream().map(each -> new Key(each, each)).toList(), accounts,
                Duration.ZERO);
    }

    /** A single provider with a single key. */
    public static LaneSettings of(BudgetSettings budget) {
        return of(Map.of(ONLY, budget));
    }
}
