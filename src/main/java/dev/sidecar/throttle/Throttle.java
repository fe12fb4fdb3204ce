package dev.sidecar.throttle;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.BudgetUse;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.budget.BudgetState;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.ClassFloors;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Delegate;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Earlier;
import dev.sidecar.throttle.order.LaneSettings;
import dev.sidecar.throttle.order.LearnedState;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Outlook;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.QueueScheduler;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.Serving;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.TurnAhead;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.pool.AccountId;
import dev.sidecar.throttle.pool.Payer;
import dev.sidecar.throttle.pool.Ledger;
import dev.sidecar.throttle.tokens.TokenCost;
import dev.sidecar.throttle.tokens.TokenEstimate;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Order and budget together. Requests are admitted and wait in the queue of their class. They leave it one by one, with
 * a slot of the {@link Budget} or with a reason for its absence. The next request is chosen when the budget frees, not
 * before: the highest waiting class, in it the client that has had least for its weight, and of that client the longest
 * waiting request. The {@link ClassFloors} keep every class
 * moving.
 *
 * <p>
 * Thread-safe. One lock guards queue and budget together, so a decision about both is one step. Nothing that blocks
 * runs under it. The classes below have no lock and no clock: they receive the time. An enqueued ticket departs exactly
 * once, with exactly one {@link Verdict}.
 *
 * @param <T> what waits
 */
public final class Throttle<T> {

    /** How often to call {@link #wakePollers} while a thread {@linkplain #poll() polls without a time-out}. */
    public static final Duration WAKE_EVERY = Poller.WAKE_EVERY;

    final Budget budget; // tests see these three
    final ReentrantLock lock = new ReentrantLock();
    final Condition changed = lock.newCondition();
    private final NanoClock clock;
    private final QueueScheduler<T> scheduler;
    private final Poller<T> poller;

    /** An empty queue before one unused account. */
    public Throttle(ThrottleSettings settings, NanoClock clock) {
        this(settings, List.of(LaneSettings.of(settings.budget())), clock);
    }

    /**
     * An empty queue before one provider with unused accounts, each with a key of its name.
     *
     * @param accounts the limits of each account, by its name; at least one
     */
    public Throttle(ThrottleSettings settings, Map<String, BudgetSettings> accounts, NanoClock clock) {
        this(settings, List.of(LaneSettings.of(accounts)), clock);
    }

    /**
     * An empty queue before unused providers.
     *
     * @param providers at least one, in the order in which they are asked for a slot
     */
    public Throttle(ThrottleSettings settings, List<LaneSettings> providers, NanoClock clock) {
        this(settings, providers, Ledger.MEMORY, clock);
    }

    /**
     * The same with a ledger.
     *
     * @param ledger where each send is written down before it leaves
     */
    public Throttle(ThrottleSettings settings, List<LaneSettings> providers, Ledger ledger, NanoClock clock) {
        this.clock = clock;
        this.scheduler = new QueueScheduler<>(settings, providers, ledger,
                (slot, unserved) -> new GuardedSlot(slot, lock, clock, unserved), changed::signalAll, clock.nanoTime());
        this.budget = scheduler.primaryBudget();
        this.poller = new Poller<>(lock, changed, clock, scheduler::step);
    }

    /** Like {@link #admit(Priority, Duration, String)}, for a request without a known model. */
    public Admission<T> admit(Priority priority, @Nullable Duration patience) {
        return admit(priority, patience, null);
    }

    /** Like {@link #admit(Priority, Duration, String, ClientPolicy)}, for a caller without a name. */
    public Admission<T> admit(Priority priority, @Nullable Duration patience, @Nullable String model) {
        return admit(priority, patience, model, ClientPolicy.ANONYMOUS);
    }

    /** Like {@link #admit(Priority, Duration, String, ClientPolicy, Serving)}, for a request that everybody may serve. */
    public Admission<T> admit(Priority priority, @Nullable Duration patience, @Nullable String model,
            ClientPolicy client) {
        return admit(priority, patience, model, client, Serving.ANY);
    }

    /**
     * Like {@link #admit(Priority, Duration, String, ClientPolicy, Serving, TokenCost)}, for a request without a cost in
     * tokens.
     */
    public Admission<T> admit(Priority priority, @Nullable Duration patience, @Nullable String model,
            ClientPolicy client, Serving serving) {
        return admit(priority, patience, model, client, serving, TokenEstimate.NONE);
    }

