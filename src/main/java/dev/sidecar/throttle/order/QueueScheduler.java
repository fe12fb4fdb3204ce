package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.budget.BudgetSlot;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.pool.Account;
import dev.sidecar.throttle.pool.KeyRing;
import dev.sidecar.throttle.pool.ModelConcurrency;
import dev.sidecar.throttle.pool.Payer;
import dev.sidecar.throttle.pool.Pool;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of a {@code Throttle}: which requests are admitted, which is next, and which leave for another reason.
 * It has no clock, no lock and no thread: it receives the time in nanoseconds, which never runs backwards. Not
 * thread-safe: the {@code Throttle} calls every method under its lock and documents it.
 *
 * @param <T> what waits
 */
public final class QueueScheduler<T> {

    private final BiFunction<BudgetSlot, Runnable, Slot> guard;
    private final Runnable changed;
    private final Consumer<Budget> newBudget;

    private final OwnLimits limits = new OwnLimits();
    private final Accounts accounts = new Accounts();
    private final Lanes<T> lanes;
    private final QueueOutlook<T> outlook;
    private final QueueFigures<T> figures;
    private final AdmissionControl<T> control;
    private final Queue<Ticket<T>> leaving = new ArrayDeque<>();
    /** Whether the only budget follows the settings. */
    private boolean operatorsBudget;
    private boolean closed;

    /**
     * @param providers at least one, in the order in which they are asked for a slot
     * @param guard wraps a slot for callers outside the lock, with what to do when the provider has refused its request or
     *        it was never sent
     * @param changed called when a request may leave the queue sooner than {@link #step} has said
     */
    public QueueScheduler(ThrottleSettings settings, List<LaneSettings> providers,
            BiFunction<BudgetSlot, Runnable, Slot> guard, Runnable changed, long now) {
        this.guard = guard;
        this.changed = changed;
        this.newBudget = budget -> budget.whenSooner(changed);
        this.lanes = new Lanes<>(providers.stream().map(each -> lane(each, now)).toList(), limits);
        this.outlook = new QueueOutlook<>(lanes, limits);
        this.figures = new QueueFigures<>(lanes, outlook, limits);
        this.operatorsBudget = providers.size() == 1
                && List.copyOf(providers.getFirst().accounts().values()).equals(List.of(settings.budget()));
        this.control = new AdmissionControl<>(lanes, limits, settings);
    }

    private Lane<T> lane(LaneSettings provider, long now) {
        return new Lane<>(provider.provider(),
                new Pool(accounts.of(provider, now, newBudget), new KeyRing(provider.keys())), new ModelConcurrency(),
                limits, provider.fallbackAfter().toNanos(), changed);
    }

    /** The budget of the first provider's primary key. */
    public Budget primaryBudget() {
        return lanes.first().pool.first();
    }

    /**
     * Other providers from now on, or other keys and limits of them. Waiting requests stay in their order; an account that
     * stays keeps what it has sent and learned, and a key what the provider said about it.
     *
     * @param providers at least one
     */
    public void providers(List<LaneSettings> providers, long now) {
        settleAt(now);
        List<Lane<T>> others = new ArrayList<>();
        for (LaneSettings each : providers) {
            Lane<T> before = lanes.of(each.provider());
            Pool pool = new Pool(accounts.of(each, now, newBudget), new KeyRing(each.keys()));
            Lane<T> lane = new Lane<>(each.provider(), pool, before == null ? new ModelConcurrency() : before.models,
                    limits, each.fallbackAfter().toNanos(), changed);
            if (before != null) {
                pool.learnFrom(before.pool);
                lane.circuitOf(before);
            }
            others.add(lane);
        }
        operatorsBudget = false;
        lanes.replace(others, now);
        accounts.retire(now);
        changed.run();
    }

