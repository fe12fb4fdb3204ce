package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.budget.BudgetSlot;
import dev.sidecar.throttle.budget.BudgetState;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.budget.TokenBudget;
import dev.sidecar.throttle.pool.Account;
import dev.sidecar.throttle.pool.AccountId;
import dev.sidecar.throttle.pool.CapState;
import dev.sidecar.throttle.pool.Ledger;
import dev.sidecar.throttle.pool.Payer;
import dev.sidecar.throttle.pool.Pool;
import dev.sidecar.throttle.tokens.TokenCost;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of a {@code Throttle}: which requests are admitted, which is next, and which leave for another reason.
 * It has no clock, no lock and no thread: it receives the time in nanoseconds, which never runs backwards. Not
 * thread-safe: the {@code Throttle} calls every method under its lock and documents it.
 *
 * @param <T> what waits
 */
public final class QueueScheduler<T> {

    /** No request costs more, whatever its response says: sums of them must not overflow. */
    private static final long MOST_TOKENS = 1_000_000_000_000L;

    private final BiFunction<BudgetSlot, Runnable, Slot> guard;
    private final Runnable changed;
    private final OwnLimits limits = new OwnLimits();
    private final ProviderLanes<T> providers;
    private final Lanes<T> lanes;
    private final QueueOutlook<T> outlook;
    private final QueueFigures<T> figures;
    private final AdmissionControl<T> control;
    private final Queue<Ticket<T>> leaving = new ArrayDeque<>();
    /** Whether the only budget follows the settings. */
    private boolean operatorsBudget;
    private boolean closed;
    /** Who decides which requests go; null if this queue does. */
    private @Nullable Delegate<T> delegate;
    /** Whether nothing may be sent, since others have the whole limit. */
    private boolean withoutShare;
    /** What this replica may send of each limit; null if it shares none. */
    private @Nullable Map<AccountId, Integer> parts;

    /**
     * @param start the providers, at least one, in the order in which they are asked for a slot
     * @param guard wraps a slot for callers outside the lock, with what to do when the provider has refused its request or
     *        it was never sent
     * @param ledger where each send is written down before it leaves
     * @param changed called when a request may leave the queue sooner than {@link #step} has said
     */
    public QueueScheduler(ThrottleSettings settings, List<LaneSettings> start, Ledger ledger,
            BiFunction<BudgetSlot, Runnable, Slot> guard, Runnable changed, long now) {
        this.guard = guard;
        this.changed = changed;
        this.providers = new ProviderLanes<>(limits, ledger, new BudgetChanges(changed));
        this.lanes = new Lanes<>(this.providers.lanes(List.of(), start, now), limits);
        this.outlook = new QueueOutlook<>(lanes, limits);
        this.figures = new QueueFigures<>(lanes, outlook, limits);
        this.operatorsBudget = start.size() == 1
                && start.getFirst().accounts().values().stream().map(each -> each.withTokens(0)).toList()
                        .equals(List.of(settings.budget()));
        this.control = new AdmissionControl<>(lanes, limits, settings);
    }

    /** The budget of the first provider's primary key. */
    public Budget primaryBudget() {
        return lanes.first().pool.first();
    }

    /**
     * Other providers from now on, or other keys and limits of them. Waiting requests stay in their order; an account that
     * stays keeps what it has sent and learned, and a key what the provider said about it.
     *
     * @param settings at least one
     */
    public void providers(List<LaneSettings> settings, long now) {
        settleAt(now);
        operatorsBudget = false;
        providers.replace(lanes, settings, now);
        applyParts(now);
        lanes.unserved().forEach(each -> drop(each, new Verdict.Refused(Refusals.servedByNobody())));
        changed.run();
    }

    public Admission<T> admit(Priority priority, @Nullable Duration patience, @Nullable String model,
            ClientPolicy caller, Serving serving, TokenCost tokens, long now) {
        long patienceNanos = patienceNanos(priority, patience);
        return admit(new Ticket<>(this, figures.enqueued - figures.retried, priority, model, limits.inForce(caller),
                serving, tokens, now, now + patienceNanos), patienceNanos, now);
    }

