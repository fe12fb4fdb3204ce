package dev.sidecar.throttle.budget;

/**
 * The right to send one request, with exactly three endings: {@link #succeeded}, {@link #refused} and {@link #giveBack}.
 * Whoever holds a slot must end it; until then it counts as used. The first ending counts, later ones change nothing
 * and answer false. Implementations are thread-safe.
 *
 * <p>
 * Source of the idea: {@code Limiter.Listener} of Netflix concurrency-limits.
 */
public interface Slot {

    /** Called at the last moment before the first byte is written; who has no body need not say it. */
    void writing();

    /**
     * Called when the last byte has been written: from now on the window counts it for its span, which is longer if this took
     * long since {@link #writing}. Until then the slot counts as used.
     */
    void sent();

    /**
     * The provider answered, with whatever status but 429. A slot that was not marked as sent counts as sent now.
     *
     * @return whether this call ended the slot
     */
    default boolean succeeded() {
        return succeeded(RateLimitSignal.NONE);
    }

    /**
     * The same, with what the answer says about the provider's limits.
     *
     * @return whether this call ended the slot
     */
    boolean succeeded(RateLimitSignal signal);

    /**
     * The provider answered 429. A slot that was not marked as sent counts as sent now.
     *
     * @return whether this call ended the slot
     */
    default boolean refused() {
        return refused(RateLimitSignal.unknown());
    }

    /**
     * The same, with what the answer says about the provider's limits.
     *
     * @return whether this call ended the slot
     */
    boolean refused(RateLimitSignal signal);

    /**
     * Nothing was sent: the budget is returned. After {@link #sent} the provider may have seen the request, so it stays
     * used.
     *
     * @return whether this call ended the slot
     */
    boolean giveBack();

    /** Whether one of the three endings has been called. */
    boolean isEnded();
}