    public Admission<T> admit(Priority priority, @Nullable Duration patience, @Nullable String model,
            ClientPolicy caller, Serving serving, long now) {
        ClientPolicy client = limits.inForce(caller);
        if (closed) {
            return refuse(Refusals.shuttingDown(), client);
        }
        settleAt(now);
        long patienceNanos = patienceNanos(priority, patience);
        Ticket<T> ticket = new Ticket<>(this, figures.enqueued - figures.retried, priority, model, client, serving, now,
                now + patienceNanos);
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
        long start = control.start(places, patienceNanos, now);
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

    public Admission<T> retry(Ticket<T> ticket, Duration notBefore, long now) {
        beginRetry(ticket, now);
        long backOff = nanos(notBefore);
        return closed
                ? new Admission.Refused<>(Refusals.shuttingDown())
                : retry(ticket.again(now, now + backOff), backOff, now);
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
            return new Admission.Refused<>(refusal);
        }
        long start = Long.MAX_VALUE;
        for (Place<T> each : places) {
            start = Math.min(start, Math.max(Math.max(each.dueNanos() - now, each.lane.closedFor(now)),
                    each.lane.estimator.certainAtHead(each, Projection.Spread.NONE, now)));
        }
        start = Math.max(backOff, start);
        if (start >= rest) {
            return new Admission.Refused<>(
                    Refusals.retryTooLate(again.deadlineNanos() - again.arrivalNanos(), rest, start));
        }
        return placeAgain(again, places, now);
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
        endedForItsClient(ticket, now);
        granted.lane.contenders.finished(granted.model(), now);
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
        granted.lane.contenders.workerCapReached(granted.model(), now);
        return true;
    }

    /** The provider refuses the key that paid for this ticket to its client and model; others are not concerned. */
    public void keyRefusedFor(Ticket<T> ticket, long now) {
        checkIssuer(ticket);
        Place<T> granted = ticket.granted;
        Payer payer = ticket.payer;
        Lane<T> lane = payer == null ? null : lanes.of(payer.provider());
        if (granted != null && payer != null && lane != null) {
            settleAt(now);
            lane.pool.keys().exclude(payer.key(), Lane.user(granted), now);
            lanes.rearrange(now);
        }
    }

    /** Whether the provider accepts this key, whoever uses it. */
    public void keyAccepted(String key, boolean accepted, long now) {
        settleAt(now);
        boolean isNew = false;
        for (Lane<T> lane : lanes) {
            if (accepted ? lane.pool.keys().putBack(key) : lane.pool.keys().takeOut(key)) {
                lane.pool.keysChanged();
                isNew = true;
            }
        }
        if (isNew) {
            lanes.rearrange(now);
            changed.run();
        }
    }

    /** The circuit of this provider has opened: those whom nobody else serves are told at once. */
    public void circuitOpened(String provider, Duration openFor, long now) {
        settleAt(now);
        Lane<T> lane = lanes.of(provider);
        if (lane != null) {
            lane.circuitOpened(nanos(openFor), now);
            lanes.rearrange(now);
            for (Ticket<T> each : lanes.everybody()) {
                Refusal refusal = AdmissionControl.circuitOpen(each.places, now);
                if (refusal != null) {
                    drop(each, new Verdict.Refused(refusal));
                }
            }
            changed.run();
        }
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
        refuseHopeless(now);
        Ticket<T> left = leaving.poll();
        if (left != null) {
            return depart(left, Objects.requireNonNull(left.fate), now);
        }
        return serve(unchanged, now);
    }

    public void reconfigure(ThrottleSettings newSettings, long now) {
        control.settings(newSettings);
        if (operatorsBudget) {
            primaryBudget().reconfigure(newSettings.budget(), now);
        }
    }

    /** New policies of clients: weights hold from each client's next turn on, limits at once. */
    public void clients(Collection<ClientPolicy> policies, long now) {
        settleAt(now);
        Set<String> names = new HashSet<>(limits.names()); // a client that goes leaves no hold behind
        limits.policies(policies, lanes::waiting);
        policies.forEach(lanes::weight);
        names.addAll(limits.names());
        names.forEach(client -> lanes.updateClient(client, now));
        changed.run();
    }

