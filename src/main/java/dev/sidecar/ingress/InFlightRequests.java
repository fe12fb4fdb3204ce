package dev.sidecar.ingress;

import dev.sidecar.call.ClientCall;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether new requests are taken in, and which are under way: what a stop has to know, and to end. Thread-safe.
 *
 * <p>A request that comes in adds to its connection's count first and then looks whether the intake is closed; who closes
 * it does so first and then counts. So none is missed by both.
 */
public final class InFlightRequests {

    private final Set<ConnectionGuard> connections = ConcurrentHashMap.newKeySet();
    private final Set<ClientCall> calls = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    private volatile boolean callsStopped;

    /** From now on requests below /v1 are refused, and every answer is the last on its connection. */
    public void close() {
        closed = true;
    }

    public boolean isClosed() {
        return closed;
    }

    /** On all connections: requests that have begun to come in, and whose answer has not left to its last byte. */
    public int underWay() {
        return connections.stream().mapToInt(ConnectionGuard::requestsUnderWay).sum();
    }

    /** A request on its way through the routes, until {@link #left}. */
    public void entered(ClientCall call) {
        calls.add(call);
        if (callsStopped) {
            stop(call);
        }
    }

    public void left(ClientCall call) {
        calls.remove(call);
    }

    /**
     * The time is up: calls to the provider are given up. Whose answer has begun is broken off, everybody else is told so;
     * both happen on the requests' own threads, after this has returned.
     */
    public void stopCalls() {
        callsStopped = true;
        calls.forEach(InFlightRequests::stop);
    }

    private static void stop(ClientCall call) {
        // Aborting closes a socket, which may block.
        Thread.startVirtualThread(call.cancellation()::stop);
    }

    /** Closes the connections on which something is still under way, such as an answer that its client does not read. */
    public void cutConnections() {
        connections.forEach(ConnectionGuard::cutIfUnderWay);
    }

    void opened(ConnectionGuard connection) {
        connections.add(connection);
    }

    void gone(ConnectionGuard connection) {
        connections.remove(connection);
    }
}