    /** A request that has waited in another queue; its patience counts from its arrival there. */
    public Admission<T> admit(Earlier earlier, Priority priority, Duration patience, @Nullable String model,
            ClientPolicy caller, Serving serving, TokenCost tokens, long now) {
        long rest = Math.max(0, nanos(patience) - nanos(earlier.age()));
        Ticket<T> ticket = Ticket.from(this, earlier, priority, model, limits.inForce(caller), serving, tokens,
                now + rest, now);
        return earlier.attempt() == 1 || closed
                ? admit(ticket, rest, now)
                : retry(ticket, nanos(earlier.notBefore()), now);
    }

    private Admission<T> admit(Ticket<T> ticket, long patienceNanos, long now) {
        Priority priority = ticket.priority();
        ClientPolicy client = ticket.client();
        if (closed) {
            return refuse(Refusals.shuttingDown(), client);
        }
        if (withoutShare) {
            return refuse(Refusals.noShare(), client);
        }
        settleAt(now);
        List<Place<T>> places = lanes.placesOf(ticket, now);
        Refusal refusal = control.ownLimit(places.getFirst(), patienceNanos, now);
        if (refusal == null) {
            refusal = AdmissionControl.circuitOpen(places, now);
        }
        if (refusal != null) {
            return refuse(refusal, client);
        }
        Ticket<T> displaced = null;
        if (control.isFullFor(places, now)) {
            displaced = lanes.displacedBy(priority, client);
            if (displaced == null) {
                return full(places.getFirst(), now);
            }
        }
        long start = delegate == null ? control.start(places, patienceNanos, now) : 0;
        if (start >= patienceNanos) {
            return refuse(control.tooLate(places, patienceNanos, start, now), client);
        }
        if (displaced != null) {
            displace(displaced, priority, now);
        }
        return place(ticket, places, now);
    }

    /** A full queue makes room for a more urgent request, or for one of a client with fewer. */
    private void displace(Ticket<T> youngest, Priority by, long now) {
        figures.refusedFull++;
        drop(youngest, new Verdict.Refused(control.displaced(youngest, by, now)));
        changed.run();
    }

    public Admission<T> retry(Ticket<T> ticket, Duration notBefore, Duration pause, long now) {
        beginRetry(ticket, now);
        long backOff = nanos(notBefore);
        return closed
                ? new Admission.Refused<>(Refusals.shuttingDown())
                : retry(ticket.again(now, now + backOff, nanos(pause)), backOff, now);
    }

    /** A further attempt with another key; refused where there is none. */
    public Admission<T> retryWithAnotherKey(Ticket<T> ticket, long now) {
        beginRetry(ticket, now);
        if (closed) {
            return new Admission.Refused<>(Refusals.shuttingDown());
        }
        Ticket<T> again = ticket.againWithoutItsKey(now);
        if (lanes.placesOf(again, now).getFirst().isLastResort()) {
            return new Admission.Refused<>(Refusals.noOtherKey());
        }
        return retry(again, 0, now);
    }

    private void beginRetry(Ticket<T> ticket, long now) {
        checkIssuer(ticket);
        if (!ticket.retriable) {
            throw new IllegalStateException("only a granted ticket is retried, and only once");
        }
        ticket.retriable = false;
        settleAt(now);
        ended(ticket, now);
    }

    private Admission<T> retry(Ticket<T> again, long backOff, long now) {
        long rest = again.deadlineNanos() - now;
        List<Place<T>> places = lanes.placesOf(again, now);
        Refusal refusal = AdmissionControl.circuitOpen(places, now);
        if (refusal != null) {
            return again.waitsOutCircuits ? placeAgain(again, places, now) : new Admission.Refused<>(refusal);
        }
        long start = delegate == null ? Math.max(backOff, Turn.certainAtHead(places, now)) : backOff;
        return start >= rest
                ? new Admission.Refused<>(
                        Refusals.retryTooLate(again.deadlineNanos() - again.arrivalNanos(), rest, start))
                : placeAgain(again, places, now);
    }

    public void finished(Ticket<T> ticket, long now) {
        checkIssuer(ticket);
        settleAt(now);
        ended(ticket, now);
    }

    /** The call of this ticket has ended, or was never made. */
    private void ended(Ticket<T> ticket, long now) {
        Place<T> granted = ticket.granted;
        if (!ticket.inFlight || granted == null) {
            return;
        }
        settle(ticket, 0, now);
        endedForItsClient(ticket, now);
        lanes.inForce(granted.lane).contenders.finished(granted.model(), now);
        if (delegate != null) {
            delegate.ended(ticket, false);
        }
    }

