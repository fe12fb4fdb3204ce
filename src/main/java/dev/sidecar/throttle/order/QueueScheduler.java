package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.BudgetSlot;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.pool.Account;
import dev.sidecar.throttle.pool.ModelConcurrency;
import dev.sidecar.throttle.pool.Pool;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of a {@code Throttle}: which requests are admitted, which is next, and which leave for another reason.
 * It has no clock, no lock and no thread: it receives the time in nanoseconds, which never runs backwards. Not
 * thread-safe: the {@code Throttle} calls every method under its lock and documents it.
 *
 * @param <T> what waits
 */
public final class QueueScheduler<T> {

    private final Pool pool;
    private final BiFunction<BudgetSlot, Runnable, Slot> guard;
    private final Runnable changed;

    private final WaitQueue<T> queue = new WaitQueue<>();
    private final ClassFloors floors = new ClassFloors();
    private final ModelConcurrency models = new ModelConcurrency();
    private final OwnLimits limits = new OwnLimits();
    private final WaitEstimator<T> estimator;
    private final QueueOutlook<T> outlook;
    private final QueueFigures<T> figures;
    private final Deadlines<T> deadlines;
    private final AdmissionControl<T> control;
    private final Contenders<T> contenders;
    private final Queue<Ticket<T>> leaving = new ArrayDeque<>();
    private boolean closed;

    /**
     * @param guard wraps a slot for callers outside the lock, with what to do when the provider has refused its request or
     *        it was never sent
     * @param changed called when a request may leave the queue sooner than {@link #step} has said
     */
    public QueueScheduler(ThrottleSettings settings, Pool pool, BiFunction<BudgetSlot, Runnable, Slot> guard,
            Runnable changed) {
        this.pool = pool;
        this.guard = guard;
        this.changed = changed;
        this.estimator = new WaitEstimator<>(queue, floors, pool, models);
        this.deadlines = new Deadlines<>(queue, estimator, pool, models, limits);
        this.outlook = new QueueOutlook<>(queue, estimator, deadlines, models, limits);
        this.figures = new QueueFigures<>(queue, outlook, deadlines, models, limits, pool);
        this.control = new AdmissionControl<>(queue, estimator, pool, models, limits, settings);
        this.contenders = new Contenders<>(queue, floors, models, limits, pool, changed);
    }

    public Admission<T> admit(Priority priority, @Nullable Duration patience, @Nullable String model,
            ClientPolicy caller, long now) {
        ClientPolicy client = limits.inForce(caller);
        if (closed) {
            return refuse(Refusals.shuttingDown(), client);
        }
        settleAt(now);
        long patienceNanos = patienceNanos(priority, patience);
        Refusal own = control.ownLimit(priority, client, patienceNanos, now);
        if (own != null) {
            return refuse(own, client);
        }
        Ticket<T> displaced = null;
        if (control.isFullFor(priority, model, client, now)) {
            displaced = queue.displacedBy(priority, client);
            if (displaced == null) {
                return full(priority, model, client, now);
            }
        }
        long start = control.start(priority, model, client, patienceNanos, now);
        if (start >= patienceNanos) {
            return refuse(control.tooLate(priority, patienceNanos, start, now), client);
        }
        if (displaced != null) {
            displace(displaced, priority, now);
        }
        return place(new Ticket<>(this, figures.enqueued - figures.retried, priority, model, client, now,
                now + patienceNanos), start, now);
    }

    /** A full queue makes room for a more urgent request, or for one of a client with fewer. */
    private void displace(Ticket<T> youngest, Priority by, long now) {
        figures.refusedFull++;
        drop(youngest, new Verdict.Refused(control.displaced(youngest, by, now)));
        changed.run();
    }

