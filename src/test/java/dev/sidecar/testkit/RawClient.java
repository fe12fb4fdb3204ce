package dev.sidecar.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A {@link WireClient} that may send anything at all; text is sent and read octet by octet. */
public final class RawClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final WireClient wire;

    private RawClient(WireClient wire) {
        this.wire = wire;
    }

    public static RawClient to(int port) {
        return new RawClient(WireClient.to(port));
    }

    /** Sends, and does not mind when the other side has closed already: what it said before that is what counts. */
    public RawClient send(String octets) {
        try {
            wire.send(octets);
        } catch (IOException closed) {
            // read what it said
        }
        return this;
    }

    /** The next answer, interim ones too, with chunks put together. */
    public Received receive() {
        return receive(false);
    }

    /** The answer to a HEAD request, which has no body. */
    public Received receiveHead() {
        return receive(true);
    }

    private Received receive(boolean answersHead) {
        try {
            wire.hasMore(PATIENCE);
            return read(answersHead);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every answer until the connection closes; fails when it stays open for ten seconds. */
    public List<Received> receiveAll() {
        var all = new ArrayList<Received>();
        try {
            while (wire.hasMore(PATIENCE)) {
                all.add(read(false));
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException("after " + all, e);
        }
    }

    /** Whether the other side closes or resets the connection, without another byte, within this time. */
    public boolean closesWithin(Duration time) {
        try {
            return !wire.hasMore(time);
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Received read(boolean answersHead) throws IOException {
        var head = wire.nextHead();
        var body = wire.body(head, answersHead);
        return new Received(head.startLine().substring(0, 8), Integer.parseInt(head.startLine().substring(9, 12)),
                head.headers(), body.readAllBytes(), body.endsByClose());
    }

    @Override
    public void close() {
        wire.close();
    }

    /**
     * An answer.
     *
     * @param endedByClose whether the end of the connection ended the body
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity only
    public record Received(String version, int status, List<Header> headers, byte[] body, boolean endedByClose) {

        /** The values of all fields of this name, joined; empty when there is none. */
        public String header(String name) {
            return String.join(", ", headers.stream().filter(header -> header.is(name)).map(Header::value).toList());
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        @Override
        public String toString() {
            return version + " " + status + " " + headers + " " + text();
        }
    }
}
