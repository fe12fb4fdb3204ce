package dev.sidecar.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Clients on keep-alive connections. One thread reads all answers; the kinds of load differ in when they send. */
abstract class Load implements AutoCloseable {

    private static final byte[] OK = Chat.bytes("HTTP/1.1 200");
    /** What a socket's buffer takes whatever its size. */
    private static final int SMALL_REQUEST = 8 << 10;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final int port;
    private final ByteBuffer request;
    private final Faults faults;
    private final Selector selector;
    private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 16);
    private final byte[] received = new byte[1 << 16];
    protected final List<Connection> connections = new ArrayList<>();
    private int answers;

    Load(int port, boolean stream, Faults faults) throws IOException {
        this.port = port;
        this.faults = faults;
        request = direct(Chat.request(port, stream));
        selector = Selector.open();
    }

    /** Outside the heap, so that each write takes the bytes from where they are. */
    static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    protected final Connection connect(AnswerCheck check) throws IOException {
        return connect(check, request);
    }

    /** A client with a request of its own, which must fit into a socket's buffer. */
    protected final Connection connect(AnswerCheck check, ByteBuffer ownRequest) throws IOException {
        Connection connection = new Connection(check, ownRequest);
        connections.add(connection);
        connection.open();
        return connection;
    }

    /** Sends for this long, then waits for the answers that are still due. */
    final void run(long nanos) throws IOException {
        long start = Chat.now();
        long end = start + nanos;
        begin(start, end);
        while (!finished()) {
            selector.select(this::ready, 5);
            long now = Chat.now();
            tick(now);
            if (now > end + PATIENCE_NANOS) {
                faults.add(connections.stream().filter(c -> c.busy).count() + " requests without an answer after 10 s");
                return;
            }
        }
    }

    protected abstract void begin(long start, long end);

    protected abstract void tick(long now);

    protected abstract void answered(Connection connection, long now, boolean good);

    protected abstract boolean finished();

    final int answers() {
        return answers;
    }

    @Override
    public final void close() throws IOException {
        for (Connection connection : connections) {
            connection.channel().close();
        }
        selector.close();
    }

    private void ready(SelectionKey key) {
        ((Connection) key.attachment()).receive();
    }

    /** One client: at most one request under way. {@link #send} may be called from another thread than the reader's. */
    final class Connection {

        private final AnswerCheck check;
        private final ByteBuffer message;
        private final MessageReader reader;
        private @Nullable SocketChannel channel;
        private volatile boolean busy;
        private volatile long since;

        private Connection(AnswerCheck check, ByteBuffer message) {
            this.check = check;
            this.message = message;
            reader = new MessageReader(MessageReader.Kind.ANSWER, check);
        }

        /** When the request was sent, or should have been. */
        long since() {
            return since;
        }

        AnswerCheck check() {
            return check;
        }

        private SocketChannel channel() {
            if (channel == null) {
                throw new IllegalStateException("not connected");
            }
            return channel;
        }

        private void open() throws IOException {
            SocketChannel opened = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
            if (message.capacity() > SMALL_REQUEST) {
                opened.setOption(StandardSocketOptions.SO_SNDBUF, 2 * message.capacity());
            }
            opened.configureBlocking(false);
            opened.register(selector, SelectionKey.OP_READ, this);
            channel = opened;
        }

        synchronized void send(long dueSince) {
            since = dueSince;
            busy = true;
            try {
                ByteBuffer bytes = message.duplicate();
                channel().write(bytes);
                if (bytes.hasRemaining()) {
                    faults.add("the request did not fit into an empty socket buffer");
                }
            } catch (IOException e) {
                // The reader meets the same broken connection, and reports it.
            }
        }

        private synchronized void receive() {
            in.clear();
            int length;
            try {
                length = channel().read(in);
            } catch (IOException e) {
                length = -1;
            }
            long now = Chat.now();
            if (length < 0) {
                ended(now);
                return;
            }
            in.flip().get(received, 0, length);
            check.receivedAt(now);
            try {
                int at = reader.read(received, 0, length);
                if (at < length) {
                    failed(now, "bytes after the end of the answer");
                } else if (reader.complete()) {
                    completed(now);
                }
            } catch (IOException e) {
                failed(now, e.toString());
            }
        }

        private void completed(long now) {
            String fault = reader.startsWith(OK) ? check.fault() : reader.startLine();
            if (!busy) {
                fault = "an answer without a request";
            }
            if (fault != null) {
                faults.add(fault);
            }
            over(now, fault == null);
        }

        /** A server may close an idle connection; with an answer under way it may not. */
        private void ended(long now) {
            if (busy || !reader.untouched()) {
                failed(now, "closed before the end of the answer");
            } else {
                reopen();
            }
        }

        private void failed(long now, String fault) {
            faults.add(fault);
            reopen();
            over(now, false);
        }

        private void over(long now, boolean good) {
            busy = false;
            answers++;
            reader.reset();
            check.reset();
            answered(this, now, good);
        }

        private void reopen() {
            try {
                channel().close();
                open();
            } catch (IOException e) {
                throw new IllegalStateException("the proxy takes no connections any more", e);
            }
        }
    }
}
