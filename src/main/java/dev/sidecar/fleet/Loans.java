package dev.sidecar.fleet;

import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.pool.AccountId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The seats that this home has lent. A lent seat is a slot of the own budget in the hand of another replica. If nobody says what
 * became of it, it counts as used when the borrower can no longer send with it: so whatever is lost, the seat is never used twice.
 *
 * <p>
 * Not thread-safe: part of its {@link Follower}. All times in nanoseconds.
 */
final class Loans {

    private final Throttle<?> queue;
    private final Timing timing;
    private final Map<String, Loan> loans = new LinkedHashMap<>();

    private static final class Loan {

        private final AccountId account;
        private final Slot slot;
        private final long lapsesAt;
        private boolean sent;
        private boolean lapsed;

        Loan(AccountId account, Slot slot, long lapsesAt) {
            this.account = account;
            this.slot = slot;
            this.lapsesAt = lapsesAt;
        }
    }

    Loans(Throttle<?> queue, Timing timing) {
        this.queue = queue;
        this.timing = timing;
    }

    /** Whether a seat was free, or this loan was made before. */
    boolean lend(String loan, AccountId account, long now) {
        if (loans.containsKey(loan)) {
            return true;
        }
        Slot slot = queue.lend(account);
        if (slot == null) {
            return false;
        }
        loans.put(loan, new Loan(account, slot, now + timing.lapse()));
        return true;
    }

    boolean isKnown(String loan) {
        return loans.containsKey(loan);
    }

    /** The borrower has sent its request, at the latest now. */
    void sent(String id, long now) {
        Loan loan = loans.get(id);
        if (loan != null) {
            if (loan.lapsed) { // it was sent later than it might: it counts from now as well
                queue.charge(loan.account, List.of(BudgetRule.SPAN));
            }
            loan.slot.sent();
            loan.sent = true;
        }
    }

    /** The provider has answered it. */
    void answered(String id, long now) {
        sent(id, now);
        Loan loan = loans.remove(id);
        if (loan != null) {
            loan.slot.succeeded();
        }
    }

    /** It was not used. */
    void back(String id) {
        Loan loan = loans.remove(id);
        if (loan != null) {
            loan.slot.giveBack();
        }
    }

    /** Lets time pass. */
    void at(long now) {
        for (Iterator<Loan> each = loans.values().iterator(); each.hasNext();) {
            Loan loan = each.next();
            if (!loan.sent && !loan.lapsed && now - loan.lapsesAt >= 0) {
                loan.slot.sent();
                loan.lapsed = true;
            }
            if ((loan.sent || loan.lapsed) && now - loan.lapsesAt >= Timing.nanos(timing.spanMillis())) {
                loan.slot.giveBack(); // it stays used; nobody will say more about it
                each.remove();
            }
        }
    }

    int size() {
        return loans.size();
    }
}
