package dev.sidecar.throttle;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The provider's limit as a resilience4j {@link RateLimiter}: never more than the limit in any 60 s, measured at the
 * provider. The rules are those of {@link SendWindow}. Thread-safe.
 *
 * <p>
 * A {@link Throttle} hands its slots out in order of priority; the {@link RateLimiter} methods take permits from the same
 * budget beside that line, at once when there are some, and count them as sent when they are taken.
 *
 * <h2>The lock</h2>
 * One lock guards the window here and the line of the throttle on top of it, so that a decision about both is one step.
 * The condition {@code changed} says that something may now be possible earlier than it was. No listener, and nothing
 * that blocks, runs under the lock.
 */
public final class RequestBudget implements RateLimiter {

    private static final Duration NO_PATIENCE = Duration.ZERO;

    private final String name;
    private final NanoClock clock;
    private final BudgetEvents events;
    private final Metrics metrics = new BudgetMetrics();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    private final SendWindow window;
    private final AdaptiveLimit adaptive;
    private Bypasses bypasses = new Bypasses();
    private int burst;
    private RateLimiterConfig config;
    private int openSlots;
    private int waitingThreads;

    /** A budget from which nothing has been sent. */
    public RequestBudget(String name, ThrottleSettings settings, NanoClock clock) {
        this.name = name;
        this.clock = clock;
        this.events = new BudgetEvents(name);
        this.burst = settings.burstCapacity();
        this.adaptive = new AdaptiveLimit(settings, clock.nanoTime());
        this.window = new SendWindow(rule(), clock.nanoTime());
        this.config = config(settings.limitPerMinute(), NO_PATIENCE);
    }

    // What the throttle does, under the lock.

    ReentrantLock lock() {
        return lock;
    }

    Condition changed() {
        return changed;
    }

    SendWindow window() {
        return window;
    }

    BudgetEvents events() {
        return events;
    }

    AdaptiveLimit adaptive() {
        return adaptive;
    }

    long now() {
        return clock.nanoTime();
    }

    /** The passage of time; answers how long nothing more changes by itself. */
    long at(long now) {
        adaptive.at(now);
        follow(now);
        return adaptive.delay(now);
    }

    /** Slots handed out and not yet ended. */
    int openSlots() {
        return openSlots;
    }

    Slot grant(Priority priority, long late, long now) {
        openSlots++;
        return new BudgetSlot(this, priority, window.grant(priority, late, now), false);
    }

    /** Whether one more may go beside the full queue. */
    boolean mayBypass(long now) {
        return adaptive.pausedUntil() - now <= 0 && bypasses.mayGo(window.rule().limit(), now);
    }

    Slot bypass(Priority priority) {
        openSlots++;
        bypasses.granted(clock.nanoTime());
        return new BudgetSlot(this, priority, window.bypass(), true);
    }

    /** Takes over limit, burst capacity and pacing. */
    void reconfigure(ThrottleSettings settings, long now) {
        burst = settings.burstCapacity();
        if (settings.limitPerMinute() != adaptive.operatorLimit()) {
            bypasses = new Bypasses(); // what was learned of the limit before says nothing about this one
        }
        adaptive.reconfigure(settings, now);
        follow(now);
        changed.signalAll();
    }

    /** Lets the window go by what has been learned. */
    private void follow(long now) {
        window.pause(adaptive.pausedUntil());
        BudgetRule rule = window.rule();
        if (!rule.isFor(adaptive.level(), burst, adaptive.isPaced())) {
            rule = rule();
            window.change(rule, now);
            config = config(rule.limit(), config.getTimeoutDuration());
            changed.signalAll();
        }
    }

    private BudgetRule rule() {
        return BudgetRule.of(adaptive.level(), burst, adaptive.isPaced());
    }

    /** The rule that holds again when everything learned is forgotten: the operator's rate, as evenly as now. */
    BudgetRule baseRule() {
        return BudgetRule.of(adaptive.operatorLimit(), burst, adaptive.isPaced());
    }

    private static RateLimiterConfig config(int limit, Duration timeout) {
        return RateLimiterConfig.custom().limitForPeriod(limit)
                .limitRefreshPeriod(Duration.ofNanos(BudgetRule.PERIOD)).timeoutDuration(timeout).build();
    }

    // What a slot says, under the lock.

    /** @param writing how long it took to be written */
    ArrivalLog.Sent sent(Pace before, boolean bypassed, long writing, long now) {
        adaptive.sent();
        ArrivalLog.Sent sent = bypassed ? window.bypassSent(writing, now) : window.sent(before, writing, now);
        if (bypassed) {
            bypasses.sent(now);
        }
        changed.signalAll();
        return sent;
    }

    void returned(Priority priority, Pace before, boolean bypassed) {
        if (bypassed) {
            window.bypassGivenBack();
        } else {
            window.giveBack(before, priority);
        }
        changed.signalAll();
    }

    void ended() {
        openSlots--;
    }

    void accepted(ArrivalLog.Sent sent, int sentBefore, RateLimitSignal signal) {
        openSlots--;
        long now = clock.nanoTime();
        window.answered(sent, now);
        adaptive.accepted(sentBefore, sent.at(), signal, now);
        follow(now);
    }

