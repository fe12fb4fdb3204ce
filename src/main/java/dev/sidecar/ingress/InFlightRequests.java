package dev.sidecar.ingress;

import dev.sidecar.call.ClientCall;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether new requests are accepted, and which requests are under way: a stop needs both. Thread-safe.
 *
 * <p>A new request first adds to its connection's count and then checks whether the intake is closed. The closing
 * thread first closes the intake and then counts. So at least one of the two sees every request.
 */
public final class InFlightRequests {

    private final Set<ConnectionGuard> connections = ConcurrentHashMap.newKeySet();
    private final Set<ClientCall> calls = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;
    private volatile boolean callsStopped;

    /** Closes the intake: requests below /v1 are refused from now on, and every response is the last on its connection. */
    public void close() {
        closed = true;
    }

    public boolean isClosed() {
        return closed;
    }

    /** The number of requests, on all connections, that have begun and whose response has not been sent to its last byte. */
    public int underWay() {
        return connections.stream().mapToInt(ConnectionGuard::requestsUnderWay).sum();
    }

    /** The number of requests to a provider that have entered the routes and not left them. */
    public int calls() {
        return calls.size();
    }

    /** A request has entered the routes; {@link #left} must follow. */
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
     * Ends the calls to the provider because the time is up. A response that has begun is broken off; other clients get
     * an error. Both happen on the requests' own threads, after this method has returned.
     */
    public void stopCalls() {
        callsStopped = true;
        calls.forEach(InFlightRequests::stop);
    }

    private static void stop(ClientCall call) {
        // Aborting closes a socket, which may block.
        Thread.startVirtualThread(call.cancellation()::stop);
    }

    /** Closes the connections with requests under way, for example with a response that its client does not read. */
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
