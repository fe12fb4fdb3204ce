package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.pool.Account;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The budgets of all accounts, by provider and name. An account that is taken away keeps its budget until nothing of it
 * counts any more, so that it cannot be emptied by taking it away and bringing it back. Not thread-safe.
 */
final class Accounts {

    private final Map<Id, Budget> budgets = new HashMap<>();
    private Set<Id> inUse = new HashSet<>();

    private record Id(String provider, String account) {
    }

    /**
     * The accounts of a provider, with its limits in force from now on.
     *
     * @param created gets each new budget
     */
    List<Account> of(LaneSettings provider, long now, Consumer<Budget> created) {
        List<Account> accounts = new ArrayList<>();
        provider.accounts().forEach((name, settings) -> {
            Id id = new Id(provider.provider(), name);
            inUse.add(id);
            accounts.add(new Account(name, budget(id, settings, now, created)));
        });
        return accounts;
    }

    private Budget budget(Id id, BudgetSettings settings, long now, Consumer<Budget> created) {
        Budget known = budgets.get(id);
        if (known != null) {
            known.reconfigure(settings, now);
            return known;
        }
        Budget budget = new Budget(settings, now);
        created.accept(budget);
        budgets.put(id, budget);
        return budget;
    }

    /** All providers have their accounts; forgets the unused ones without a request that counts. */
    void retire(long now) {
        budgets.entrySet().removeIf(each -> !inUse.contains(each.getKey())
                && each.getValue().window().used(now) == 0);
        inUse = new HashSet<>();
    }
}
