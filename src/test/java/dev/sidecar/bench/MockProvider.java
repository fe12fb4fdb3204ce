package dev.sidecar.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * A provider that answers at once: one thread, prepared bytes. It refuses a request body that is not the client's. Not
 * testkit's {@code FakeProvider}, whose two threads a request and copies of all it hears would be measured too.
 */
final class MockProvider implements AutoCloseable {

    private static final byte[] CHAT = Chat.bytes("POST /v1/chat/completions HTTP/1.1");
    private static final byte[] GET = Chat.bytes("GET ");
    private static final byte[] MODELS = Chat.refusal("200 OK", "none");
    private static final long GAP_NANOS = Chat.CHUNK_GAP_MILLIS * 1_000_000L;
    private static final long LONG_GAP_NANOS = Chat.LONG_STREAM_GAP_MILLIS * 1_000_000L;

    private final Selector selector;
    private final ServerSocketChannel server;
    private final Faults faults;
    private final Thread thread;
    private volatile boolean closing;
    private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 16);
    private final byte[] received = new byte[1 << 16];
    private final ByteBuffer out = ByteBuffer.allocateDirect(1 << 16);
    private final byte[] eventChunk = Chat.EVENT_CHUNK.clone();
    private final List<byte[]> plainBodies;
    private final int longestBody;
    private final AtomicLong longStreams = new AtomicLong();
    private final AtomicLong longStreamChunks = new AtomicLong();
    private volatile boolean endingLongStreams;
    private final PriorityQueue<Connection> streams = new PriorityQueue<>(Comparator.comparingLong(c -> c.due));

    MockProvider(Faults faults) throws IOException {
        this(faults, List.of());
    }

    /**
     * @param furtherBodies of requests that get the plain answer too
     */
    MockProvider(Faults faults, List<byte[]> furtherBodies) throws IOException {
        this.faults = faults;
        plainBodies = Stream.concat(Stream.of(Chat.PLAIN_REQUEST_BODY), furtherBodies.stream()).toList();
        longestBody = plainBodies.stream().mapToInt(body -> body.length).reduce(4096, Math::max);
        selector = Selector.open();
        server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        thread = Thread.ofPlatform().name("mock-provider").daemon().start(this::serve);
    }

    int port() {
        return server.socket().getLocalPort();
    }

    /** How many streams that go on until they are told are running now. */
    long longStreams() {
        return longStreams.get();
    }

    /** How many chunks of such streams have been sent so far. */
    long longStreamChunks() {
        return longStreamChunks.get();
    }

    /** Each of them ends with its next chunk. */
    void endLongStreams() {
        endingLongStreams = true;
    }

    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        try {
            thread.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve() {
        try {
            while (!closing) {
                Connection next = streams.peek();
                long wait = next == null ? 100 : (next.due - Chat.now()) / 1_000_000 + 1;
                if (wait > 0) {
                    selector.select(this::ready, wait);
                } else {
                    selector.selectNow(this::ready);
                }
                sendDueChunks();
            }
            for (SelectionKey key : selector.keys()) {
                key.channel().close();
            }
            selector.close();
        } catch (IOException | RuntimeException e) {
            faults.add("mock provider: " + e);
        }
    }

    private void sendDueChunks() {
        Connection next = streams.peek();
        while (next != null && next.due <= Chat.now()) {
            streams.remove();
            next.sendChunk();
            next = streams.peek();
        }
    }

    private void ready(SelectionKey key) {
        try {
            if (key.attachment() instanceof Connection connection) {
                connection.receive();
            } else {
                accept();
            }
        } catch (IOException e) {
            key.cancel();
        }
    }

    private void accept() throws IOException {
        SocketChannel channel = server.accept();
        if (channel != null) {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.register(selector, SelectionKey.OP_READ, new Connection(channel));
        }
    }

    private final class Connection implements MessageReader.Body {

        private final SocketChannel channel;
        private final MessageReader reader = new MessageReader(MessageReader.Kind.REQUEST, this);
        private final byte[] body = new byte[longestBody];
        private int bodyLength;
        private int chunksLeft;
        private boolean untilTold;
        private long due;

        Connection(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void bytes(byte[] data, int from, int to) {
            int kept = Math.min(to - from, body.length - bodyLength);
            System.arraycopy(data, from, body, bodyLength, kept);
            bodyLength += kept;
        }

        void receive() throws IOException {
            in.clear();
            int length;
            try {
                length = channel.read(in);
            } catch (IOException e) {
                length = -1;
            }
            if (length < 0) {
                forget();
                channel.close();
                return;
            }
            in.flip().get(received, 0, length);
            int at = 0;
            while (at < length) {
                at = reader.read(received, at, length);
                if (reader.complete()) {
                    answer();
                    reader.reset();
                    bodyLength = 0;
                }
            }
        }

        private void answer() {
            if (reader.startsWith(CHAT) && plainBodies.stream().anyMatch(this::isBody)) {
                send(out.clear().put(Chat.ANSWER));
            } else if (reader.startsWith(CHAT) && isBody(Chat.STREAM_REQUEST_BODY)) {
                chunksLeft = Chat.CHUNKS;
                untilTold = false;
                beginStream();
            } else if (reader.startsWith(CHAT) && isBody(Chat.LONG_STREAM_REQUEST_BODY)) {
                untilTold = true;
                longStreams.incrementAndGet();
                beginStream();
            } else if (reader.startsWith(GET)) {
                send(out.clear().put(MODELS));
            } else {
                send(out.clear().put(Chat.refusal("400 Bad Request", "not the request that the client sent")));
                faults.add("mock provider: '" + reader.startLine() + "' with " + bodyLength + " bytes of a wrong body");
            }
        }

        private boolean isBody(byte[] expected) {
            return Arrays.equals(body, 0, bodyLength, expected, 0, expected.length);
        }

        private void beginStream() {
            due = Chat.now();
            out.clear().put(Chat.STREAM_HEAD);
            appendChunk();
        }

        void sendChunk() {
            out.clear();
            appendChunk();
        }

        private void appendChunk() {
            Chat.stamp(eventChunk, Chat.now());
            out.put(eventChunk);
            if (untilTold) {
                longStreamChunks.incrementAndGet();
            } else {
                chunksLeft--;
            }
            if (untilTold ? endingLongStreams : chunksLeft == 0) {
                out.put(Chat.STREAM_END);
                forget();
            } else {
                due += untilTold ? LONG_GAP_NANOS : GAP_NANOS;
                streams.add(this);
            }
            send(out);
        }

        private void forget() {
            streams.remove(this);
            if (untilTold) {
                untilTold = false;
                longStreams.decrementAndGet();
            }
        }

        /** A few kilobytes at most are ever under way on a connection, which its socket buffer takes at once. */
        private void send(ByteBuffer message) {
            try {
                channel.write(message.flip());
                if (message.hasRemaining()) {
                    faults.add("mock provider: the proxy stopped reading");
                }
            } catch (IOException e) {
                forget();
                try {
                    channel.close();
                } catch (IOException again) {
                    throw new UncheckedIOException(again);
                }
            }
        }
    }
}