    public Admission<T> retry(Ticket<T> ticket, Duration notBefore, long now) {
        checkIssuer(ticket);
        if (!ticket.granted) {
            throw new IllegalStateException("only a granted ticket is retried, and only once");
        }
        ticket.granted = false;
        settleAt(now);
        contenders.finished(ticket, now);
        if (closed) {
            return new Admission.Refused<>(Refusals.shuttingDown());
        }
        long backOff = nanos(notBefore);
        long rest = ticket.deadlineNanos() - now;
        long start = Math.max(backOff, estimator.certainAtHead(ticket, Projection.Spread.NONE, now));
        if (start >= rest) {
            return new Admission.Refused<>(
                    Refusals.retryTooLate(ticket.deadlineNanos() - ticket.arrivalNanos(), rest, start));
        }
        return placeAgain(ticket.again(now, now + backOff), now);
    }

    public void finished(Ticket<T> ticket, long now) {
        checkIssuer(ticket);
        settleAt(now);
        contenders.finished(ticket, now);
    }

    public boolean workerCapReached(Ticket<T> ticket, long now) {
        checkIssuer(ticket);
        String model = ticket.model();
        if (model == null || !ticket.inFlight) {
            return false;
        }
        settleAt(now);
        contenders.workerCapReached(ticket, model, now);
        return true;
    }

    public void enqueue(Ticket<T> ticket, T payload) {
        checkIssuer(ticket);
        if (ticket.payload != null) {
            throw new IllegalStateException("a ticket is enqueued only once");
        }
        ticket.payload = payload;
        if (ticket.fate == null) {
            queue.makeReady(ticket);
        } else {
            leaving.add(ticket);
        }
        changed.run();
    }

    public boolean abandon(Ticket<T> ticket) {
        checkIssuer(ticket);
        if (!ticket.waits) {
            return false;
        }
        drop(ticket, new Verdict.Abandoned());
        changed.run();
        return true;
    }

    /** Lets one request leave the queue if one can leave now; otherwise says how long none can. */
    public Next<T> step(long now) {
        long unchanged = pool.at(now);
        contenders.settle(now);
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
        pool.first().reconfigure(newSettings.budget(), now);
    }

    /** New policies of clients: weights hold from each client's next turn on, limits at once. */
    public void clients(Collection<ClientPolicy> policies, long now) {
        settleAt(now);
        Set<String> names = new HashSet<>(limits.names()); // a client that goes leaves no hold behind
        limits.policies(policies, queue::waiting);
        policies.forEach(queue::weight);
        names.addAll(limits.names());
        names.forEach(client -> contenders.updateClient(client, now));
        changed.run();
    }

    /** A response to a request of this ticket's client has told how many tokens it cost. */
    public void spent(Ticket<T> ticket, long tokens, long now) {
        checkIssuer(ticket);
        settleAt(now);
        limits.spent(ticket.client(), tokens, now);
        contenders.updateClient(ticket.client().name(), now);
    }

