package dev.sidecar.throttle;

import dev.sidecar.throttle.budget.Budget;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.ClassFloors;
import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.QueueScheduler;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import dev.sidecar.throttle.order.WaitingRequest;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Order and budget in one: requests are admitted, wait in the queue of their class, and leave it one by one with a slot of
 * the {@link Budget} or with the reason why there is none. Who is next is decided when the budget frees, not
 * before: the highest class that waits, in it the longest waiting, with the {@link ClassFloors} that keep every class moving.
 *
 * <p>
 * Thread-safe: the lock here is the only one, and guards queue and budget together, so that a decision about both is one step. Nothing
 * that blocks runs under it. All below is without lock and clock: the time is passed in. A ticket that was enqueued departs exactly once, with
 * exactly one {@link Verdict}.
 *
 * @param <T> what waits
 */
public final class Throttle<T> {

    /** How often to {@link #wakePollers} where one {@linkplain #poll() polls without a time-out}. */
    public static final Duration WAKE_EVERY = Poller.WAKE_EVERY;

    final Budget budget; // these three are seen by tests
    final ReentrantLock lock = new ReentrantLock();
    final Condition changed = lock.newCondition();
    private final NanoClock clock;
    private final QueueScheduler<T> scheduler;
    private final Poller<T> poller;

    /** An empty queue before an unused budget. */
    public Throttle(ThrottleSettings settings, NanoClock clock) {
        this.clock = clock;
        this.budget = new Budget(settings.budget(), clock.nanoTime());
        this.scheduler = new QueueScheduler<>(settings, budget, slot -> new GuardedSlot(slot, lock, clock),
                changed::signalAll);
        this.poller = new Poller<>(lock, changed, clock, scheduler::step);
        budget.whenSooner(changed::signalAll);
    }

    /** Like {@link #admit(Priority, Duration, String)}, for a request of which no model is known. */
    public Admission<T> admit(Priority priority, @Nullable Duration patience) {
        return admit(priority, patience, null);
    }

    /**
     * Decides at once what becomes of a request. {@link Admission.Queued} takes its place in the queue now. A full queue
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
            return scheduler.admit(priority, patience, model, clock.nanoTime());
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
            return scheduler.retry(ticket, notBefore, clock.nanoTime());
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
            scheduler.finished(ticket, clock.nanoTime());
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
            return scheduler.workerCapReached(ticket, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Attaches what waits; from now on the ticket can be granted. If it has left the queue meanwhile (abandoned, timed
     * out, shut down) it departs at once with that verdict.
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
     * The client has gone away. A ticket that was enqueued departs with {@link Verdict.Abandoned}; one that was not just
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
     * Waits until somebody leaves the queue, asleep but for microseconds. Any number of threads may call it.
     *
     * @param timeout how long to wait at most; 0 or less only looks
     * @return who left, or null if nobody did in time, or before {@link #wakePollers}
     */
    public @Nullable Departure<T> poll(Duration timeout) throws InterruptedException {
        return poller.poll(QueueScheduler.nanos(timeout));
    }

    /**
     * Waits until somebody leaves the queue, or until {@link #wakePollers}. Any number of threads may call it.
     *
     * @return who left, or null if nobody did before that
     */
    public @Nullable Departure<T> poll() throws InterruptedException {
        return poller.poll(Poller.FOREVER);
    }

    /** Ends every poll that waits, without a departure. */
    public void wakePollers() {
        poller.wakeUp();
    }

    /** Lets somebody leave the queue if somebody can leave now; otherwise says how long nobody can. Never waits. */
    public Next<T> next() {
        lock.lock();
        try {
            return scheduler.step(clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes over new settings at once: what was sent counts against the new limit. Whoever waits keeps place and deadline, also where fewer may wait from now on.
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
     * Counts all that is left of the window as sent now, for when somebody else has used it. Those who wait go on when it comes
     * back.
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
     * Refuses all who wait, those that back off before a further try included; they depart through {@link #poll}. Who is
     * admitted later is not affected, nor are slots handed out.
     */
    public void refuseWaiting(Refusal refusal) {
        lock.lock();
        try {
            scheduler.refuseWaiting(refusal);
        } finally {
            lock.unlock();
        }
    }

    /** Admits nobody more and refuses all who wait; they depart through {@link #poll}. Slots handed out stay valid. */
    public void close() {
        lock.lock();
        try {
            scheduler.close();
        } finally {
            lock.unlock();
        }
    }

    /** All figures of one moment. */
    public ThrottleSnapshot snapshot() {
        lock.lock();
        try {
            return scheduler.snapshot(clock.nanoTime());
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
            return scheduler.waiting(most, clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    /** How many wait, of all classes. */
    public int size() {
        lock.lock();
        try {
            return scheduler.size();
        } finally {
            lock.unlock();
        }
    }
}