    private void endedForItsClient(Ticket<T> ticket, long now) {
        ticket.inFlight = false;
        limits.finished(ticket);
        lanes.updateClient(ticket.client().name(), now);
    }

    public boolean workerCapReached(Ticket<T> ticket, long now) {
        checkIssuer(ticket);
        Place<T> granted = ticket.granted;
        if (granted == null || granted.model() == null || !ticket.inFlight) {
            return false;
        }
        settleAt(now);
        endedForItsClient(ticket, now);
        lanes.inForce(granted.lane).contenders.workerCapReached(granted.model(), now);
        if (delegate != null) {
            delegate.ended(ticket, true);
        }
        return true;
    }

    /** The provider refuses the key that paid for this ticket to its client and model; others are not concerned. */
    public void keyRefusedFor(Ticket<T> ticket, long now) {
        checkIssuer(ticket);
        settleAt(now);
        if (ProviderLanes.exclude(lanes, ticket, now)) {
            lanes.rearrange(now);
        }
        if (delegate != null) {
            delegate.keyRefusedFor(ticket);
        }
    }

    /** Whether the provider accepts this key for every request. */
    public void keyAccepted(String key, boolean accepted, long now) {
        settleAt(now);
        if (ProviderLanes.accept(lanes, key, accepted)) {
            lanes.rearrange(now);
            changed.run();
        }
        if (delegate != null) {
            delegate.keyAccepted(key, accepted);
        }
    }

    /** The providers whose circuit lets requests pass, in order. */
    public List<String> inService(long now) {
        List<String> names = new ArrayList<>();
        lanes.forEach(each -> {
            if (each.closedFor(now) == 0) {
                names.add(each.provider);
            }
        });
        return names;
    }

    /** The circuit of this provider has opened: requests that no other provider serves are refused at once. */
    public void circuitOpened(String provider, Duration openFor, long now) {
        settleAt(now);
        Lane<T> lane = lanes.of(provider);
        if (lane != null) {
            lane.circuitOpened(nanos(openFor), now);
            lanes.rearrange(now);
            for (Ticket<T> each : lanes.everybody()) {
                Refusal refusal = AdmissionControl.circuitOpen(each.places, now);
                if (refusal != null && !each.waitsOutCircuits) {
                    drop(each, new Verdict.Refused(refusal));
                }
            }
            changed.run();
        }
    }

    /** From now on this request waits while circuits are open, to its deadline, and so do its further attempts. */
    public void waitOutCircuits(Ticket<T> ticket) {
        checkIssuer(ticket);
        ticket.waitsOutCircuits = true;
    }

    /** The provider is well again. */
    public void circuitClosed(String provider, long now) {
        settleAt(now);
        Lane<T> lane = lanes.of(provider);
        if (lane != null) {
            lane.circuitClosed();
            lanes.rearrange(now);
            changed.run();
        }
    }

    public void enqueue(Ticket<T> ticket, T payload) {
        checkIssuer(ticket);
        if (ticket.payload != null) {
            throw new IllegalStateException("a ticket is enqueued only once");
        }
        ticket.payload = payload;
        if (ticket.fate == null) {
            lanes.makeReady(ticket);
            if (delegate != null) {
                delegate.waits(ticket);
            }
        } else {
            leaving.add(ticket);
        }
        changed.run();
    }

    public boolean abandon(Ticket<T> ticket) {
        checkIssuer(ticket);
        if (!ticket.waits()) {
            return false;
        }
        drop(ticket, new Verdict.Abandoned());
        changed.run();
        return true;
    }

    /** Lets one request leave the queue if one can leave now; otherwise says how long none can. */
    public Next<T> step(long now) {
        long unchanged = lanes.at(now);
        expire(now);
        if (delegate == null) {
            refuseHopeless(now);
        }
        Ticket<T> left = leaving.poll();
        if (left != null) {
            return depart(left, Objects.requireNonNull(left.fate), now);
        }
        return serve(unchanged, now);
    }

    /**
     * Leaves it to somebody else which requests go; null takes that back.
     *
     * @return the requests that wait with their payload; the others follow by {@link Delegate#waits}
     */
    public List<Ticket<T>> delegateTo(@Nullable Delegate<T> other, long now) {
        settleAt(now);
        delegate = other;
        changed.run();
        return lanes.everybody().stream().filter(each -> each.payload != null).toList();
    }

