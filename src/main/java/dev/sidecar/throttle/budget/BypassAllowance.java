package dev.sidecar.throttle.budget;

/**
 * What goes beside a full queue: how much of it may go, and which refusals it is the cause of. Not thread-safe, no clock; all
 * times in nanoseconds.
 *
 * <p>
 * In any 60 s a quarter of the limit goes beside the queue, so that those who wait get at least the other three. After a
 * refusal nothing does for two windows: the provider allows no more than the queue uses, and of these two windows the second
 * shows what it allows the queue alone.
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

    /** Whether one more may go, as far as those before it tell. */
    public boolean mayGo(int limit, long now) {
        if (quiet && quietUntil - now <= 0) {
            quiet = false;
        }
        while (granted.size() > 0 && now - granted.get(0) >= BudgetRule.SPAN) {
            granted.dropOldest();
        }
        return !quiet && granted.size() < Math.max(1, limit / PART);
    }

    /** One goes. */
    public void granted(long now) {
        granted.append(now);
    }

    /** One is about to be written. */
    void sent(long now) {
        sentBefore = true;
        sentAt = now;
    }

    /** The provider refused a request, of these or of the queue. */
    public void refused(long now) {
        quiet = true;
        quietUntil = now + QUIET;
    }

    /** Whether the provider may have refused a request of the queue for these: it still counted one, or one overtook it. */
    boolean spoil(long queueSentAt) {
        return sentBefore && queueSentAt - sentAt < BudgetRule.SPAN;
    }
}
