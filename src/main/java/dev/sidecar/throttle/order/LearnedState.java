package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetState;
import dev.sidecar.throttle.pool.AccountId;
import dev.sidecar.throttle.pool.CapState;
import dev.sidecar.throttle.quota.PeriodUse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a throttle has learned and counted, apart from its process, except for what was sent: the ledger has that.
 * Immutable. Times are ages or time left.
 *
 * @param budgets by account, without ages
 * @param models the capped models of each provider
 * @param clients what each client has used of its own limits
 */
public record LearnedState(Map<AccountId, BudgetState> budgets, Map<String, List<CapState>> models,
        Map<String, List<PeriodUse>> clients) {

    /** Nothing was learned. */
    public static final LearnedState NOTHING = new LearnedState(Map.of(), Map.of(), Map.of());

    public LearnedState {
        budgets = Map.copyOf(budgets);
        models = Map.copyOf(models);
        clients = Map.copyOf(clients);
    }

    /** The same after some time without requests, at least 0. */
    public LearnedState after(Duration passed) {
        Map<AccountId, BudgetState> older = new HashMap<>();
        budgets.forEach((id, state) -> older.put(id, state.after(passed)));
        return new LearnedState(older,
                models.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey,
                        each -> each.getValue().stream().map(cap -> cap.after(passed)).toList())),
                clients.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey,
                        each -> each.getValue().stream().map(use -> use.after(passed)).toList())));
    }
}