    /**
     * The delegate has decided that this request goes. It departs with this slot.
     *
     * @param slot wraps a seat of the account here, null for a seat of another replica
     * @return whether it waited, and the provider is known
     */
    public boolean grant(Ticket<T> ticket, Payer payer, UnaryOperator<@Nullable Slot> slot, boolean ownSeat, long now) {
        checkIssuer(ticket);
        settleAt(now);
        Place<T> place = ticket.places.stream().filter(each -> each.lane.provider.equals(payer.provider())).findFirst()
                .orElse(null);
        Slot own = place == null || !ownSeat ? null : seat(AccountId.of(payer), place.priority().isLow(), now);
        if (place == null || ticket.payload == null || ownSeat && own == null) {
            return false;
        }
        lanes.takeOut(ticket);
        started(place, payer, budget(AccountId.of(payer)), now);
        ticket.fate = new Verdict.Granted(slot.apply(own));
        leaving.add(ticket);
        changed.run();
        return true;
    }

    /** The delegate has decided that this request is refused; returns whether it waited. */
    public boolean refuse(Ticket<T> ticket, Refusal refusal) {
        checkIssuer(ticket);
        if (!ticket.waits()) {
            return false;
        }
        drop(ticket, new Verdict.Refused(refusal));
        changed.run();
        return true;
    }

    /** A slot of this account for somebody else, or for a request of the delegate; null if none is free. */
    public @Nullable Slot seat(AccountId account, boolean low, long now) {
        settleAt(now);
        Budget budget = budget(account);
        return budget == null || budget.seats(now) == 0 ? null : guard.apply(budget.grant(low, 0, now), () -> {
            // who asked for it keeps the order
        });
    }

    /** The budget of this account, null if it is not known. */
    public @Nullable Budget budget(AccountId account) {
        Lane<T> lane = lanes.of(account.provider());
        return lane == null ? null : lane.pool.account(account.account());
    }

    /** Others send the rest of each limit; an account without a part sends nothing. */
    public void parts(Map<AccountId, Integer> newParts, long now) {
        settleAt(now);
        parts = Map.copyOf(newParts);
        applyParts(now);
        changed.run();
    }

    private void applyParts(long now) {
        if (parts == null) {
            return;
        }
        for (Lane<T> lane : lanes) {
            for (Account each : lane.pool.accounts()) {
                each.budget().part(parts.getOrDefault(new AccountId(lane.provider, each.name()), 0), now);
            }
        }
    }

    /** Whether nothing may be sent, since others have the whole limit: nothing is admitted, and nothing waits. */
    public void withoutShare(boolean without) {
        withoutShare = without;
        if (without) {
            refuseWaiting(Refusals.noShare());
        }
    }

    public void reconfigure(ThrottleSettings newSettings, long now) {
        control.settings(newSettings);
        if (operatorsBudget) {
            primaryBudget().reconfigure(newSettings.budget().withTokens(primaryBudget().tokensPerMinute()), now);
        }
    }

    /** New policies of clients: weights hold from each client's next turn on, limits at once. */
    public void clients(Collection<ClientPolicy> policies, long now) {
        settleAt(now);
        Set<String> names = new HashSet<>(limits.names()); // a client that goes leaves no hold behind
        limits.policies(policies, lanes::waiting, now);
        policies.forEach(lanes::weight);
        names.addAll(limits.names());
        names.forEach(client -> lanes.updateClient(client, now));
        changed.run();
    }

    /** The response to this attempt has ended, and has cost so many tokens; counts once. */
    public void spent(Ticket<T> ticket, long tokens, long now) {
        checkIssuer(ticket);
        settleAt(now);
        if (settle(ticket, tokens, now) && delegate != null) { // where nothing is limited, nobody need know
            delegate.spent(ticket, tokens);
        }
    }

    /** What is reserved for this attempt is free, and this much of it used; returns whether a limit counts it that had not yet. */
    private boolean settle(Ticket<T> ticket, long tokens, long now) {
        Reservation reserved = ticket.reservation;
        if (reserved == null) {
            return false;
        }
        ticket.reservation = null;
        long cost = Math.clamp(tokens, 0, MOST_TOKENS);
        reserved.settle(cost, now);
        if (reserved.isOfALimit()) {
            changed.run();
        }
        boolean limitsClient = !limits.inForce(ticket.client()).tokenLimits().isEmpty();
        if (limitsClient || reserved.ofClient() > 0) {
            limits.spent(ticket.client(), reserved.ofClient(), cost, now);
            lanes.updateClient(ticket.client().name(), now);
        }
        return limitsClient || reserved.isOfALimit();
    }