    void refused(ArrivalLog.Sent sent, int sentBefore, RateLimitSignal signal) {
        openSlots--;
        long now = clock.nanoTime();
        window.answered(sent, now);
        if (bypasses.spoil(sent.at())) {
            adaptive.refusedBesideOthers(sent.at(), signal, window.rule().even(), now);
        } else {
            boolean insideLimit = sentBefore < window.rule().limit();
            adaptive.refused(sentBefore, sent.at(), insideLimit, signal, window.rule().even(), now);
        }
        bypasses.refused(now);
        follow(now);
        changed.signalAll();
    }

    /** The provider let in what went beside the queue. */
    void bypassAccepted(ArrivalLog.Sent sent, RateLimitSignal signal) {
        openSlots--;
        long now = clock.nanoTime();
        window.answered(sent, now);
        adaptive.bypassAccepted(sent.at(), signal, now);
        follow(now);
    }

    /** The provider refused what went beside the queue, which says nothing about its limit. */
    void bypassRefused(ArrivalLog.Sent sent, RateLimitSignal signal) {
        openSlots--;
        long now = clock.nanoTime();
        window.bypassRefused(sent, now);
        bypasses.refused(now);
        adaptive.bypassRefused(sent.at(), signal, now);
        follow(now);
        changed.signalAll();
    }

    // What every resilience4j user knows.

    /** Changes how long {@link #acquirePermission} waits; nobody who waits already is affected. */
    @Override
    public void changeTimeoutDuration(Duration timeoutDuration) {
        lock.lock();
        try {
            config = config(window.rule().limit(), timeoutDuration);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Changes the limit at once: what was sent in the trailing window counts against the new one.
     *
     * @param limitForPeriod requests per minute, 1 to 1 000 000
     */
    @Override
    public void changeLimitForPeriod(int limitForPeriod) {
        ThrottleSettings.checkRange("limitPerMinute", limitForPeriod, 1);
        lock.lock();
        try {
            long now = clock.nanoTime();
            adaptive.rebase(limitForPeriod, now);
            follow(now);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes this many permits together, waiting for them as long as the configured timeout (0 unless changed). An
     * interrupt ends the wait and leaves the thread interrupted.
     *
     * @return whether they were taken
     */
    @Override
    public boolean acquirePermission(int permits) {
        boolean taken = waitAndTake(permits);
        if (taken) {
            events.success(permits);
        } else {
            events.failure(permits);
        }
        return taken;
    }

    private boolean waitAndTake(int permits) {
        checkPermits(permits);
        lock.lock();
        waitingThreads++;
        try {
            long began = clock.nanoTime();
            long patience = patience(config);
            while (true) {
                long now = clock.nanoTime();
                long delay = window.takeDelay(permits, now);
                if (delay <= 0) {
                    window.take(permits, now);
                    return true;
                }
                long rest = patience - (now - began);
                if (rest <= 0) {
                    return false;
                }
                changed.awaitNanos(Math.min(delay, rest));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            waitingThreads--;
            lock.unlock();
        }
    }

    /**
     * Takes this many permits together, now or at a later time within the configured timeout; the caller must wait for
     * that time itself. A reservation in the future stands before everybody who waits in a line.
     *
     * @return nanoseconds until the permits may be used, or -1 if that is later than the timeout
     */
    @Override
    public long reservePermission(int permits) {
        checkPermits(permits);
        long delay;
        boolean taken;
        lock.lock();
        try {
            long now = clock.nanoTime();
            delay = Math.max(0, window.takeDelay(permits, now));
            taken = delay <= patience(config);
            if (taken) {
                window.take(permits, now + delay);
            }
        } finally {
            lock.unlock();
        }
        if (taken) {
            events.success(permits);
            return delay;
        }
        events.failure(permits);
        return -1;
    }

    /** Counts everything that is left as sent now. */
    @Override
    public void drainPermissions() {
        int drained;
        lock.lock();
        try {
            long now = clock.nanoTime();
            drained = window.left(now);
            if (drained > 0) {
                window.take(drained, now);
            }
        } finally {
            lock.unlock();
        }
        events.drained(drained);
    }

    @Override
    public String getName() {
        return name;
    }

    /** The limit in force, over 60 s. */
    @Override
    public RateLimiterConfig getRateLimiterConfig() {
        lock.lock();
        try {
            return config;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Map<String, String> getTags() {
        return Map.of();
    }

    @Override
    public Metrics getMetrics() {
        return metrics;
    }

    @Override
    public EventPublisher getEventPublisher() {
        return events;
    }

    private static void checkPermits(int permits) {
        if (permits < 1) {
            throw new IllegalArgumentException("permits must be at least 1: " + permits);
        }
    }

    private static long patience(RateLimiterConfig config) {
        Duration timeout = config.getTimeoutDuration();
        Duration longest = Duration.ofDays(365);
        return (timeout.compareTo(longest) < 0 ? timeout : longest).toNanos();
    }

    private final class BudgetMetrics implements Metrics {

        /** Threads inside {@link #acquirePermission}; those who wait in a throttle's line are not threads. */
        @Override
        public int getNumberOfWaitingThreads() {
            lock.lock();
            try {
                return waitingThreads;
            } finally {
                lock.unlock();
            }
        }

        /** What is left of the trailing window, never negative. */
        @Override
        public int getAvailablePermissions() {
            lock.lock();
            try {
                return window.left(clock.nanoTime());
            } finally {
                lock.unlock();
            }
        }
    }
}
