package dev.sidecar.throttle.order;

import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.budget.BudgetSlot;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.pool.ModelConcurrency;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The decisions of a {@link Throttle}: which requests are admitted, which is next, and which leave for another reason.
 * It has no clock, no lock and no thread: it receives the time in nanoseconds, which never runs backwards. Not
 * thread-safe: the {@link Throttle} calls every method under its lock and documents it.
 *
 * @param <T> what waits
 */
public final class QueueScheduler<T> {

    private final Budget budget;
    private final Function<BudgetSlot, Slot> guard;
    private final Runnable changed;

    private final WaitQueue<T> queue = new WaitQueue<>();
    private final ClassFloors floors = new ClassFloors();
    private final ModelConcurrency models = new ModelConcurrency();
    private final WaitEstimator<T> estimator;
    private final QueueOutlook<T> outlook;
    private final QueueFigures<T> figures;
    private final Deadlines<T> deadlines;
    private final RetrySchedule retries = new RetrySchedule();
    private final Overload overload = new Overload();
    private final Queue<Ticket<T>> leaving = new ArrayDeque<>();
    private ThrottleSettings settings;
    private boolean closed;

    /**
     * @param guard wraps a slot for callers outside the lock
     * @param changed called when a request may leave the queue sooner than {@link #step} has said
     */
    public QueueScheduler(ThrottleSettings settings, Budget budget, Function<BudgetSlot, Slot> guard,
            Runnable changed) {
        this.settings = settings;
        this.budget = budget;
        this.guard = guard;
        this.changed = changed;
        this.estimator = new WaitEstimator<>(queue, floors, budget, models);
        this.deadlines = new Deadlines<>(queue, estimator, budget, models);
        this.outlook = new QueueOutlook<>(queue, estimator, deadlines, models);
        this.figures = new QueueFigures<>(queue, outlook, deadlines, models, budget);
    }

    public Admission<T> admit(Priority priority, @Nullable Duration patience, @Nullable String model, long now) {
        if (closed) {
            return refuse(Refusals.shuttingDown());
        }
        settleAt(now);
        long patienceNanos = patienceNanos(priority, patience);
        Ticket<T> displaced = null;
        if (queue.size() >= settings.queueMax() && !goesNow(priority, model, now)) {
            displaced = queue.youngestBelow(priority);
            if (displaced == null) {
                return full(priority, model, now);
            }
        }
        long start = start(priority, model, patienceNanos, now);
        if (start >= patienceNanos) {
            overload.refused(priority, now);
            return refuse(Refusals.deadlineUnreachable(limitOf(priority, patienceNanos),
                    budget.window().rule().limit(), queue.contendingAtOrAbove(priority), start,
                    retries.next(priority, start, budget.window().rule().interval(), now)));
        }
        if (displaced != null) {
            displace(displaced, priority, now);
        }
        return place(new Ticket<>(this, figures.enqueued - figures.retried, priority, model, now, now + patienceNanos),
                start, now);
    }

    /** The certain start of a newcomer; where even the earliest bound is too late, that bound. */
    private long start(Priority priority, @Nullable String model, long patienceNanos, long now) {
        long earliest = estimator.earliest(priority, now);
        if (earliest >= patienceNanos || estimator.goesNow(priority, model, now)) {
            return earliest;
        }
        boolean spread = spreadsFor(priority, now);
        return estimator.certain(priority, spread ? Projection.Spread.ALWAYS : Projection.Spread.NONE, now)
                + spare(priority, spread, patienceNanos);
    }

    /**
     * How much earlier than its deadline an admitted request must start, in nanoseconds. Threads and networks take
     * time, and spreading is less certain than its absence. A {@code low} request needs more, since its own pacing may
     * skip it.
     */
    private static long spare(Priority priority, boolean spread, long patienceNanos) {
        if (priority.isLow()) {
            return Math.min(2 * WaitEstimator.MARGIN, patienceNanos / 5);
        }
        return spread
                ? Math.min(2 * WaitEstimator.MARGIN, patienceNanos / 10)
                : Math.min(WaitEstimator.MARGIN / 4, patienceNanos / 20);
    }

    /**
     * Whether a newcomer is admitted only if spreading serves it in time. This holds for low requests, which never make
     * others go faster, and for every request in a lasting overload. Otherwise an overload would use every window in
     * one burst, and urgent requests would meet an empty minute. It does not hold while a slot is free for the newcomer
     * and for all before it.
     */
    private boolean spreadsFor(Priority priority, long now) {
        return (priority.isLow() || overload.lasts(now))
                && queue.contendingAtOrAbove(priority) >= budget.window().left(now);
    }

