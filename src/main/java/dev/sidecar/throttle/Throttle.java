package dev.sidecar.throttle;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Order and budget in one: requests are admitted, wait in the line of their class, and leave it one by one with a slot of
 * the {@link RequestBudget} or with the reason why there is none. Who is next is decided when the budget frees, not
 * before: the highest class that waits, in it the longest waiting, with the {@link Floors} that keep every class moving.
 *
 * <p>
 * Thread-safe, by the one lock that it shares with the budget. A ticket that was enqueued departs exactly once, with
 * exactly one {@link Verdict}.
 *
 * @param <T> what waits
 */
public final class Throttle<T> {

    /** How often to {@link #wakePollers} where one {@linkplain #poll() polls without a time-out}. */
    public static final Duration WAKE_EVERY = Duration.ofSeconds(1);

    /** Less than it takes to go to sleep and wake up again; it is waited for only where thousands a second are let through. */
    private static final Duration SHORTEST_WAIT = Duration.ofNanos(50_000);

    private static final long FOREVER = Long.MAX_VALUE;

    private final RequestBudget budget;
    private final NanoClock clock;
    private final ReentrantLock lock;
    private final Condition changed;

    private final WaitingLine<T> line = new WaitingLine<>();
    private final Floors floors = new Floors();
    private final ModelGovernor governor = new ModelGovernor();
    private final Forecast<T> forecast;
    private final LineOutlook<T> outlook;
    private final Queue<Ticket<T>> leaving = new ArrayDeque<>();
    private final Tally tally = new Tally();
    private ThrottleSettings settings;
    private boolean closed;
    private long wakeUps;

    /**
     * An empty line before this budget, which takes over the settings.
     *
     * @param clock the one that the budget reads too
     */
    public Throttle(ThrottleSettings settings, RequestBudget budget, NanoClock clock) {
        this.settings = settings;
        this.budget = budget;
        this.clock = clock;
        this.lock = budget.lock();
        this.changed = budget.changed();
        this.forecast = new Forecast<>(line, floors, budget, governor);
        this.outlook = new LineOutlook<>(line, floors, forecast, governor);
        reconfigure(settings);
    }

    /** Like {@link #admit(Priority, Duration, String)}, for a request of which no model is known. */
    public Admission<T> admit(Priority priority, @Nullable Duration patience) {
        return admit(priority, patience, null);
    }

