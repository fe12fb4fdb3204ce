package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.BudgetState;
import dev.sidecar.throttle.pool.Account;
import dev.sidecar.throttle.pool.AccountId;
import dev.sidecar.throttle.pool.Ledger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The budgets of all accounts, by provider and name. An account that is taken away keeps its budget until nothing of it
 * counts any more, so that it cannot be emptied by taking it away and bringing it back. Not thread-safe.
 */
final class Accounts {

    private final Ledger ledger;
    private final Map<AccountId, Budget> budgets = new HashMap<>();
    private Set<AccountId> inUse = new HashSet<>();
    /** What another process has left of accounts that this one does not have yet. */
    private final Map<AccountId, Left> left = new HashMap<>();
    private @Nullable Long filledAt;

    /**
     * What another process has left of an account.
     *
     * @param at when it was like that
     */
    private record Left(BudgetState state, long at) {
    }

    /** @param ledger where each send is written down before it leaves */
    Accounts(Ledger ledger) {
        this.ledger = ledger;
    }

    /**
     * The accounts of a provider, with its limits in force from now on.
     *
     * @param created gets each new budget
     */
    List<Account> of(LaneSettings provider, long now, Consumer<Budget> created) {
        List<Account> accounts = new ArrayList<>();
        provider.accounts().forEach((name, settings) -> {
            AccountId id = new AccountId(provider.provider(), name);
            inUse.add(id);
            accounts.add(new Account(name, budget(id, settings, now, created)));
        });
        return accounts;
    }

    private Budget budget(AccountId id, BudgetSettings settings, long now, Consumer<Budget> created) {
        Budget known = budgets.get(id);
        if (known != null) {
            known.reconfigure(settings, now);
            return known;
        }
        Budget budget = new Budget(settings, ledger.of(id), now);
        created.accept(budget);
        budgets.put(id, budget);
        takeOver(id, budget, now);
        return budget;
    }

    private void takeOver(AccountId id, Budget budget, long now) {
        if (filledAt != null && now - filledAt < BudgetRule.SPAN) {
            budget.fill(filledAt, now);
        }
        Left state = left.remove(id);
        if (state != null) {
            budget.restore(state.state().after(Duration.ofNanos(now - state.at())), now);
        }
    }

    /** What of each budget outlives this process. */
    Map<AccountId, BudgetState> states(long now) {
        Map<AccountId, BudgetState> states = new HashMap<>();
        budgets.forEach((id, budget) -> states.put(id, budget.state(now)));
        return states;
    }

    /** The same without what was sent. */
    Map<AccountId, BudgetState> learned(long now) {
        Map<AccountId, BudgetState> states = new HashMap<>();
        budgets.forEach((id, budget) -> states.put(id, budget.learned(now)));
        return states;
    }

    /** Takes over from another process, for fresh budgets; also for accounts that come later. */
    void restore(Map<AccountId, BudgetState> states, long now) {
        states.forEach((id, state) -> {
            Budget budget = budgets.get(id);
            if (budget == null) {
                left.put(id, new Left(state, now));
            } else {
                budget.restore(state, now);
            }
        });
    }

    /** Counts a full window of each account, also of those that come later: nobody knows what was sent until then. */
    void fill(long at, long now) {
        filledAt = at;
        budgets.values().forEach(budget -> budget.fill(at, now));
    }

    /** All providers have their accounts; forgets the unused ones without a request that counts. */
    void retire(long now) {
        budgets.entrySet().removeIf(each -> !inUse.contains(each.getKey())
                && each.getValue().isUnused(now));
        inUse = new HashSet<>();
    }
}
