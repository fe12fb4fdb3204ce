package dev.sidecar.throttle.budget;

/**
 * The right to send one request, with exactly three endings: {@link #succeeded}, {@link #refused} and {@link
 * #giveBack}. The holder of a slot must end it; until then it counts as used. The first ending counts; later ones
 * change nothing and return false. Implementations are thread-safe.
 *
 * <p>
 * Source of the idea: {@code Limiter.Listener} of Netflix concurrency-limits.
 */
public interface Slot {

    /**
     * Whether the request may still be sent; ask at the last moment before {@link #writing}. A slot of another replica may be
     * used only for a time. One that may not be sent must be given back.
     */
    default boolean mayBeSent() {
        return true;
    }

    /** Call this at the last moment before the first byte is written; optional for a request without a body. */
    void writing();

    /**
     * Call this when the last byte has been written. From now on the window counts the request for its span, which is
     * longer if writing took long since {@link #writing}. Until then the slot counts as used.
     */
    void sent();

    /**
     * The provider responded with any status but 429. A slot that is not marked as sent counts as sent now.
     *
     * @return whether this call ended the slot
     */
    default boolean succeeded() {
        return succeeded(RateLimitSignal.NONE);
    }

    /**
     * The same, with what the response says about the provider's limits.
     *
     * @return whether this call ended the slot
     */
    boolean succeeded(RateLimitSignal signal);

    /**
     * The provider responded with 429. A slot that is not marked as sent counts as sent now.
     *
     * @return whether this call ended the slot
     */
    default boolean refused() {
        return refused(RateLimitSignal.unknown());
    }

    /**
     * The same, with what the response says about the provider's limits.
     *
     * @return whether this call ended the slot
     */
    boolean refused(RateLimitSignal signal);

    /**
     * Nothing was sent: the budget gets the slot back. After {@link #sent} the provider may have seen the request, so
     * the slot stays used.
     *
     * @return whether this call ended the slot
     */
    boolean giveBack();

    /** Whether one of the three endings has been called. */
    boolean isEnded();
}