    public void refuseWaiting(Refusal refusal) {
        Verdict verdict = new Verdict.Refused(refusal);
        for (Ticket<T> t = queue.nearestDeadline(); t != null; t = queue.nearestDeadline()) {
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
        return queue.size();
    }

    private void settleAt(long now) {
        pool.at(now);
        contenders.settle(now);
    }

    private Admission<T> place(Ticket<T> ticket, long certain, long now) {
        contenders.enters(ticket, now);
        Priority priority = ticket.priority();
        ClientPolicy client = ticket.client();
        ticket.atOnce = estimator.goesNow(priority, ticket.model(), client, now);
        int position = 1;
        long expected = 0;
        if (!ticket.atOnce) {
            int nth = queue.placeOf(priority, client);
            position = estimator.position(priority, nth);
            expected = estimator.expected(priority, ticket.model(), nth, certain, ticket.deadlineNanos() - now, now);
        }
        if (client.hasPeriods()) {
            expected = Math.max(expected, limits.nanosUntil(client, queue.waiting(client.name()) + 1, now));
        }
        var queued = new Admission.Queued<>(ticket, position, Duration.ofNanos(expected));
        add(ticket, now);
        return queued;
    }

    private Admission<T> placeAgain(Ticket<T> ticket, long now) {
        contenders.enters(ticket, now);
        var queued = new Admission.Queued<>(ticket, estimator.positionAtHead(ticket),
                Duration.ofNanos(estimator.expectedAtHead(ticket, now)));
        add(ticket, now);
        figures.retried++;
        return queued;
    }

    private void add(Ticket<T> ticket, long now) {
        queue.add(ticket, now);
        figures.enqueued++;
    }

    private Admission<T> full(Priority priority, @Nullable String model, ClientPolicy client, long now) {
        Account payer = control.bypass(priority, model, now);
        if (payer != null) {
            figures.bypassed++;
            return new Admission.Bypassed<>(guard.apply(payer.budget().bypass(priority.isLow(), now), () -> {
                // it stood in no queue, so its client has paid nothing
            }));
        }
        figures.refusedFull++;
        limits.refused(client);
        return new Admission.Refused<>(control.full(priority, client, now));
    }

    private Admission<T> refuse(Refusal refusal, ClientPolicy client) {
        figures.refusedOther++;
        limits.refused(client);
        return new Admission.Refused<>(refusal);
    }

    private void expire(long now) {
        for (Ticket<T> t = queue.nearestDeadline(); t != null && t.deadlineNanos() - now <= 0; t = queue
                .nearestDeadline()) {
            drop(t, new Verdict.Refused(control.timedOut(t, now)));
        }
    }

    /** Requests that can no longer be served in time are told now, not at their deadline. */
    private void refuseHopeless(long now) {
        for (Deadlines.Start<T> each : deadlines.hopeless(now)) {
            drop(each.ticket(), new Verdict.Refused(control.hopeless(each.ticket(), each.nanos(), now)));
        }
    }

    private Next<T> serve(long unchanged, long now) {
        long[] delays = new long[Priority.values().length];
        long wait = Math.min(Math.max(1, unchanged), deadlines.delays(delays, now));
        Priority chosen = floors.choose(queue::isReady, each -> delays[each.rank()] <= 0);
        if (chosen != null) {
            return grant(chosen, delays[chosen.rank()], now);
        }
        Ticket<T> nearest = queue.nearestDeadline();
        if (nearest == null) {
            return new Next.Idle<>();
        }
        wait = Math.min(wait, nearest.deadlineNanos() - now);
        Ticket<T> due = queue.nearestDue();
        if (due != null) {
            wait = Math.min(wait, due.dueNanos() - now);
        }
        if (queue.hasParked()) {
            wait = Math.min(wait, models.nanosToChange(now));
        }
        wait = Math.min(wait, limits.nanosToChange(now));
        return new Next.WaitNanos<>(wait);
    }

    private Next<T> grant(Priority priority, long delay, long now) {
        long late = Math.min(-delay, now - queue.readySince(priority));
        floors.served(priority, queue::isReady);
        int waiting = queue.contendingAtOrAbove(priority);
        Ticket<T> ticket = queue.grant(priority);
        forgetCredit(priority);
        figures.granted++;
        ticket.granted = true;
        contenders.granted(ticket, now);
        Account payer = pool.choose(priority.isLow(), waiting, ticket.paidBefore(), now);
        ticket.payer = payer.name();
        Slot slot = guard.apply(payer.budget().grant(priority.isLow(), late, now), () -> queue.refund(ticket));
        return depart(ticket, new Verdict.Granted(slot), now);
    }

    private Next<T> depart(Ticket<T> ticket, Verdict verdict, long now) {
        ticket.waitedNanos = ticket.waitedBy(now);
        return new Next.Depart<>(new Departure<>(ticket, Objects.requireNonNull(ticket.payload), verdict,
                Duration.ofNanos(ticket.waitedNanos)));
    }

    /** Leaves the queue without a slot. A ticket with a payload departs now, another one when it gets its payload. */
    private void drop(Ticket<T> ticket, Verdict verdict) {
        queue.remove(ticket);
        forgetCredit(ticket.priority());
        figures.dropped++;
        if (verdict instanceof Verdict.Refused) {
            limits.refused(ticket.client());
        }
        ticket.fate = verdict;
        if (ticket.payload != null) {
            leaving.add(ticket);
        }
    }

    private void forgetCredit(Priority priority) {
        if (!queue.isReady(priority)) {
            floors.emptied(priority);
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
