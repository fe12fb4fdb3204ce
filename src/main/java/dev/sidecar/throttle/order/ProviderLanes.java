package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.pool.KeyRing;
import dev.sidecar.throttle.pool.Ledger;
import dev.sidecar.throttle.pool.ModelConcurrency;
import dev.sidecar.throttle.pool.Payer;
import dev.sidecar.throttle.pool.Pool;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the lanes of the providers, and replaces them by those of others: a provider, an account or a key that stays keeps
 * what is known about it. Not thread-safe: part of its {@link QueueScheduler}.
 */
final class ProviderLanes<T> {

    private final Accounts accounts;
    private final OwnLimits limits;
    private final BudgetChanges changed;
    private List<?> shape = List.of();

    /**
     * @param ledger where each send is written down before it leaves
     * @param changed told when a request may leave the queue sooner than was said
     */
    ProviderLanes(OwnLimits limits, Ledger ledger, BudgetChanges changed) {
        this.accounts = new Accounts(ledger);
        this.limits = limits;
        this.changed = changed;
    }

    /** @param before the lanes until now */
    List<Lane<T>> lanes(Iterable<Lane<T>> before, List<LaneSettings> providers, long now) {
        shape = shape(providers);
        List<Lane<T>> lanes = new ArrayList<>();
        for (LaneSettings each : providers) {
            Pool pool = new Pool(accounts.of(each, now, this::created), new KeyRing(each.keys()));
            Lane<T> known = null;
            for (Lane<T> lane : before) {
                known = lane.provider.equals(each.provider()) ? lane : known;
            }
            Lane<T> lane = new Lane<>(each.provider(), pool, known == null ? new ModelConcurrency() : known.models,
                    limits, each.fallbackAfter().toNanos(), changed, now);
            if (known != null) {
                pool.learnFrom(known.pool);
                lane.circuitOf(known);
            }
            lanes.add(lane);
        }
        return lanes;
    }

    /** The budgets of all accounts. */
    Accounts accounts() {
        return accounts;
    }

    private void created(Budget budget) {
        budget.whenSooner(changed);
    }

    /** Puts the lanes of these providers in the place of those that are there. Where only limits differ, the lanes stay. */
    void replace(Lanes<T> lanes, List<LaneSettings> providers, long now) {
        if (shape(providers).equals(shape)) {
            providers.forEach(each -> accounts.of(each, now, this::created));
            lanes.rearrange(now); // their models may have other names
        } else {
            lanes.replace(lanes(lanes, providers, now), now);
        }
        accounts.retire(now);
    }

    /** All but the limits. */
    private static List<?> shape(List<LaneSettings> providers) {
        return providers.stream()
                .map(each -> List.of(each.provider(), each.keys(), List.copyOf(each.accounts().keySet()),
                        each.fallbackAfter()))
                .toList();
    }

    /**
     * The key that paid for this ticket pays for no more requests of its client for its model, for a while.
     *
     * @return whether the key is still there
     */
    static <T> boolean exclude(Lanes<T> lanes, Ticket<T> ticket, long now) {
        Place<T> granted = ticket.granted;
        Payer payer = ticket.payer;
        Lane<T> lane = payer == null ? null : lanes.of(payer.provider());
        if (granted == null || payer == null || lane == null) {
            return false;
        }
        lane.pool.keys().exclude(payer.key(), Lane.user(granted), now);
        return true;
    }

    /**
     * Whether the provider accepts this key for every request.
     *
     * @return whether that is new
     */
    static <T> boolean accept(Lanes<T> lanes, String key, boolean accepted) {
        boolean isNew = false;
        for (Lane<T> lane : lanes) {
            KeyRing keys = lane.pool.keys();
            if (accepted ? keys.putBack(key) : keys.takeOut(key)) {
                lane.pool.keysChanged();
                isNew = true;
            }
        }
        return isNew;
    }
}
