package dev.sidecar.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A way to a port on this machine that can lose its memory, as a firewall between two networks may: connections stay open
 * and nothing arrives any more.
 */
public final class TcpForwarder implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private volatile boolean silent;

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

    /** New connections work again; those of before stay as they are. */
    public void restore() {
        silent = false;
    }

    private void accept() {
        try {
            while (true) {
                var client = listener.accept();
                var connection = new Connection(client, new Socket(InetAddress.getLoopbackAddress(), target), silent);
                connections.add(connection);
                Thread.startVirtualThread(() -> connection.pump(connection.client, connection.server));
                Thread.startVirtualThread(() -> connection.pump(connection.server, connection.client));
            }
        } catch (IOException closed) {
            // the test is over
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

        void pump(Socket from, Socket to) {
            var bytes = new byte[16 * 1024];
            try {
                for (int length = from.getInputStream().read(bytes); length >= 0; length = from.getInputStream()
                        .read(bytes)) {
                    if (!dead) {
                        to.getOutputStream().write(bytes, 0, length);
                    }
                }
            } catch (IOException gone) {
                // the other side is told below
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
