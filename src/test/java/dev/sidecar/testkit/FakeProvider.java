package dev.sidecar.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import javax.net.ServerSocketFactory;

/**
 * A provider for tests, down on the socket: it records every request as it came over the wire and answers it byte for
 * byte as its script says. Two virtual threads serve a connection, so thousands may wait at once.
 */
public final class FakeProvider implements AutoCloseable {

    private static final int BACKLOG = 4096;

    private final Ledger ledger = new Ledger();
    private final AtomicInteger connections = new AtomicInteger();
    private final Set<FakeConnection> open = ConcurrentHashMap.newKeySet();
    private final ServerSocketFactory sockets;
    private final int port;
    private volatile Function<RecordedRequest, Answer> script;
    private ServerSocket server;
    private Thread accepting;

    private FakeProvider(ServerSocketFactory sockets, Function<RecordedRequest, Answer> script) throws IOException {
        this.sockets = sockets;
        this.script = script;
        this.server = listen(0);
        this.port = server.getLocalPort();
        this.accepting = accept(server);
    }

    /** A provider that answers every request with a chat completion. */
    public static FakeProvider start() {
        return start(_ -> Answer.chat("Hello"));
    }

    /** The script is called on a thread of its own for each request and may block. */
    public static FakeProvider start(Function<RecordedRequest, Answer> script) {
        return start(ServerSocketFactory.getDefault(), script);
    }

    /** The same, on sockets of another kind, such as those with TLS. */
    static FakeProvider start(ServerSocketFactory sockets, Function<RecordedRequest, Answer> script) {
        try {
            return new FakeProvider(sockets, script);
        } catch (IOException noPort) {
            throw new UncheckedIOException(noPort);
        }
    }

    /** A script that gives these answers in the order in which requests come, and the last one ever after. */
    public static Function<RecordedRequest, Answer> inOrder(Answer first, Answer... others) {
        AtomicInteger next = new AtomicInteger();
        return _ -> {
            int turn = Math.min(next.getAndIncrement(), others.length);
            return turn == 0 ? first : others[turn - 1];
        };
    }

    /** Changes the script for the requests to come. */
    public void script(Function<RecordedRequest, Answer> changed) {
        script = changed;
    }

    public int port() {
        return port;
    }

    public String baseUrl() {
        return "http://127.0.0.1:" + port;
    }

    /** The requests so far, in the order in which their bodies were complete. */
    public List<RecordedRequest> requests() {
        return ledger.exchanges().stream().map(Exchange::request).toList();
    }

    /** The requests so far and how their answers went. */
    public List<Exchange> exchanges() {
        return ledger.exchanges();
    }

    public List<Exchange.Abort> aborts() {
        return ledger.aborts();
    }

    /** Requests and connections that broke HTTP's rules, and scripts that failed; a test wants none. */
    public List<String> problems() {
        return ledger.problems();
    }

    /** Requests being answered now. */
    public int active() {
        return ledger.active();
    }

    /** The most requests that were being answered at once. */
    public int mostActive() {
        return ledger.mostActive();
    }

    /** Connections accepted so far. */
    public int connections() {
        return connections.get();
    }

    public List<RecordedRequest> awaitRequests(int atLeast, Duration timeout) {
        ledger.await(() -> ledger.exchanges().size() >= atLeast, timeout, () -> atLeast + " requests");
        return requests();
    }

    public List<Exchange.Abort> awaitAborts(int atLeast, Duration timeout) {
        ledger.await(() -> ledger.aborts().size() >= atLeast, timeout, () -> atLeast + " aborts");
        return aborts();
    }

    /** Waits until no request is being answered. */
    public void awaitIdle(Duration timeout) {
        ledger.await(() -> ledger.active() == 0, timeout, () -> "no request under way");
    }

    /** Closes the port and every connection; clients are refused until {@link #restart}. */
    public synchronized void stop() {
        try {
            server.close();
            // The kernel goes on accepting until the thread in accept() has let go of the socket.
            accepting.join();
        } catch (IOException notClosed) {
            throw new UncheckedIOException(notClosed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while stopping", interrupted);
        }
        dropConnections();
    }

    /** Closes every connection from the provider's side; new ones are welcome. */
    public void dropConnections() {
        open.forEach(FakeConnection::close);
    }

    /** Listens again, on the same port; what was recorded stays. */
    public synchronized void restart() {
        try {
            server = listen(port);
        } catch (IOException notFree) {
            throw new UncheckedIOException(notFree);
        }
        accepting = accept(server);
    }

    @Override
    public void close() {
        stop();
    }

    private ServerSocket listen(int port) throws IOException {
        ServerSocket listening = sockets.createServerSocket();
        listening.setReuseAddress(true);
        listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        return listening;
    }

    private Thread accept(ServerSocket listening) {
        return Thread.ofVirtual().name("fake-provider-" + listening.getLocalPort()).start(() -> {
            while (!listening.isClosed()) {
                try {
                    serve(listening, listening.accept());
                } catch (IOException closed) {
                    if (!listening.isClosed()) {
                        ledger.problem("accept: " + closed);
                    }
                }
            }
        });
    }

    private void serve(ServerSocket listening, Socket socket) {
        FakeConnection connection = new FakeConnection(socket, connections.incrementAndGet(),
                request -> script.apply(request), ledger);
        open.add(connection);
        if (listening.isClosed()) {
            connection.close();
        }
        Thread.ofVirtual().start(() -> {
            try {
                connection.run();
            } finally {
                open.remove(connection);
            }
        });
    }
}
