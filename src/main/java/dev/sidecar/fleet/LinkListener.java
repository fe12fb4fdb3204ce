package dev.sidecar.fleet;

/**
 * Hears what a {@link Link} receives. One thread of the link makes one call at a time, so each must return quickly.
 *
 * <p>{@link #received} and {@link #lease} come only between {@link #connected} and {@link #disconnected}.
 */
public interface LinkListener {

    void received(byte[] message);

    /**
     * @param asking that of {@link Link#askForLease}
     * @param holder the name of the replica that holds the lease now: this replica's own name if it is this process; "" if
     *        it is an earlier process of the same name, whose lease must end first
     * @param epoch of that lease
     * @param kept what a leader has kept last; empty if nothing is, or another process holds the lease
     */
    void lease(long asking, String holder, long epoch, byte[] kept);

    /** Messages are received from now on. Comes again after every reconnection. */
    void connected();

    /** Nothing is received, and what is sent is lost, until {@link #connected} comes again. */
    void disconnected();
}
