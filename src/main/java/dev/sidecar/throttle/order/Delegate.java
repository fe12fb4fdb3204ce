package dev.sidecar.throttle.order;

/**
 * Decides for a throttle which of its requests go, and hears what becomes of them. The throttle calls it under its lock: it must
 * return at once, and not call back from the same call.
 *
 * @param <T> what waits
 */
public interface Delegate<T> {

    /** It waits for its grant. */
    void waits(Ticket<T> ticket);

    /** It waits no longer, without a grant: refused here, or its client has gone. */
    void left(Ticket<T> ticket);

    /**
     * The call of a granted ticket has ended in any way, or was never made.
     *
     * @param workerCapReached whether the provider runs no more requests of its model at a time
     */
    void ended(Ticket<T> ticket, boolean workerCapReached);

    /** The provider refuses the key that paid for this ticket to its client and model. */
    void keyRefusedFor(Ticket<T> ticket);

    /** The provider accepts this key for every request, or refuses it. */
    void keyAccepted(String key, boolean accepted);

    /** A response has told what it cost. */
    void spent(Ticket<T> ticket, long tokens);
}
