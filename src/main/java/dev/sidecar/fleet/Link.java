package dev.sidecar.fleet;

/**
 * The way to the other replicas of the fleet, and the lease of its leader. Every method returns at once and throws nothing.
 * Thread-safe.
 *
 * <p>Messages may be lost, doubled or late. Those of one sender to one receiver keep their order while the connection holds.
 * What is sent while there is no connection is lost.
 */
public interface Link extends AutoCloseable {

    /** Begins to connect, and goes on trying until it is closed. Only the first call counts. */
    void open(LinkListener listener);

    void send(String replica, byte[] message);

    /** The sender is one of all: it receives the message too. */
    void sendToAll(byte[] message);

    /** Is delivered only while this replica holds the lease of this epoch, as Redis knows it. */
    void sendAsLeader(long epoch, String replica, byte[] message);

    /** The same to all, with the sender. */
    void sendToAllAsLeader(long epoch, byte[] message);

    /**
     * Takes the lease if it is free, or renews it. {@link LinkListener#lease} answers with the same asking, unless the
     * connection is lost before.
     *
     * @param atLeast the highest epoch that this replica knows of, its own too: a lease below it is no longer renewed. A new
     *        epoch is above it and above every epoch that Redis knows
     */
    void askForLease(long asking, long atLeast);

    /**
     * Redis keeps this for the next leader, if this replica holds the lease of this epoch; before anything that is sent later.
     * The holder of the lease gets it by {@link LinkListener#lease}.
     */
    void keep(long epoch, byte[] state);

    /** Makes the lease free at once, if this replica holds it with this epoch. */
    void giveBackLease(long epoch);

    /** Ends the connection when what was sent before has gone out. The listener is told nothing more. */
    @Override
    void close();
}