    /** A full queue makes room for a more urgent request. */
    private void displace(Ticket<T> youngest, Priority by, long now) {
        figures.refusedFull++;
        drop(youngest, new Verdict.Refused(
                Refusals.displaced(by, settings.queueMax(), nextRetry(youngest.priority(), now))));
        changed.run();
    }

    /** When the client of one more refused request should come back. */
    private long nextRetry(Priority priority, long now) {
        return retries.next(priority, estimator.earliest(priority, now), budget.window().rule().interval(), now);
    }

    private Refusals.Limit limitOf(Priority priority, long patienceNanos) {
        return patienceNanos == settings.timeoutOf(priority).toNanos()
                ? new Refusals.Limit(patienceNanos, priority)
                : new Refusals.Limit(patienceNanos, null);
    }

    public Admission<T> retry(Ticket<T> ticket, Duration notBefore, long now) {
        checkIssuer(ticket);
        if (!ticket.granted) {
            throw new IllegalStateException("only a granted ticket is retried, and only once");
        }
        ticket.granted = false;
        settleAt(now);
        countOut(ticket, now);
        if (closed) {
            return new Admission.Refused<>(Refusals.shuttingDown());
        }
        long backOff = nanos(notBefore);
        long rest = ticket.deadlineNanos() - now;
        long start = Math.max(backOff, estimator.certainAtHead(ticket.priority(), Projection.Spread.NONE, now));
        if (start >= rest) {
            return new Admission.Refused<>(
                    Refusals.retryTooLate(ticket.deadlineNanos() - ticket.arrivalNanos(), rest, start));
        }
        return placeAgain(ticket.again(now, now + backOff), now);
    }

    public void finished(Ticket<T> ticket, long now) {
        checkIssuer(ticket);
        settleAt(now);
        countOut(ticket, now);
    }

    public boolean workerCapReached(Ticket<T> ticket, long now) {
        checkIssuer(ticket);
        String model = ticket.model();
        if (model == null || !ticket.inFlight) {
            return false;
        }
        settleAt(now);
        ticket.inFlight = false;
        models.finished(model);
        models.refused(model, now);
        holdOrRelease(model, now);
        releaseHeld(now);
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
        long unchanged = budget.at(now);
        settle(now);
        expire(now);
        refuseHopeless(now);
        Ticket<T> left = leaving.poll();
        if (left != null) {
            return depart(left, Objects.requireNonNull(left.fate), now);
        }
        return serve(unchanged, now);
    }

    public void reconfigure(ThrottleSettings newSettings, long now) {
        settings = newSettings;
        budget.reconfigure(newSettings.budget(), now);
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
        return figures.snapshot(settings.queueMax(), now);
    }

    public List<WaitingRequest> waiting(int most, long now) {
        settleAt(now);
        return outlook.first(most, now);
    }

    public int size() {
        return queue.size();
    }

    private void settleAt(long now) {
        budget.at(now);
        settle(now);
    }

    /** Lets due requests contend, and requests of models that the passage of time has freed. */
    private void settle(long now) {
        if (models.advance(now)) {
            releaseHeld(now);
        }
        boolean idle = isIdle();
        queue.promote(now);
        beginBusyAfter(idle, now);
    }

    private void beginBusyAfter(boolean idle, long now) {
        if (idle && !isIdle()) {
            budget.window().busy(now);
        }
    }

    private void countOut(Ticket<T> ticket, long now) {
        String model = ticket.model();
        if (model != null && ticket.inFlight) {
            ticket.inFlight = false;
            models.finished(model);
            holdOrRelease(model, now);
        }
    }

    /** The requests of a full model are held back together, and released together when it is no longer full. */
    private void holdOrRelease(String model, long now) {
        boolean idle = isIdle();
        if (models.isFull(model)) {
            if (queue.hold(model)) {
                forgetCredit();
            }
        } else if (queue.release(model, now)) {
            changed.run();
        }
        beginBusyAfter(idle, now);
    }

    private void releaseHeld(long now) {
        queue.held().forEach(model -> holdOrRelease(model, now));
    }

    /** A class without a ready request keeps no credit. */
    private void forgetCredit() {
        for (Priority each : Priority.values()) {
            if (!queue.isReady(each)) {
                floors.emptied(each);
            }
        }
    }

    /** Whether no request of high or normal class contends. */
    private boolean isIdle() {
        return queue.contendingAtOrAbove(Priority.NORMAL) == 0;
    }

    private Admission<T> place(Ticket<T> ticket, long certain, long now) {
        beginBusy(ticket, now);
        ticket.atOnce = estimator.goesNow(ticket.priority(), ticket.model(), now);
        var queued = new Admission.Queued<>(ticket, estimator.position(ticket.priority(), ticket.model(), now),
                Duration.ofNanos(estimator.expected(ticket.priority(), ticket.model(), certain,
                        ticket.deadlineNanos() - now, now)));
        add(ticket, now);
        return queued;
    }

