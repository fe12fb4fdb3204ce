package dev.sidecar.throttle;

import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How threads wait for the next departure: parked on the throttle's condition, for as long as the step says that nothing changes.
 * Thread-safe, by the throttle's lock.
 *
 * <p>
 * A wait with a time limit is dear on a virtual thread: the JDK wakes a thread of its own when one begins and when it ends early
 * (JDK 25, {@code ForkJoinPool.schedule}). So a poll without a time-out waits that way only for what is due within two periods of
 * {@link #WAKE_EVERY}; the regular wake-ups see to the rest.
 */
final class Poller<T> {

    static final Duration WAKE_EVERY = Duration.ofSeconds(1);

    static final long FOREVER = Long.MAX_VALUE;

    /** Less than it takes to go to sleep and wake up again; it is waited for only where thousands a second are let through. */
    private static final Duration SHORTEST_WAIT = Duration.ofNanos(50_000);

    private final ReentrantLock lock;
    private final Condition changed;
    private final NanoClock clock;
    private final LongFunction<Next<T>> step;
    private long wakeUps;

    /**
     * @param changed signalled when somebody may leave sooner than the step has said
     * @param step what can be done at this time; called under the lock
     */
    Poller(ReentrantLock lock, Condition changed, NanoClock clock, LongFunction<Next<T>> step) {
        this.lock = lock;
        this.changed = changed;
        this.clock = clock;
        this.step = step;
    }

    /** @param patience in nanoseconds; 0 or less only looks */
    @Nullable
    Departure<T> poll(long patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long began = clock.nanoTime();
            long wakeUpsBefore = wakeUps;
            while (true) {
                long now = clock.nanoTime();
                long rest = patience - (now - began);
                Next<T> next = step.apply(now);
                if (next instanceof Next.Depart<T>(var left)) {
                    return left;
                }
                if (rest <= 0 || wakeUps != wakeUpsBefore) {
                    return null;
                }
                await(next instanceof Next.WaitNanos<T>(var nanos) ? Math.min(rest, nanos) : rest, patience);
            }
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the loop is poll's
    private void await(long nanos, long patience) throws InterruptedException {
        if (nanos < SHORTEST_WAIT.toNanos()) {
            yieldUnlocked();
        } else if (patience == FOREVER && nanos > 2 * WAKE_EVERY.toNanos()) {
            changed.await();
        } else {
            changed.awaitNanos(nanos);
        }
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
    void wakeUp() {
        lock.lock();
        try {
            wakeUps++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
