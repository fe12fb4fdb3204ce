package dev.sidecar.fleet;

import dev.sidecar.fleet.Message.Free;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetUse;
import java.util.ArrayList;
import java.util.List;

/** What this home has of each limit, and what of it is used, in the words of messages. Stateless. */
final class OwnSeats {

    private static final long SOON = 1_000_000_000L;

    private final Throttle<?> queue;
    private final OwnParts parts;
    private final Timing timing;

    OwnSeats(Throttle<?> queue, OwnParts parts, Timing timing) {
        this.queue = queue;
        this.parts = parts;
        this.timing = timing;
    }

    /** Its seats, with what is in hand as busy for the longest time. */
    List<Seats> all() {
        List<Seats> all = new ArrayList<>();
        parts.parts().forEach((account, part) -> {
            BudgetUse use = queue.use(account);
            List<Long> busy = new ArrayList<>();
            if (use != null) {
                use.busy().forEach(each -> busy.add(Timing.millis(each)));
                for (int i = 0; i < use.inHand(); i++) {
                    busy.add(timing.spanMillis());
                }
            }
            all.add(new Seats(account, part, busy));
        });
        return all;
    }

    /** What it has used of the tokens of each account. */
    List<Message.TokensUsed> tokens() {
        List<Message.TokensUsed> all = new ArrayList<>();
        parts.parts().keySet().forEach(account -> {
            BudgetUse use = queue.use(account);
            if (use != null && use.tokens() > 0) {
                all.add(new Message.TokensUsed(account, use.tokens()));
            }
        });
        return all;
    }

    /** What is free now, and soon. */
    List<Free> free() {
        List<Free> all = new ArrayList<>();
        parts.parts().forEach((account, part) -> {
            BudgetUse use = queue.use(account);
            if (use != null) {
                int over = Math.max(0, use.inHand() + use.busy().size() - part);
                all.add(new Free(account, use.free(), use.busy().stream().skip(over).filter(each -> each <= SOON)
                        .map(Timing::millis).toList()));
            }
        });
        return all;
    }

    /** Whether what is in hand, which stays here, fits into the parts. */
    boolean fitsInHand() {
        return parts.parts().entrySet().stream().allMatch(each -> {
            BudgetUse use = queue.use(each.getKey());
            return use == null || use.inHand() <= each.getValue();
        });
    }
}
