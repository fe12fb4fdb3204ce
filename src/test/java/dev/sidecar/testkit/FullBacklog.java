package dev.sidecar.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

/**
 * An address that swallows everything: its listener accepts nobody and has no room for more, so that connecting takes
 * forever. On Linux; elsewhere the system may refuse instead.
 */
public final class FullBacklog implements AutoCloseable {

    private static final int FULL_AFTER_MILLIS = 300;

    private final ServerSocket listener;
    private final List<Socket> filling = new ArrayList<>();

    private FullBacklog(ServerSocket listener) {
        this.listener = listener;
    }

    /** @param port 0 for any that is free */
    public static FullBacklog on(String address, int port) throws IOException {
        var listener = new ServerSocket();
        listener.bind(new InetSocketAddress(address, port), 1);
        var full = new FullBacklog(listener);
        full.fill(address.equals("0.0.0.0") ? "127.0.0.1" : address);
        return full;
    }

    private void fill(String address) throws IOException {
        while (true) {
            var socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(address, port()), FULL_AFTER_MILLIS);
                filling.add(socket);
            } catch (SocketTimeoutException full) {
                socket.close();
                return;
            }
        }
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** From now on there is room: who waits for a connection gets it, after those that were here to fill the place. */
    public ServerSocket open() throws IOException {
        for (int i = 0; i < filling.size(); i++) {
            listener.accept().close();
        }
        return listener;
    }

    @Override
    public void close() throws IOException {
        for (var socket : filling) {
            socket.close();
        }
        listener.close();
    }
}