    /** What of each budget outlives this process. */
    public Map<AccountId, BudgetState> budgets(long now) {
        settleAt(now);
        return providers.accounts().states(now);
    }

    /** Takes over budgets from another process; those that are here are fresh. */
    public void restore(Map<AccountId, BudgetState> budgets, long now) {
        providers.accounts().restore(budgets, now);
    }

    /** What was learned and counted, apart from what was sent. */
    public LearnedState learned(long now) {
        settleAt(now);
        Map<String, List<CapState>> models = new HashMap<>();
        lanes.forEach(lane -> models.put(lane.provider, lane.models.states(now)));
        return new LearnedState(providers.accounts().learned(now), models, limits.uses(now));
    }

    /** Takes over what another process has learned about models, and what clients have used. */
    public void restore(LearnedState state, long now) {
        lanes.forEach(lane -> lane.models.restore(state.models().getOrDefault(lane.provider, List.of()), now));
        lanes.forEach(lane -> lane.contenders.holdFull());
        limits.restore(state.clients(), now);
    }

    /** Counts a full window of each account, as sent at this time. */
    public void fill(long at, long now) {
        providers.accounts().fill(at, now);
    }

    public void refuseWaiting(Refusal refusal) {
        Verdict verdict = new Verdict.Refused(refusal);
        for (Ticket<T> t = lanes.nearestDeadline(); t != null; t = lanes.nearestDeadline()) {
            drop(t, verdict);
        }
        changed.run();
    }

    public void close() {
        closed = true;
        refuseWaiting(Refusals.shuttingDown());
    }

    public ThrottleSnapshot snapshot(long now) {
        settleAt(now);
        return figures.snapshot(control.settings().queueMax(), now);
    }

    public Outlook outlook(int most, long now) {
        settleAt(now);
        return outlook.outlook(most, now);
    }

    /** The turns of the first waiting requests; none where somebody else decides. */
    public Map<Ticket<T>, TurnAhead> turns(int most, long now) {
        settleAt(now);
        return delegate == null ? outlook.turns(most, now) : Map.of();
    }

    public int size() {
        return lanes.size();
    }

    private void settleAt(long now) {
        lanes.at(now);
    }

    private Admission<T> place(Ticket<T> ticket, List<Place<T>> places, long now) {
        lanes.enter(places, now);
        ClientPolicy client = ticket.client();
        Turn turn = Turn.ofNewcomer(places, ticket.deadlineNanos() - now, now);
        long expected = Math.max(turn.start(), places.getFirst().lane.tokenStart(places.getFirst(), now));
        if (client.hasPeriods()) {
            expected = Math.max(expected, limits.nanosUntil(client, lanes.waiting(client.name()) + 1, now));
        }
        add(ticket, places, now);
        return new Admission.Queued<>(ticket, turn.position(), Duration.ofNanos(expected));
    }

    private Admission<T> placeAgain(Ticket<T> ticket, List<Place<T>> places, long now) {
        lanes.enter(places, now);
        Turn turn = Turn.atHead(places, now);
        add(ticket, places, now);
        figures.retried++;
        return new Admission.Queued<>(ticket, turn.position(), Duration.ofNanos(turn.start()));
    }

    private void add(Ticket<T> ticket, List<Place<T>> places, long now) {
        lanes.add(ticket, places, now);
        figures.enqueued++;
    }

    private Admission<T> full(Place<T> newcomer, long now) {
        Account payer = control.bypass(newcomer, now);
        if (payer != null) {
            figures.bypassed++;
            return new Admission.Bypassed<>(guard.apply(payer.budget().bypass(newcomer.priority().isLow(), now), () -> {
                // it stood in no queue, so its client has paid nothing
            }));
        }
        figures.refusedFull++;
        limits.refused(newcomer.client());
        return new Admission.Refused<>(control.full(newcomer, now));
    }

    private Admission<T> refuse(Refusal refusal, ClientPolicy client) {
        figures.refusedOther++;
        limits.refused(client);
        return new Admission.Refused<>(refusal);
    }

