package dev.sidecar.throttle.order;

import dev.sidecar.throttle.budget.SlidingWindow;
import dev.sidecar.throttle.pool.KeyUser;
import dev.sidecar.throttle.pool.ModelConcurrency;
import dev.sidecar.throttle.pool.Pool;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The queue before one provider: which of its requests goes next, by floors and shares of its own, and when. A request
 * stands in every lane that may serve it, and leaves all of them with the first slot. Not thread-safe: part of its {@link
 * Lanes}. All times in nanoseconds.
 */
final class Lane<T> {

    /** While the circuit is open and others can serve, one request so often finds out whether the provider is well. */
    static final long PROBE_EVERY = 1_000_000_000L;
    /** An estimate looks at no more requests of a class. */
    private static final int MOST_COUNTED = 1000;
    /** A time that can be compared. */
    private static final long LONGEST = Long.MAX_VALUE / 4;

    final String provider;
    final Pool pool;
    final ModelConcurrency models;
    final WaitQueue<T> queue = new WaitQueue<>();
    final ClassFloors floors = new ClassFloors();
    final WaitEstimator<T> estimator;
    final Deadlines<T> deadlines;
    final Contenders<T> contenders;
    private final long fallbackAfter;
    private final BudgetChanges changes;
    /** When one that was put off may have a slot at the latest, if no budget changes before. */
    private long putOffUntil;
    /** The changes of budgets that were known when the latest was put off. */
    private long putOffAt;
    private boolean waitsForTokens;
    private boolean circuitOpen;
    private long closedUntil;

    /** @param changed told when a request may leave the queue sooner than was said */
    Lane(String provider, Pool pool, ModelConcurrency models, OwnLimits limits, long fallbackAfter,
            BudgetChanges changed, long now) {
        this.changes = changed;
        this.putOffUntil = now + LONGEST;
        this.provider = provider;
        this.pool = pool;
        this.models = models;
        this.fallbackAfter = fallbackAfter;
        this.estimator = new WaitEstimator<>(queue, floors, pool, models);
        this.deadlines = new Deadlines<>(queue, estimator, pool, models, limits);
        this.contenders = new Contenders<>(queue, floors, models, pool, changed);
    }

    /** How long a request waits for the lanes before this one. */
    long fallbackAfter() {
        return fallbackAfter;
    }

    /** The provider is sent nothing for so long. */
    void circuitOpened(long openFor, long now) {
        circuitOpen = true;
        closedUntil = now + openFor;
    }

    /** The provider is well again. */
    void circuitClosed() {
        circuitOpen = false;
    }

    /** Takes over the circuit of a lane that this one replaces. */
    void circuitOf(Lane<T> before) {
        circuitOpen = before.circuitOpen;
        closedUntil = before.closedUntil;
    }

    boolean isCircuitOpen() {
        return circuitOpen;
    }

    /** The time until a request may be sent as far as the circuit is concerned, 0 if now. */
    long closedFor(long now) {
        return circuitOpen ? Math.max(0, closedUntil - now) : 0;
    }

    /** A request that others could serve as well was granted; it may find out whether the provider is well. */
    void probed(long now) {
        if (circuitOpen) {
            closedUntil = now + PROBE_EVERY;
        }
    }

    /** Whether the next lane need not wait for this one: it will serve nobody for longer than this. */
    boolean isBlockedFor(long nanos, long now) {
        return circuitOpen || pool.keys().allOut() || pool.pausesLongerThan(nanos, now);
    }

    /** Whether a slot is free and only the gap after the grant before holds it back. */
    boolean isAboutToServe(long delay, long now) {
        return delay <= pool.largestGap() && pool.left(now) > 0;
    }

    /** Who wants to use a key of this lane. */
    static KeyUser user(Place<?> place) {
        return user(place.ticket, place.model());
    }

    /** @param model the lane's name for the model */
    static KeyUser user(Ticket<?> ticket, @Nullable String model) {
        return new KeyUser(ticket.client().name(), model, ticket.serving().primaryOnly(), ticket.refusedBy());
    }

    /** What pays for the first request of a class, which may go now; null if only accounts that it may not use have a slot. */
    Pool.@Nullable Paying paying(Place<T> head, long now) {
        boolean low = head.priority().isLow();
        return head.isLastResort()
                ? pool.choosePrimary(low, head.ticket.tokens(), now)
                : pool.choose(low, queue.inTurnAtOrAbove(head.priority()), head.ticket.paidBefore(), user(head),
                        head.ticket.tokens(), now);
    }

    /**
     * The time until there are tokens for the first request of a class, which has a slot; 0 if it has none. Those behind
     * it wait too: otherwise small requests would keep a large one waiting for ever.
     */
    long tokenDelay(Place<T> head, long now) {
        long delay = pool.tokenDelay(head.priority().isLow(), user(head), head.isLastResort(), head.ticket.tokens(),
                now);
        waitsForTokens = delay > 0;
        return delay;
    }

    /** The time until there are probably tokens for a newcomer and for all before it; 0 if they are not limited. */
    long tokenStart(Place<T> newcomer, long now) {
        if (!pool.limitsTokens()) {
            return 0;
        }
        long tokens = pool.tokensOf(newcomer.ticket.tokens());
        for (Priority each : Priority.values()) {
            Iterator<Place<T>> before = queue.everybody(each);
            for (int i = 0; i < MOST_COUNTED && each.rank() <= newcomer.priority().rank() && before.hasNext(); i++) {
                tokens += pool.tokensOf(before.next().ticket.tokens());
            }
        }
        return pool.tokenStart(tokens, now);
    }

    /** Whether the next request has a slot, and waits for tokens. */
    boolean waitsForTokens() {
        return waitsForTokens;
    }

    /** The first request of a class is not ready until an account that it may use may have a slot. */
    void putOff(Place<T> head, long now) {
        boolean low = head.priority().isLow();
        long delay = head.isLastResort() ? pool.primaryDelay(low, now) : pool.delayFor(low, user(head), now);
        queue.putOff(head);
        forgetCredit(head.priority());
        putOffUntil = Math.min(putOffUntil, now + Math.min(delay, LONGEST));
        putOffAt = changes.count();
    }

    /** Those that were put off are ready again when a budget has changed, or its time has come. */
    void bringBack(long now) {
        waitsForTokens = false;
        if (queue.hasPutOff() && (changes.count() != putOffAt || putOffUntil - now <= 0)) {
            queue.bringBack();
            putOffUntil = now + LONGEST;
        }
    }

    /** The estimates for a request: by the accounts that it may use. */
    WaitEstimator<T> estimatorFor(Place<T> place, long now) {
        Pool payable = pool.payableBy(user(place), place.isLastResort(), now);
        return payable.equals(pool) ? estimator : new WaitEstimator<>(queue, floors, payable, models, true);
    }

    /** The time until a request becomes due, or a model may run more. */
    long nanosToChange(long now) {
        Place<T> due = queue.nearestDue();
        long change = due == null ? SlidingWindow.NEVER : due.dueNanos() - now;
        if (queue.hasPutOff() && closedFor(now) == 0) {
            change = Math.min(change, Math.max(1, putOffUntil - now));
        }
        return queue.hasParked() ? Math.min(change, models.nanosToChange(now)) : change;
    }

    /** A class without a ready request keeps no credit. */
    void forgetCredit(Priority priority) {
        if (!queue.isReady(priority)) {
            floors.emptied(priority);
        }
    }
}