    private Admission<T> placeAgain(Ticket<T> ticket, long now) {
        beginBusy(ticket, now);
        var queued = new Admission.Queued<>(ticket, estimator.positionAtHead(ticket.priority()),
                Duration.ofNanos(estimator.expectedAtHead(ticket, now)));
        add(ticket, now);
        figures.retried++;
        return queued;
    }

    /** The first contending request of high or normal class begins a busy period of the budget. */
    private void beginBusy(Ticket<T> ticket, long now) {
        if (!ticket.priority().isLow() && ticket.dueNanos() - now <= 0 && isIdle()) {
            budget.window().busy(now);
        }
    }

    private void add(Ticket<T> ticket, long now) {
        queue.add(ticket, now);
        figures.enqueued++;
    }

    private Admission<T> full(Priority priority, @Nullable String model, long now) {
        overload.refused(priority, now);
        if (settings.passthroughWhenFull() && budget.mayBypass(now) && !models.isFull(model)) {
            figures.bypassed++;
            return new Admission.Bypassed<>(guard.apply(budget.bypass(priority.isLow(), now)));
        }
        figures.refusedFull++;
        return new Admission.Refused<>(Refusals.queueFull(queue.size(), settings.queueMax(), nextRetry(priority, now)));
    }

    private Admission<T> refuse(Refusal refusal) {
        figures.refusedOther++;
        return new Admission.Refused<>(refusal);
    }

    private boolean goesNow(Priority priority, @Nullable String model, long now) {
        return queue.contendingAtOrAbove(Priority.LOW) == 0 && estimator.goesNow(priority, model, now);
    }

    private void expire(long now) {
        for (Ticket<T> t = queue.nearestDeadline(); t != null && t.deadlineNanos() - now <= 0; t = queue
                .nearestDeadline()) {
            drop(t, new Verdict.Refused(timeout(t, now)));
        }
    }

    /** Requests that can no longer be served in time are told now, not at their deadline. */
    private void refuseHopeless(long now) {
        for (Deadlines.Start<T> each : deadlines.hopeless(now)) {
            Ticket<T> ticket = each.ticket();
            long patience = ticket.deadlineNanos() - ticket.arrivalNanos();
            drop(ticket, new Verdict.Refused(Refusals.hopeless(limitOf(ticket.priority(), patience), each.nanos(),
                    nextRetry(ticket.priority(), now))));
        }
    }

    private Refusal timeout(Ticket<T> ticket, long now) {
        long patience = ticket.deadlineNanos() - ticket.arrivalNanos();
        String model = ticket.model();
        if (model != null && models.isFull(model)) {
            return Refusals.modelTimeout(limitOf(ticket.priority(), patience), models.cap(model),
                    models.cooling(model, now));
        }
        return Refusals.queueTimeout(limitOf(ticket.priority(), patience), budget.window().rule().limit(),
                queue.size() - 1, nextRetry(ticket.priority(), now));
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
        return new Next.WaitNanos<>(wait);
    }

    private Next<T> grant(Priority priority, long delay, long now) {
        Ticket<T> ticket = queue.first(priority);
        long late = Math.min(-delay, now - queue.readySince(priority));
        floors.served(priority, queue::isReady);
        remove(ticket);
        figures.granted++;
        ticket.granted = true;
        String model = ticket.model();
        if (model != null) {
            ticket.inFlight = true;
            models.started(model);
            holdOrRelease(model, now);
        }
        return depart(ticket, new Verdict.Granted(guard.apply(budget.grant(priority.isLow(), late, now))), now);
    }

    private Next<T> depart(Ticket<T> ticket, Verdict verdict, long now) {
        ticket.waitedNanos = ticket.waitedBy(now);
        return new Next.Depart<>(new Departure<>(ticket, Objects.requireNonNull(ticket.payload), verdict,
                Duration.ofNanos(ticket.waitedNanos)));
    }

    /** Leaves the queue without a slot. A ticket with a payload departs now, another one when it gets its payload. */
    private void drop(Ticket<T> ticket, Verdict verdict) {
        remove(ticket);
        figures.dropped++;
        ticket.fate = verdict;
        if (ticket.payload != null) {
            leaving.add(ticket);
        }
    }

    private void remove(Ticket<T> ticket) {
        queue.remove(ticket);
        if (!queue.isReady(ticket.priority())) {
            floors.emptied(ticket.priority());
        }
    }

    private long patienceNanos(Priority priority, @Nullable Duration patience) {
        Duration timeout = settings.timeoutOf(priority);
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