    /**
     * Decides at once what becomes of a request. {@link Admission.Queued} takes its place in the line now. A full queue
     * (also one of size 0) still takes a request that nobody waits before and that could be granted now: that one does
     * not wait.
     *
     * @param patience how long the client will wait, if it says so; 0 or less is never enough
     * @param model what it asks for, if that is known: as many of a model are in flight at a time as the provider takes.
     *        Whoever gives a model says {@link #finished} when a granted request has ended
     */
    public Admission<T> admit(Priority priority, @Nullable Duration patience, @Nullable String model) {
        lock.lock();
        try {
            if (closed) {
                return refuse(Refusals.shuttingDown());
            }
            long now = settledNow();
            long patienceNanos = patienceNanos(priority, patience);
            long startNanos = forecast.earliest(priority, now);
            if (line.size() >= settings.queueMax() && !goesNow(priority, model, now)) {
                return full(priority, patienceNanos, startNanos, now);
            }
            if (startNanos >= patienceNanos) {
                return refuse(Refusals.deadlineUnreachable(patienceNanos, budget.window().rule().limit(),
                        line.contendingAtOrAbove(priority) + 1, startNanos, startNanos - patienceNanos));
            }
            return place(new Ticket<>(this, tally.enqueued - tally.retried, priority, model, now, now + patienceNanos),
                    now);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A further try of a request that was granted and that the provider did not serve. It goes back to the head of its
     * class: it keeps number, arrival and deadline, so that it stands before all that arrived later, also in a full queue.
     * While it backs off it is skipped, but its deadline counts. What is {@link Admission.Queued} has a ticket of its
     * own, to be enqueued or abandoned like the first; what is {@link Admission.Refused} cannot be sent in time, and the
     * answer that the provider gave is the best there is. The try before is {@link #finished} with this; its slot is to
     * be ended as always.
     *
     * @param ticket the granted one; it can be retried once, whatever the answer
     * @param notBefore the back-off, jitter included; 0 or less means now
     * @return never {@link Admission.Bypassed}
     * @throws IllegalStateException if the ticket waits, left without a grant, or was retried before
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public Admission<T> retry(Ticket<T> ticket, Duration notBefore) {
        lock.lock();
        try {
            checkIssuer(ticket);
            if (!ticket.granted) {
                throw new IllegalStateException("only a granted ticket is retried, and only once");
            }
            ticket.granted = false;
            long now = settledNow();
            countOut(ticket, now);
            if (closed) {
                return new Admission.Refused<>(Refusals.shuttingDown());
            }
            long backOff = nanos(notBefore);
            long rest = ticket.deadlineNanos() - now;
            long start = Math.max(backOff, forecast.earliestAtHead(ticket.priority(), now));
            if (start >= rest) {
                return new Admission.Refused<>(
                        Refusals.retryTooLate(ticket.deadlineNanos() - ticket.arrivalNanos(), rest, start));
            }
            return placeAgain(ticket.again(now, now + backOff), now);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The call at the provider has ended, however it did, or was never made: it no longer counts as one of its model in
     * flight. Whoever is granted a ticket with a model says so once, or retries it; more calls change nothing.
     *
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public void finished(Ticket<T> ticket) {
        lock.lock();
        try {
            checkIssuer(ticket);
            countOut(ticket, settledNow());
        } finally {
            lock.unlock();
        }
    }

    /**
     * The provider refused this granted request because it runs no more of its model at a time: evidence for the cap of
     * that model, which holds back the others until one in flight ends. The call has {@link #finished} with this.
     *
     * @return whether it counts as evidence; not without a model, nor after the call has finished
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public boolean workerCapReached(Ticket<T> ticket) {
        lock.lock();
        try {
            checkIssuer(ticket);
            String model = ticket.model();
            if (model == null || !ticket.inFlight) {
                return false;
            }
            long now = settledNow();
            ticket.inFlight = false;
            governor.finished(model);
            governor.refused(model, now);
            holdOrRelease(model, now);
            releaseHeld(now);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Attaches what waits; from now on the ticket can be granted. If it has left the line meanwhile (abandoned, timed
     * out, shut down) it departs at once with that verdict.
     *
     * @throws IllegalStateException if this ticket was enqueued before
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public void enqueue(Ticket<T> ticket, T payload) {
        Objects.requireNonNull(payload, "payload");
        lock.lock();
        try {
            checkIssuer(ticket);
            if (ticket.payload != null) {
                throw new IllegalStateException("a ticket is enqueued only once");
            }
            ticket.payload = payload;
            if (ticket.fate == null) {
                line.makeReady(ticket);
            } else {
                leaving.add(ticket);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The client has gone away. A ticket that was enqueued departs with {@link Verdict.Abandoned}; one that was not just
     * leaves.
     *
     * @return whether it was still waiting
     * @throws IllegalArgumentException if the ticket is from another throttle
     */
    public boolean abandon(Ticket<T> ticket) {
        lock.lock();
        try {
            checkIssuer(ticket);
            if (!ticket.waits) {
                return false;
            }
            drop(ticket, new Verdict.Abandoned());
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until somebody leaves the line, asleep but for microseconds. Any number of threads may call it.
     *
     * @param timeout how long to wait at most; 0 or less only looks
     * @return who left, or null if nobody did in time, or before {@link #wakePollers}
     */
    public @Nullable Departure<T> poll(Duration timeout) throws InterruptedException {
        return poll(nanos(timeout));
    }

    /**
     * Waits until somebody leaves the line, or until {@link #wakePollers}. Any number of threads may call it.
     *
     * <p>
     * For virtual threads, on which each wait with a time limit is dear: the JDK wakes a thread of its own when one begins and
     * when it ends early (JDK 25, {@code ForkJoinPool.schedule}), which under load costs more than all else that is done here.
     * Here only what is due within two periods of {@link #WAKE_EVERY} is waited for that way; the wake-ups see to the rest.
     *
     * @return who left, or null if nobody did before that
     */
    public @Nullable Departure<T> poll() throws InterruptedException {
        return poll(FOREVER);
    }

    private @Nullable Departure<T> poll(long patience) throws InterruptedException {
        Departure<T> departure = null;
        lock.lockInterruptibly();
        try {
            long began = clock.nanoTime();
            long wakeUpsBefore = wakeUps;
            while (departure == null) {
                long now = clock.nanoTime();
                long rest = patience - (now - began);
                Next<T> next = step(now);
                if (next instanceof Next.Depart<T>(var left)) {
                    departure = left;
                } else if (rest <= 0 || wakeUps != wakeUpsBefore) {
                    return null;
                } else {
                    long nanos = next instanceof Next.WaitNanos<T>(var wait) ? Math.min(rest, wait) : rest;
                    if (nanos < SHORTEST_WAIT.toNanos()) {
                        yieldUnlocked();
                    } else if (patience == FOREVER && nanos > 2 * WAKE_EVERY.toNanos()) {
                        changed.await();
                    } else {
                        changed.awaitNanos(nanos);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
        announce(departure);
        return departure;
    }

    @SuppressWarnings("ThreadPriorityCheck") // cheaper than sleep, and no less right where nobody else is ready to run
    private void yieldUnlocked() {
        lock.unlock();
        try {
            Thread.yield();
        } finally {
            lock.lock();
        }
    }

    /** Ends every poll that waits, without a departure. */
    public void wakePollers() {
        lock.lock();
        try {
            wakeUps++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets somebody leave the line if somebody can leave now; otherwise says how long nobody can. Never waits. */
    public Next<T> next() {
        Next<T> next;
        lock.lock();
        try {
            next = step(clock.nanoTime());
        } finally {
            lock.unlock();
        }
        if (next instanceof Next.Depart<T>(var departure)) {
            announce(departure);
        }
        return next;
    }

    /**
     * Takes over new settings at once. Whoever waits keeps place and deadline, also where fewer may wait from now on.
     */
    public void reconfigure(ThrottleSettings newSettings) {
        lock.lock();
        try {
            settings = newSettings;
            budget.reconfigure(newSettings, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Refuses all who wait, those that back off before a further try included; they depart through {@link #poll}. Who is
     * admitted later is not affected, nor are slots handed out.
     */
    public void refuseWaiting(Refusal refusal) {
        lock.lock();
        try {
            dropAll(refusal);
        } finally {
            lock.unlock();
        }
    }

    /** Admits nobody more and refuses all who wait; they depart through {@link #poll}. Slots handed out stay valid. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            dropAll(Refusals.shuttingDown());
        } finally {
            lock.unlock();
        }
    }

    /** All figures of one moment. */
    public ThrottleSnapshot snapshot() {
        lock.lock();
        try {
            long now = settledNow();
            SendWindow window = budget.window();
            Map<Priority, Integer> waiting = new EnumMap<>(Priority.class);
            Map<Priority, Duration> longest = new EnumMap<>(Priority.class);
            for (Priority each : Priority.values()) {
                waiting.put(each, line.waiting(each));
                longest.put(each, Duration.ofNanos(outlook.longestWait(each, now)));
            }
            return new ThrottleSnapshot(window.tokens(now), window.rule().burst(),
                    new BudgetMinute(window.rule().limit(), window.used(now), nextSlot(now)),
                    budget.adaptive().snapshot(now),
                    settings.queueMax(), waiting, longest, tally.enqueued, tally.granted,
                    tally.dropped, tally.refusedFull, tally.refusedOther, grants(now), tally.bypassed,
                    budget.openSlots(), tally.retried, cappedModels());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Who waits, in the order in which they will probably be served; those come last of whom that cannot be said.
     *
     * @param most how many of them at most
     */
    public List<WaitingRequest> waiting(int most) {
        lock.lock();
        try {
            return outlook.first(most, settledNow());
        } finally {
            lock.unlock();
        }
    }

    /** How many wait, of all classes. */
    public int size() {
        lock.lock();
        try {
            return line.size();
        } finally {
            lock.unlock();
        }
    }

    // Everything below runs under the lock, but for announce.

    /** The time, and everything as it is at that time. */
    private long settledNow() {
        long now = clock.nanoTime();
        budget.at(now);
        settle(now);
        return now;
    }

    /** Lets whoever is due contend, and those of models that time has freed. */
    private void settle(long now) {
        if (governor.advance(now)) {
            releaseHeld(now);
        }
        boolean idle = isIdle();
        line.promote(now);
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
            governor.finished(model);
            holdOrRelease(model, now);
        }
    }

    /** Those of a full model are held back together, and released together when it no longer is. */
    private void holdOrRelease(String model, long now) {
        boolean idle = isIdle();
        if (governor.isFull(model)) {
            if (line.hold(model)) {
                forgetCredit();
            }
        } else if (line.release(model, now)) {
            changed.signalAll();
        }
        beginBusyAfter(idle, now);
    }

    private void releaseHeld(long now) {
        line.held().forEach(model -> holdOrRelease(model, now));
    }

    /** A class of which nobody is ready is owed nothing. */
    private void forgetCredit() {
        for (Priority each : Priority.values()) {
            if (!line.isReady(each)) {
                floors.emptied(each);
            }
        }
    }

    private Optional<Duration> nextSlot(long now) {
        SendWindow window = budget.window();
        long delay = SendWindow.NEVER;
        for (Priority each : Priority.values()) {
            if (line.isReady(each)) {
                delay = Math.min(delay, window.delay(each, line.contendingAtOrAbove(each), now));
            }
        }
        if (delay == SendWindow.NEVER) {
            delay = window.delay(Priority.NORMAL, 1, now);
        }
        return delay == SendWindow.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(Math.max(0, delay)));
    }

    private List<CappedModel> cappedModels() {
        return governor.capped().stream().map(model -> new CappedModel(model, governor.cap(model),
                governor.inFlight(model), line.readyOf(model))).toList();
    }

    /** Whether nobody of high or normal class contends. */
    private boolean isIdle() {
        return line.contendingAtOrAbove(Priority.NORMAL) == 0;
    }

    private Admission<T> place(Ticket<T> ticket, long now) {
        beginBusy(ticket, now);
        var queued = new Admission.Queued<>(ticket, forecast.position(ticket.priority(), ticket.model(), now),
                Duration.ofNanos(forecast.expected(ticket.priority(), ticket.model(), now)));
        add(ticket, now);
        return queued;
    }

    private Admission<T> placeAgain(Ticket<T> ticket, long now) {
        beginBusy(ticket, now);
        var queued = new Admission.Queued<>(ticket, forecast.positionAtHead(ticket.priority()),
                Duration.ofNanos(forecast.expectedAtHead(ticket, now)));
        add(ticket, now);
        tally.retried++;
        return queued;
    }

    /** The first of high or normal class that contends begins a busy period of the budget. */
    private void beginBusy(Ticket<T> ticket, long now) {
        if (ticket.priority() != Priority.LOW && ticket.dueNanos() - now <= 0 && isIdle()) {
            budget.window().busy(now);
        }
    }

    private void add(Ticket<T> ticket, long now) {
        line.add(ticket, now);
        tally.enqueued++;
    }

    private Admission<T> full(Priority priority, long patienceNanos, long startNanos, long now) {
        if (settings.passthroughWhenFull()) {
            tally.bypassed++;
            return new Admission.Bypassed<>(budget.bypass(priority));
        }
        tally.refusedFull++;
        long placeFree = budget.window().startDelay(1, 0, now);
        return new Admission.Refused<>(Refusals.queueFull(line.size(), settings.queueMax(),
                Math.max(placeFree, startNanos - patienceNanos)));
    }

    private Admission<T> refuse(Refusal refusal) {
        tally.refusedOther++;
        return new Admission.Refused<>(refusal);
    }

    private boolean goesNow(Priority priority, @Nullable String model, long now) {
        return line.contendingAtOrAbove(Priority.LOW) == 0 && forecast.goesNow(priority, model, now);
    }

    private Next<T> step(long now) {
        long unchanged = budget.at(now);
        settle(now);
        expire(now);
        Ticket<T> left = leaving.poll();
        if (left != null) {
            return depart(left, Objects.requireNonNull(left.fate), now);
        }
        return serve(unchanged, now);
    }

    private void expire(long now) {
        for (Ticket<T> t = line.nearestDeadline(); t != null && t.deadlineNanos() - now <= 0; t = line
                .nearestDeadline()) {
            drop(t, new Verdict.Refused(timeout(t, now)));
        }
    }

    private Refusal timeout(Ticket<T> ticket, long now) {
        long patience = ticket.deadlineNanos() - ticket.arrivalNanos();
        String model = ticket.model();
        if (model != null && governor.isFull(model)) {
            return Refusals.modelTimeout(patience, governor.cap(model), governor.cooling(model, now));
        }
        return Refusals.queueTimeout(patience, budget.window().rule().limit(), line.size() - 1,
                forecast.earliest(ticket.priority(), now) - patience);
    }

    private Next<T> serve(long unchanged, long now) {
        SendWindow window = budget.window();
        long[] delays = new long[Priority.values().length];
        long wait = Long.MAX_VALUE; // what changes in the budget concerns only who is ready
        for (Priority each : Priority.values()) {
            if (line.isReady(each)) {
                delays[each.rank()] = window.delay(each, line.contendingAtOrAbove(each), now);
                wait = Math.min(wait, Math.min(Math.max(1, unchanged), delays[each.rank()]));
            }
        }
        Priority chosen = floors.choose(line::isReady, each -> delays[each.rank()] <= 0);
        if (chosen != null) {
            return grant(chosen, delays[chosen.rank()], now);
        }
        Ticket<T> nearest = line.nearestDeadline();
        if (nearest == null) {
            return new Next.Idle<>();
        }
        wait = Math.min(wait, nearest.deadlineNanos() - now);
        Ticket<T> due = line.nearestDue();
        if (due != null) {
            wait = Math.min(wait, due.dueNanos() - now);
        }
        if (line.hasParked()) {
            wait = Math.min(wait, governor.nanosToChange(now));
        }
        return new Next.WaitNanos<>(wait);
    }

    private Next<T> grant(Priority priority, long delay, long now) {
        Ticket<T> ticket = line.first(priority);
        long late = Math.min(-delay, now - line.readySince(priority));
        floors.served(priority, line::isReady);
        remove(ticket);
        tally.granted++;
        ticket.granted = true;
        String model = ticket.model();
        if (model != null) {
            ticket.inFlight = true;
            governor.started(model);
            holdOrRelease(model, now);
        }
        return depart(ticket, new Verdict.Granted(budget.grant(priority, late, now)), now);
    }

    private Next<T> depart(Ticket<T> ticket, Verdict verdict, long now) {
        ticket.waitedNanos = ticket.waitedBy(now);
        return new Next.Depart<>(new Departure<>(ticket, Objects.requireNonNull(ticket.payload), verdict,
                Duration.ofNanos(ticket.waitedNanos)));
    }

    private void dropAll(Refusal refusal) {
        Verdict verdict = new Verdict.Refused(refusal);
        for (Ticket<T> t = line.nearestDeadline(); t != null; t = line.nearestDeadline()) {
            drop(t, verdict);
        }
        changed.signalAll();
    }

    /** Leaves the line without a slot; departs now if it has a payload, otherwise when it gets one. */
    private void drop(Ticket<T> ticket, Verdict verdict) {
        remove(ticket);
        tally.dropped++;
        ticket.fate = verdict;
        if (ticket.payload != null) {
            leaving.add(ticket);
        }
    }

    private void remove(Ticket<T> ticket) {
        line.remove(ticket);
        if (!line.isReady(ticket.priority())) {
            floors.emptied(ticket.priority());
        }
    }

    /** False when somebody has been ready for longer than any rule makes a first one wait, and nothing was granted. */
    private boolean grants(long now) {
        SendWindow window = budget.window();
        long idle = now - window.grantedAt();
        for (Priority each : Priority.values()) {
            if (line.isReady(each)
                    && Math.min(idle, now - line.readySince(each)) > BudgetRule.SPAN + window.rule().even()) {
                return false;
            }
        }
        return true;
    }

    private long patienceNanos(Priority priority, @Nullable Duration patience) {
        Duration timeout = settings.timeoutOf(priority);
        return patience == null || patience.compareTo(timeout) > 0 ? timeout.toNanos() : nanos(patience);
    }

    /** From 0 to a hundred years, so that it can be added to a reading of the clock. */
    private static long nanos(Duration duration) {
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

    /** Tells the budget's listeners, outside the lock. */
    private void announce(Departure<T> departure) {
        switch (departure.verdict()) {
            case Verdict.Granted _ -> budget.events().success(1);
            case Verdict.Refused _ -> budget.events().failure(1);
            case Verdict.Abandoned _ -> {
            }
        }
    }

    /** What has happened so far. */
    private static final class Tally {
        long enqueued;
        long granted;
        long dropped;
        long refusedFull;
        long refusedOther;
        long bypassed;
        long retried;
    }
}
