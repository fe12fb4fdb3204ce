package dev.sidecar.throttle.budget;

import java.util.List;

/**
 * What a replica may send of a limit, and what of it is used. Immutable; times in nanoseconds from now.
 *
 * @param part requests in any 60 s
 * @param inHand slots handed out and not yet sent
 * @param busy for each sent request that the provider may still count, how long it counts on at most; in order
 * @param tokens what responses have cost in the last 60 s, and what requests under way may cost
 */
public record BudgetUse(int part, int inHand, List<Long> busy, long tokens) {

    public BudgetUse {
        busy = List.copyOf(busy);
    }

    /** How many more may be sent now. */
    public int free() {
        return Math.max(0, part - inHand - busy.size());
    }
}
