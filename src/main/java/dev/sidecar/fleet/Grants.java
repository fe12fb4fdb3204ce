package dev.sidecar.fleet;

import dev.sidecar.fleet.Message.Grant;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.pool.AccountId;
import dev.sidecar.throttle.pool.Payer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts into effect what the leader grants: with an own seat, with a borrowed one, or by a loan to somebody else. A seat that is about
 * to be free is waited for.
 *
 * <p>
 * Not thread-safe: part of its {@link Follower}. All times in nanoseconds.
 */
final class Grants<T> {

    private final Throttle<T> queue;
    /** Those of the follower. */
    private final Map<Call, Ticket<T>> waiting;
    private final Beats beats;
    private final Loans loans;
    private final Outbox outbox;
    private final Consumer<Message> leader;
    private final Executor loop;
    private final NanoClock clock;
    private final Timing timing;
    /** The loans that were used, and until when they may be offered again by mistake. */
    private final Map<String, Long> used = new LinkedHashMap<>();
    private final List<Pending> pending = new ArrayList<>();

    /** A grant or a loan that waits for a seat. */
    private record Pending(Grant grant, @Nullable String to, long until) {
    }

    /**
     * @param waiting the requests that may be granted; one that is granted is taken out
     * @param leader tells the leader something
     * @param loop runs a task on the thread that calls this object
     */
    Grants(Throttle<T> queue, Map<Call, Ticket<T>> waiting, Beats beats, Loans loans, Outbox outbox,
            Consumer<Message> leader, Executor loop, NanoClock clock, Timing timing) {
        this.queue = queue;
        this.waiting = waiting;
        this.beats = beats;
        this.loans = loans;
        this.outbox = outbox;
        this.leader = leader;
        this.loop = loop;
        this.clock = clock;
        this.timing = timing;
    }

    /** A request goes. */
    void grant(Grant grant, long now) {
        if (!tryGrant(grant, now)) {
            pending.add(new Pending(grant, null, now + timing.patience()));
        }
    }

    /** Whether the grant was used, or is of no use. */
    private boolean tryGrant(Grant grant, long now) {
        Ticket<T> ticket = waiting.get(grant.call());
        if (ticket == null) {
            notTaken(grant);
            return true;
        }
        Payer payer = new Payer(grant.provider(), grant.account(), grant.key());
        if (grant.loan() != null && grant.lender() != null) {
            grantBorrowed(grant, ticket, payer, grant.loan(), grant.lender(), now);
            return true;
        }
        boolean granted = queue.grant(ticket, payer, own -> new SharedSlot(grant.call(), own, this::report));
        if (granted) {
            taken(grant);
        }
        return granted;
    }

    private void grantBorrowed(Grant grant, Ticket<T> ticket, Payer payer, String loan, String lender, long now) {
        Long sentAt = beats.sentAt(grant.beat());
        if (sentAt != null && now - sentAt < timing.lease() && queue.grantBorrowed(ticket, payer,
                new BorrowedSlot(grant.call(), loan, sentAt + timing.lease(), clock, this::report,
                        message -> loop.execute(() -> outbox.to(lender, message))))) {
            used.put(loan, now + 2 * timing.lapse());
            taken(grant);
        } else {
            notTaken(grant);
        }
    }

    private void report(Message message) {
        loop.execute(() -> leader.accept(message));
    }

    private void taken(Grant grant) {
        waiting.remove(grant.call());
        leader.accept(new Message.Taken(grant.call()));
    }

    /** The grant is of no use here. */
    void notTaken(Grant grant) {
        leader.accept(new Message.NotTaken(grant.call(), waiting.containsKey(grant.call())));
        if (grant.lender() != null && grant.loan() != null && !used.containsKey(grant.loan())) {
            outbox.to(grant.lender(), new Message.LoanBack(grant.loan()));
        }
    }

    /** Another home gets a seat of this one. */
    void lend(Message.Lend message, long now) {
        if (!tryLend(message.grant(), message.to(), now)) {
            pending.add(new Pending(message.grant(), message.to(), now + timing.patience()));
        }
    }

    private boolean tryLend(Grant grant, String to, long now) {
        String loan = grant.loan();
        if (loan == null || loans.isKnown(loan)) {
            return true;
        }
        boolean lent = loans.lend(loan, new AccountId(grant.provider(), grant.account()), now);
        if (lent) {
            outbox.to(to, grant);
        }
        return lent;
    }

    /** What waits for a seat came from a leader that will not hear of it. */
    void forgetPending() {
        pending.clear();
    }

    boolean isPending() {
        return !pending.isEmpty();
    }

    /** Lets time pass. */
    void at(long now) {
        used.values().removeIf(until -> now - until >= 0);
        for (Iterator<Pending> each = pending.iterator(); each.hasNext();) {
            Pending next = each.next();
            if (isDone(next, now)) {
                each.remove();
            }
        }
    }

    private boolean isDone(Pending next, long now) {
        if (next.to == null ? tryGrant(next.grant, now) : tryLend(next.grant, next.to, now)) {
            return true;
        }
        if (now - next.until < 0) {
            return false;
        }
        if (next.to == null) {
            notTaken(next.grant);
        } else {
            leader.accept(new Message.NotLent(next.to, next.grant.call()));
        }
        return true;
    }
}