    /**
     * Decides at once about a request. {@link Admission.Queued} takes its place in the queue now. A full queue (also
     * one of size 0) still takes a request that can be granted now and has nothing before it: that request does not
     * wait.
     *
     * @param patience the longest wait that the client accepts, null if it states none; 0 or less is never enough
     * @param model the requested model, null if unknown. The throttle limits the requests of a model in flight to what
     *        the provider accepts
     * @param client who asks. The policy that was last given to {@link #clients} holds for its name
     * @param serving who may serve it, and by which name they know the model
     * @param tokens what it may cost; it waits for so many of its account, and {@link #spent} says what it did cost
     */
    public Admission<T> admit(Priority priority, @Nullable Duration patience, @Nullable String model,
            ClientPolicy client, Serving serving, TokenCost tokens) {
        lock.lock();
        try {
            return scheduler.admit(priority, patience, model, client, serving, tokens, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * The same for a request that has waited in another queue.
     *
     * @param patience the longest wait that the client accepts, from its arrival there
     */
    public Admission<T> admit(Earlier earlier, Priority priority, Duration patience, @Nullable String model,
            ClientPolicy client, Serving serving, TokenCost tokens) {
        lock.lock();
        try {
            return scheduler.admit(earlier, priority, patience, model, client, serving, tokens, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Leaves it to somebody else which requests go, in which order and with whose slots. This queue still admits, counts and
     * ends the wait of every request.
     *
     * @return the requests that wait
     */
    public List<Ticket<T>> delegateTo(Delegate<T> delegate) {
        lock.lock();
        try {
            return scheduler.delegateTo(delegate, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /** Decides by itself again, with its own parts of the limits. */
    public void decideAlone() {
        lock.lock();
        try {
            scheduler.delegateTo(null, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * The delegate has decided that this request goes, with a slot of the account here.
     *
     * @param wrapper makes the slot that departs of the account's
     * @return false if it does not wait, nobody here knows the provider, or the account has none free
     */
    public boolean grant(Ticket<T> ticket, Payer payer, UnaryOperator<Slot> wrapper) {
        lock.lock();
        try {
            return scheduler.grant(ticket, payer, slot -> wrapper.apply(Objects.requireNonNull(slot)), true,
                    clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * The delegate has decided that this request goes, with a slot of another replica.
     *
     * @return false if it does not wait, or nobody here knows the provider
     */
    public boolean grantBorrowed(Ticket<T> ticket, Payer payer, Slot borrowed) {
        lock.lock();
        try {
            return scheduler.grant(ticket, payer, _ -> borrowed, false, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * The delegate has decided that this request is refused.
     *
     * @return whether it waited
     */
    public boolean refuse(Ticket<T> ticket, Refusal refusal) {
        lock.lock();
        try {
            return scheduler.refuse(ticket, refusal);
        } finally {
            lock.unlock();
        }
    }

    /** A slot of this account for a request of another replica; null if none is free. */
    public @Nullable Slot lend(AccountId account) {
        lock.lock();
        try {
            return scheduler.seat(account, false, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /** The providers whose circuit lets requests pass, in order. */
    public List<String> inService() {
        lock.lock();
        try {
            return scheduler.inService(clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /** What this account may send, and what of it is used; null if it is not known. */
    public @Nullable BudgetUse use(AccountId account) {
        lock.lock();
        try {
            Budget known = scheduler.budget(account);
            return known == null ? null : known.use(clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Counts requests more that somebody else may have sent.
     *
     * @param rests for each, how long it counts on, in nanoseconds
     */
    public void charge(AccountId account, List<Long> rests) {
        lock.lock();
        try {
            Budget known = scheduler.budget(account);
            if (known != null) {
                known.charge(rests, clock.nanoTime());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Counts tokens more that somebody else has used. */
    public void chargeTokens(AccountId account, long tokens) {
        lock.lock();
        try {
            Budget known = scheduler.budget(account);
            if (known != null) {
                known.tokens().charge(tokens, clock.nanoTime());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Other replicas send the rest of each limit. An account that is not named sends nothing. */
    public void parts(Map<AccountId, Integer> parts) {
        lock.lock();
        try {
            scheduler.parts(parts, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /** Whether nothing may be sent, since others have the whole limit: nothing is admitted, and nothing waits. */
    public void withoutShare(boolean without) {
        lock.lock();
        try {
            scheduler.withoutShare(without);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A further attempt of a request that was granted but not served by the provider. It goes back to the head of its
     * class. It keeps number, arrival and deadline, so it stands before all later requests, also in a full queue.
     * During its back-off it is skipped, but its deadline counts.
     *
     * <p>
     * {@link Admission.Queued} carries a new ticket, to be enqueued or abandoned like the first. {@link
     * Admission.Refused} means that the request cannot be sent in time: pass on the provider's response. This call also
     * counts as {@link #finished} for the previous attempt. End the slot of that attempt as always.
     *
     * @param ticket the granted one; it can be retried once, whatever the result
     * @param notBefore the back-off, jitter included; 0 or less means now
     * @return never {@link Admission.Bypassed}
     * @throws IllegalStateException if the ticket waits, left without a grant, or was retried before
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public Admission<T> retry(Ticket<T> ticket, Duration notBefore) {
        return retry(ticket, notBefore, Duration.ZERO);
    }

    /**
     * The same where the provider of the attempt asks to be left alone. Others may serve the request meanwhile.
     *
     * @param pause from now; 0 or less for none
     */
    public Admission<T> retry(Ticket<T> ticket, Duration notBefore, Duration pause) {
        lock.lock();
        try {
            return scheduler.retry(ticket, notBefore, pause, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Like {@link #retry}, at once and not with the key that paid for the attempt, which the provider has refused.
     *
     * @return {@link Admission.Refused} also where no other key may serve the request
     */
    public Admission<T> retryWithAnotherKey(Ticket<T> ticket) {
        lock.lock();
        try {
            return scheduler.retryWithAnotherKey(ticket, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * The provider refuses the key that paid for this ticket, to its client for its model. Others go on with it; these do
     * not for some minutes.
     *
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public void keyRefusedFor(Ticket<T> ticket) {
        lock.lock();
        try {
            scheduler.keyRefusedFor(ticket, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether the provider accepts this key for every request. A refused key pays for nothing, as long as another one may
     * serve a request.
     */
    public void keyAccepted(String key, boolean accepted) {
        lock.lock();
        try {
            scheduler.keyAccepted(key, accepted, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * The provider fails, and is sent nothing for this time. Waiting requests go to the providers behind it at once; those
     * that nobody else serves depart, refused. After that time requests find out whether it is well, one a second as long
     * as there are other providers.
     */
    public void circuitOpened(String provider, Duration openFor) {
        lock.lock();
        try {
            scheduler.circuitOpened(provider, openFor, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * From now on this request waits while circuits are open, to its deadline, in place of being refused; and so do its
     * further attempts.
     *
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public void waitOutCircuits(Ticket<T> ticket) {
        lock.lock();
        try {
            scheduler.waitOutCircuits(ticket);
        } finally {
            lock.unlock();
        }
    }

    /** The provider is well again. */
    public void circuitClosed(String provider) {
        lock.lock();
        try {
            scheduler.circuitClosed(provider, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Other providers from now on, or other keys and limits of them. Waiting requests keep their order and deadlines. An
     * account that stays keeps what it has sent and learned.
     *
     * @param providers at least one, in the order in which they are asked for a slot
     */
    public void providers(List<LaneSettings> providers) {
        lock.lock();
        try {
            scheduler.providers(providers, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * The call at the provider has ended in any way, or was never made: it no longer counts as in flight for its model and
     * its client. Call this once for each granted ticket, or retry the ticket; further calls change nothing.
     *
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public void finished(Ticket<T> ticket) {
        lock.lock();
        try {
            scheduler.finished(ticket, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * The provider refused this granted request because it runs no more requests of the model at a time. This is
     * evidence for the cap of the model, which holds back the others until one in flight ends. This call also counts as
     * {@link #finished}.
     *
     * @return whether it counts as evidence: false without a model, and after {@link #finished}
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public boolean workerCapReached(Ticket<T> ticket) {
        lock.lock();
        try {
            return scheduler.workerCapReached(ticket, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Attaches the payload; from now on the ticket can be granted. A ticket that has already left the queue (abandoned,
     * timed out, shut down) departs at once with that verdict.
     *
     * @throws IllegalStateException if this ticket was enqueued before
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public void enqueue(Ticket<T> ticket, T payload) {
        Objects.requireNonNull(payload, "payload");
        lock.lock();
        try {
            scheduler.enqueue(ticket, payload);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The client has gone away. An enqueued ticket departs with {@link Verdict.Abandoned}; any other ticket only
     * leaves.
     *
     * @return whether it was still waiting
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public boolean abandon(Ticket<T> ticket) {
        lock.lock();
        try {
            return scheduler.abandon(ticket);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the next departure; waits of some microseconds spin, longer ones sleep. Any number of threads may call
     * it.
     *
     * @param timeout the longest wait; 0 or less returns at once
     * @return the departure, or null after the time-out or {@link #wakePollers}
     */
    public @Nullable Departure<T> poll(Duration timeout) throws InterruptedException {
        return poller.poll(QueueScheduler.nanos(timeout));
    }

    /**
     * Waits for the next departure, or for {@link #wakePollers}. Any number of threads may call it.
     *
     * @return the departure, or null after {@link #wakePollers}
     */
    public @Nullable Departure<T> poll() throws InterruptedException {
        return poller.poll(Poller.FOREVER);
    }

    /** Ends every waiting poll, without a departure. */
    public void wakePollers() {
        poller.wakeUp();
    }

    /** Lets one request leave the queue if one can leave now; otherwise says how long none can. Never waits. */
    public Next<T> next() {
        lock.lock();
        try {
            return scheduler.step(clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes over new settings at once: what was sent counts against the new limit. Waiting requests keep place and
     * deadline, even if fewer may wait from now on.
     */
    public void reconfigure(ThrottleSettings newSettings) {
        lock.lock();
        try {
            scheduler.reconfigure(newSettings, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * What the clients may have from now on. Waiting requests stay; weights hold from each client's next turn on, limits
     * at once. A client that is not named any more keeps what it had until its last request has ended.
     */
    public void clients(Collection<ClientPolicy> policies) {
        lock.lock();
        try {
            scheduler.clients(policies, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * The response to a granted attempt has ended, and has cost so many tokens. They count for a minute against the limit of
     * the account that paid, and against the own limits of the ticket's client; what was reserved is free. Counts once for each
     * attempt. One that ends without this has cost nothing.
     *
     * @param tokens 0 or more
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public void spent(Ticket<T> ticket, long tokens) {
        lock.lock();
        try {
            scheduler.spent(ticket, tokens, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /** What of each account's budget outlives this process, all at the same instant. */
    public Map<AccountId, BudgetState> budgets() {
        lock.lock();
        try {
            return scheduler.budgets(clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes over budgets from another process. Call it before the first request is admitted. A budget of an account that
     * comes later waits for it.
     *
     * @param budgets as they are now
     */
    public void restore(Map<AccountId, BudgetState> budgets) {
        lock.lock();
        try {
            scheduler.restore(budgets, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /** What was learned and counted, except for what was sent: the ledger has that. All at the same instant. */
    public LearnedState learned() {
        lock.lock();
        try {
            return scheduler.learned(clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes over what another process has learned about models, and what its clients have used. Budgets are another matter:
     * see the other {@code restore}. Call it before the first request is admitted.
     *
     * @param state as it is now
     */
    public void restore(LearnedState state) {
        lock.lock();
        try {
            scheduler.restore(state, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Counts a full window of each account, since nobody knows what was sent until then. Call it before the first request
     * is admitted.
     *
     * @param ago when it was sent, 0 or more
     */
    public void fill(Duration ago) {
        lock.lock();
        try {
            long now = clock.nanoTime();
            scheduler.fill(now - ago.toNanos(), now);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Counts everything that is left of the window as sent now: somebody else has used it. Waiting requests continue
     * when the window frees.
     */
    public void drain() {
        lock.lock();
        try {
            budget.drain(clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Refuses all waiting requests, also those that back off before a further attempt; they depart through {@link
     * #poll}. Later requests are not affected, and neither are slots already handed out.
     */
    public void refuseWaiting(Refusal refusal) {
        lock.lock();
        try {
            scheduler.refuseWaiting(refusal);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Admits no more requests and refuses all waiting ones; they depart through {@link #poll}. Slots already handed out
     * stay valid.
     */
    public void close() {
        lock.lock();
        try {
            scheduler.close();
        } finally {
            lock.unlock();
        }
    }

    /** All figures of the same instant. */
    public ThrottleSnapshot snapshot() {
        lock.lock();
        try {
            return scheduler.snapshot(clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * The queue ahead, in the order in which requests will probably be sent; requests without an estimate sort last.
     *
     * @param most the largest number of requests to return one by one; the others are counted by the second
     */
    public Outlook outlook(int most) {
        lock.lock();
        try {
            return scheduler.outlook(most, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * The turns of the waiting requests, as in {@link #outlook}. None while a {@link Delegate} decides.
     *
     * @param most of the first requests
     */
    public Map<Ticket<T>, TurnAhead> turns(int most) {
        lock.lock();
        try {
            return scheduler.turns(most, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /** The number of waiting requests of all classes. */
    public int size() {
        lock.lock();
        try {
            return scheduler.size();
        } finally {
            lock.unlock();
        }
    }
}
