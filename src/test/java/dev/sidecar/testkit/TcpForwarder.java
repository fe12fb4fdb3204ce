package dev.sidecar.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/**
 * A way to a port on this machine that can be disturbed. It can lose its memory, as a firewall between two networks may:
 * connections stay open and nothing arrives any more. It can be cut: connections end, and so does each new one. It can hold
 * what passes, as a network does that is away for a while: all of it arrives when the way is restored.
 */
public final class TcpForwarder implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private volatile boolean silent;
    private volatile boolean cut;
    private volatile CountDownLatch toTarget = new CountDownLatch(0);
    private volatile CountDownLatch fromTarget = new CountDownLatch(0);

    private TcpForwarder(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::accept);
    }

    public static TcpForwarder to(int port) {
        try {
            return new TcpForwarder(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Whatever is connected, or connects from now on, hears nothing and is told nothing of it. */
    public void silence() {
        silent = true;
        connections.forEach(connection -> connection.dead = true);
    }

    /** Connections end, and nobody gets a new one. */
    public void cut() {
        cut = true;
        connections.forEach(Connection::close);
    }

    /** What is sent in either direction stays on the way. */
    public void hold() {
        holdToTarget();
        holdFromTarget();
    }

    public void holdToTarget() {
        toTarget = new CountDownLatch(1);
    }

    public void holdFromTarget() {
        fromTarget = new CountDownLatch(1);
    }

    /** New connections work again, and what was held arrives. Connections that were silenced or cut stay as they are. */
    public void restore() {
        silent = false;
        cut = false;
        toTarget.countDown();
        fromTarget.countDown();
    }

    private void accept() {
        try {
            while (true) {
                connect(listener.accept());
            }
        } catch (IOException closed) {
            // the test is over
        }
    }

    private void connect(Socket client) throws IOException {
        if (cut) {
            client.close();
            return;
        }
        try {
            var connection = new Connection(client, new Socket(InetAddress.getLoopbackAddress(), target), silent);
            connections.add(connection);
            if (cut) {
                connection.close(); // cut in the meantime
                return;
            }
            Thread.startVirtualThread(() -> connection.pump(connection.client, connection.server, () -> toTarget));
            Thread.startVirtualThread(() -> connection.pump(connection.server, connection.client, () -> fromTarget));
        } catch (IOException nobodyThere) {
            client.close();
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        connections.forEach(Connection::close);
        restore();
    }

    private static final class Connection {

        private final Socket client;
        private final Socket server;
        private volatile boolean dead;

        Connection(Socket client, Socket server, boolean dead) {
            this.client = client;
            this.server = server;
            this.dead = dead;
        }

        void pump(Socket from, Socket to, Supplier<CountDownLatch> held) {
            var bytes = new byte[16 * 1024];
            try {
                for (int length = from.getInputStream().read(bytes); length >= 0; length = from.getInputStream()
                        .read(bytes)) {
                    held.get().await();
                    if (!dead) {
                        to.getOutputStream().write(bytes, 0, length);
                    }
                }
            } catch (IOException gone) {
                // the other side is told below
            } catch (InterruptedException e) {
                throw new AssertionError(e); // nobody does that
            }
            if (!dead) {
                close();
            }
        }

        void close() {
            try (client; server) {
                dead = true;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