    private void expire(long now) {
        for (Ticket<T> t = lanes.nearestDeadline(); t != null && t.deadlineNanos() - now <= 0; t = lanes
                .nearestDeadline()) {
            drop(t, new Verdict.Refused(control.timedOut(t, now)));
        }
    }

    /** Requests that can no longer be served in time are told now, not at their deadline. */
    private void refuseHopeless(long now) {
        lanes.hopeless(now).forEach(
                (ticket, start) -> drop(ticket, new Verdict.Refused(control.hopeless(ticket, start, now))));
    }

    private Next<T> serve(long unchanged, long now) {
        if (delegate != null) {
            Ticket<T> nearest = lanes.nearestDeadline();
            return nearest == null ? new Next.Idle<>() : new Next.WaitNanos<>(nearest.deadlineNanos() - now);
        }
        LaneChoice.Choice<T> choice = LaneChoice.of(lanes, now);
        if (choice.grant() != null) {
            return grant(choice.grant(), now);
        }
        Ticket<T> nearest = lanes.nearestDeadline();
        return nearest == null
                ? new Next.Idle<>()
                : new Next.WaitNanos<>(Math.min(Math.min(Math.max(1, unchanged), choice.delay()),
                        Math.min(nearest.deadlineNanos() - now, limits.nanosToChange(now))));
    }

    private Next<T> grant(LaneChoice.Grant<T> grant, long now) {
        Lane<T> lane = grant.lane();
        Priority priority = grant.priority();
        Pool.Paying paying = grant.paying();
        long late = Math.min(-grant.delay(), now - lane.queue.readySince(priority));
        lane.floors.served(priority, lane.queue::isReady);
        boolean othersServe = lane.queue.first(priority).ticket.places.size() > 1;
        Place<T> place = lanes.grant(lane, priority);
        if (othersServe) {
            lane.probed(now);
        }
        started(place, new Payer(lane.provider, paying.account().name(), paying.key().name()),
                paying.account().budget(), now);
        Slot slot = guard.apply(paying.account().budget().grant(priority.isLow(), late, now),
                () -> lane.queue.refund(place));
        return depart(place.ticket, new Verdict.Granted(slot), now);
    }

    private void started(Place<T> place, Payer payer, @Nullable Budget budget, long now) {
        Ticket<T> ticket = place.ticket;
        figures.granted++;
        ticket.retriable = true;
        ticket.granted = place;
        ticket.inFlight = true;
        ticket.payer = payer;
        long ofClient = limits.started(ticket, now);
        TokenBudget tokens = budget == null ? null : budget.tokens();
        ticket.reservation = new Reservation(tokens, tokens == null ? 0 : tokens.reserve(ticket.tokens(), now),
                ofClient);
        lanes.updateClient(ticket.client().name(), now);
        place.lane.contenders.started(place.model(), now);
    }

    private Next<T> depart(Ticket<T> ticket, Verdict verdict, long now) {
        ticket.waitedNanos = ticket.waitedBy(now);
        return new Next.Depart<>(new Departure<>(ticket, Objects.requireNonNull(ticket.payload), verdict,
                Duration.ofNanos(ticket.waitedNanos)));
    }

    /** Leaves the queue without a slot. A ticket with a payload departs now, another one when it gets its payload. */
    private void drop(Ticket<T> ticket, Verdict verdict) {
        lanes.takeOut(ticket);
        if (delegate != null) {
            delegate.left(ticket);
        }
        figures.dropped++;
        if (verdict instanceof Verdict.Refused) {
            limits.refused(ticket.client());
        }
        ticket.fate = verdict;
        if (ticket.payload != null) {
            leaving.add(ticket);
        }
    }

    private long patienceNanos(Priority priority, @Nullable Duration patience) {
        Duration timeout = control.settings().timeoutOf(priority);
        return patience == null || patience.compareTo(timeout) > 0 ? timeout.toNanos() : nanos(patience);
    }

    /** Nanoseconds from 0 to a hundred years, so that the result can be added to a reading of the clock. */
    public static long nanos(Duration duration) {
        if (!duration.isPositive()) {
            return 0;
        }
        return duration.toDays() > 36_500 ? Duration.ofDays(36_500).toNanos() : duration.toNanos();
    }

    private void checkIssuer(Ticket<T> ticket) {
        if (ticket.issuer != this) {
            throw new IllegalArgumentException("a ticket is valid only at the throttle that issued it");
        }
    }
}
