package dev.sidecar.throttle;

import dev.sidecar.throttle.order.Departure;
import dev.sidecar.throttle.order.Next;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * How threads wait for the next departure: parked on the throttle's condition until the step can act again.
 * Thread-safe, by the throttle's lock.
 *
 * <p>
 * A timed wait is expensive on a virtual thread: the JDK wakes a helper thread when the wait begins and when it ends
 * early (JDK 25, {@code ForkJoinPool.schedule}). So a poll without a time-out uses a timed wait only for events within
 * two periods of {@link #WAKE_EVERY}. The regular wake-ups cover later events.
 */
final class Poller<T> {

    static final Duration WAKE_EVERY = Duration.ofSeconds(1);

    static final long FOREVER = Long.MAX_VALUE;

    /** Shorter than going to sleep and waking up. Waits this short occur only at thousands of grants a second. */
    private static final Duration SHORTEST_WAIT = Duration.ofNanos(50_000);

    private final ReentrantLock lock;
    private final Condition changed;
    private final NanoClock clock;
    private final LongFunction<Next<T>> step;
    private long wakeUps;

    /**
     * @param changed signalled when a request may leave sooner than the step has said
     * @param step decides what happens at the given time; called under the lock
     */
    Poller(ReentrantLock lock, Condition changed, NanoClock clock, LongFunction<Next<T>> step) {
        this.lock = lock;
        this.changed = changed;
        this.clock = clock;
        this.step = step;
    }

    /** @param patience in nanoseconds; 0 or less returns at once */
    @Nullable
    Departure<T> poll(long patience) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long start = clock.nanoTime();
            long wakeUpsBefore = wakeUps;
            while (true) {
                long now = clock.nanoTime();
                long remaining = patience - (now - start);
                Next<T> next = step.apply(now);
                if (next instanceof Next.Depart<T>(var left)) {
                    return left;
                }
                if (remaining <= 0 || wakeUps != wakeUpsBefore) {
                    return null;
                }
                await(next instanceof Next.WaitNanos<T>(var nanos) ? Math.min(remaining, nanos) : remaining, patience);
            }
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the loop is in poll
    private void await(long nanos, long patience) throws InterruptedException {
        if (nanos < SHORTEST_WAIT.toNanos()) {
            yieldUnlocked();
        } else if (patience == FOREVER && nanos > 2 * WAKE_EVERY.toNanos()) {
            changed.await();
        } else {
            changed.awaitNanos(nanos);
        }
    }

    @SuppressWarnings("ThreadPriorityCheck") // cheaper than sleeping
    private void yieldUnlocked() {
        lock.unlock();
        try {
            Thread.yield();
        } finally {
            lock.lock();
        }
    }

    /** Ends every waiting poll, without a departure. */
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
