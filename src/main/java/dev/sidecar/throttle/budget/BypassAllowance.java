package dev.sidecar.throttle.budget;

import dev.sidecar.throttle.count.TimestampRing;
/**
 * The bypass of a full queue: how many requests may use it, and which refusals it causes. Not thread-safe, no clock;
 * all times in nanoseconds.
 *
 * <p>
 * In any 60 s at most a quarter of the limit goes beside the queue, so that waiting requests get at least three
 * quarters. After a refusal nothing goes beside it for two windows. A refusal means that the provider allows no more
 * than the queue uses. The second of these windows shows what it allows to the queue alone.
 */
public final class BypassAllowance {

    private static final int PART = 4;
    private static final long QUIET = 2 * BudgetRule.SPAN;

    /** Grants of the trailing window, oldest first. */
    private final TimestampRing granted = new TimestampRing();
    private boolean quiet;
    private long quietUntil;
    private boolean sentBefore;
    private long sentAt;

    /** Whether one more request may go beside the queue, judging by earlier ones. */
    public boolean mayGo(int limit, long now) {
        if (quiet && quietUntil - now <= 0) {
            quiet = false;
        }
        while (granted.size() > 0 && now - granted.get(0) >= BudgetRule.SPAN) {
            granted.dropOldest();
        }
        return !quiet && granted.size() < Math.max(1, limit / PART);
    }

    /** A request goes beside the queue. */
    public void granted(long now) {
        granted.append(now);
    }

    /** A request beside the queue has been sent. */
    void sent(long now) {
        sentBefore = true;
        sentAt = now;
    }

    /** The provider refused a request, from the queue or beside it. */
    public void refused(long now) {
        quiet = true;
        quietUntil = now + QUIET;
    }

    /**
     * Whether a bypass may be the cause of a refusal for the queue: the provider still counted a bypassed request, or
     * one overtook the refused request.
     */
    boolean spoil(long queueSentAt) {
        return sentBefore && queueSentAt - sentAt < BudgetRule.SPAN;
    }
}