    /** A response to a request of this ticket's client has told how many tokens it cost. */
    public void spent(Ticket<T> ticket, long tokens, long now) {
        checkIssuer(ticket);
        settleAt(now);
        limits.spent(ticket.client(), tokens, now);
        lanes.updateClient(ticket.client().name(), now);
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

    public int size() {
        return lanes.size();
    }

    private void settleAt(long now) {
        lanes.at(now);
    }

    private Admission<T> place(Ticket<T> ticket, List<Place<T>> places, long now) {
        lanes.enter(places, now);
        ClientPolicy client = ticket.client();
        Turn turn = null;
        for (Place<T> each : places) {
            Turn one = turnOf(each, ticket.deadlineNanos() - now, now);
            turn = turn == null || one.start < turn.start ? one : turn;
        }
        long expected = Objects.requireNonNull(turn).start;
        if (client.hasPeriods()) {
            expected = Math.max(expected, limits.nanosUntil(client, lanes.waiting(client.name()) + 1, now));
        }
        var queued = new Admission.Queued<>(ticket, turn.position, Duration.ofNanos(expected));
        add(ticket, places, now);
        return queued;
    }

    /**
     * When it is a request's turn at one of its places.
     *
     * @param start nanoseconds from now
     */
    private record Turn(int position, long start) {
    }

    private static <T> Turn turnOf(Place<T> place, long patience, long now) {
        place.atOnce = AdmissionControl.goesNow(place, now);
        if (place.atOnce) {
            return new Turn(1, 0);
        }
        WaitEstimator<T> estimator = place.lane.estimator;
        int nth = place.lane.queue.placeOf(place.priority(), place.client());
        return new Turn(estimator.position(place.priority(), nth),
                estimator.expected(place.priority(), place.model(), nth, place.certainStart, patience, now));
    }

    private Admission<T> placeAgain(Ticket<T> ticket, List<Place<T>> places, long now) {
        lanes.enter(places, now);
        Turn turn = null;
        for (Place<T> each : places) {
            WaitEstimator<T> estimator = each.lane.estimator;
            Turn one = new Turn(estimator.positionAtHead(each),
                    Math.max(each.lane.closedFor(now), estimator.expectedAtHead(each, now)));
            turn = turn == null || one.start < turn.start ? one : turn;
        }
        var queued = new Admission.Queued<>(ticket, Objects.requireNonNull(turn).position,
                Duration.ofNanos(turn.start));
        add(ticket, places, now);
        figures.retried++;
        return queued;
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

    /** Requests that can no longer be served in time by any lane are told now, not at their deadline. */
    private void refuseHopeless(long now) {
        if (lanes.isSingle()) {
            for (Deadlines.Start<T> each : lanes.first().deadlines.hopeless(now)) {
                refuseHopeless(each.place().ticket, each.nanos(), now);
            }
            return;
        }
        Map<Ticket<T>, List<Long>> starts = new LinkedHashMap<>();
        for (Lane<T> lane : lanes) {
            for (Deadlines.Start<T> each : lane.deadlines.hopeless(now)) {
                starts.computeIfAbsent(each.place().ticket, _ -> new ArrayList<>()).add(each.nanos());
            }
        }
        starts.forEach((ticket, each) -> {
            if (each.size() == ticket.places.size()) {
                refuseHopeless(ticket, Collections.min(each), now);
            }
        });
    }

    private void refuseHopeless(Ticket<T> ticket, long start, long now) {
        drop(ticket, new Verdict.Refused(control.hopeless(ticket, start, now)));
    }

    private Next<T> serve(long unchanged, long now) {
        long wait = Math.max(1, unchanged);
        List<Lane<T>> aboutToServe = new ArrayList<>(0);
        for (Lane<T> lane : lanes) {
            long closedFor = lane.closedFor(now);
            if (lane.queue.size() == 0 || closedFor > 0) {
                wait = closedFor > 0 ? Math.min(wait, closedFor) : wait;
                continue;
            }
            Grant<T> grant = next(lane, now);
            if (grant.paying == null) {
                wait = Math.min(wait, grant.delay);
                if (lane.isAboutToServe(grant.delay, now)) {
                    aboutToServe.add(lane);
                }
            } else if (!contendsIn(aboutToServe, lane.queue.first(grant.priority).ticket)) {
                return grant(lane, grant.priority, grant.delay, grant.paying, now);
            }
        }
        Ticket<T> nearest = lanes.nearestDeadline();
        if (nearest == null) {
            return new Next.Idle<>();
        }
        wait = Math.min(wait, nearest.deadlineNanos() - now);
        for (Lane<T> lane : lanes) {
            Place<T> due = lane.queue.nearestDue();
            if (due != null) {
                wait = Math.min(wait, due.dueNanos() - now);
            }
            if (lane.queue.hasParked()) {
                wait = Math.min(wait, lane.models.nanosToChange(now));
            }
        }
        wait = Math.min(wait, limits.nanosToChange(now));
        return new Next.WaitNanos<>(wait);
    }

    /** Whether a request will go in a moment, by a lane that comes first. */
    private static <T> boolean contendsIn(List<Lane<T>> lanes, Ticket<T> ticket) {
        return !lanes.isEmpty() && ticket.places.stream()
                .anyMatch(each -> lanes.contains(each.lane) && !each.deferred && !each.lane.queue.isHeld(each));
    }

    /**
     * What a lane can do now.
     *
     * @param paying what pays for the first request of the class; null if nobody can go
     * @param delay since when it could go, at most 0; or until when to wait
     */
    private record Grant<T>(Priority priority, Pool.@Nullable Paying paying, long delay) {
    }

    private Grant<T> next(Lane<T> lane, long now) {
        while (true) {
            long[] delays = new long[Priority.values().length];
            long wait = lane.deadlines.delays(delays, now);
            Priority chosen = lane.floors.choose(lane.queue::isReady, each -> delays[each.rank()] <= 0);
            if (chosen == null) {
                return new Grant<>(Priority.LOW, null, wait);
            }
            Place<T> head = lane.queue.first(chosen);
            Pool.Paying paying = lane.paying(head, now);
            if (paying != null) {
                return new Grant<>(chosen, paying, delays[chosen.rank()]);
            }
            lane.putOff(head, now); // the slot goes to the next who may use it
        }
    }

    private Next<T> grant(Lane<T> lane, Priority priority, long delay, Pool.Paying paying, long now) {
        long late = Math.min(-delay, now - lane.queue.readySince(priority));
        lane.floors.served(priority, lane.queue::isReady);
        Place<T> place = lanes.grant(lane, priority);
        if (!lanes.isSingle()) {
            lane.probed(now);
        }
        Ticket<T> ticket = place.ticket;
        figures.granted++;
        ticket.retriable = true;
        ticket.granted = place;
        ticket.inFlight = true;
        ticket.payer = new Payer(lane.provider, paying.account().name(), paying.key().name());
        limits.started(ticket, now);
        lanes.updateClient(ticket.client().name(), now);
        lane.contenders.started(place.model(), now);
        Slot slot = guard.apply(paying.account().budget().grant(priority.isLow(), late, now),
                () -> lane.queue.refund(place));
        return depart(ticket, new Verdict.Granted(slot), now);
    }

    private Next<T> depart(Ticket<T> ticket, Verdict verdict, long now) {
        ticket.waitedNanos = ticket.waitedBy(now);
        return new Next.Depart<>(new Departure<>(ticket, Objects.requireNonNull(ticket.payload), verdict,
                Duration.ofNanos(ticket.waitedNanos)));
    }

    /** Leaves the queue without a slot. A ticket with a payload departs now, another one when it gets its payload. */
    private void drop(Ticket<T> ticket, Verdict verdict) {
        lanes.takeOut(ticket);
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
