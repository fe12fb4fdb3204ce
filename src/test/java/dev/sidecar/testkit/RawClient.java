package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One connection of a client that may send anything at all; text is sent and read octet by octet. */
public final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket;
    private final InputStream in;

    private RawClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    public static RawClient to(int port) {
        try {
            var socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(PATIENCE_MILLIS);
            return new RawClient(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends, and does not mind when the other side has closed already: what it said before that is what counts. */
    public RawClient send(String octets) {
        try {
            socket.getOutputStream().write(octets.getBytes(ISO_8859_1));
        } catch (IOException closed) {
            // read what it said
        }
        return this;
    }

    /** The next answer, interim ones too, with chunks put together. */
    public Received receive() {
        try {
            return read(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The answer to a HEAD request, which has no body. */
    public Received receiveHead() {
        try {
            return read(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every answer until the connection closes; fails when it stays open for ten seconds. */
    public List<Received> receiveAll() {
        var all = new ArrayList<Received>();
        try {
            while (hasMore()) {
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
            socket.setSoTimeout((int) time.toMillis());
            return !hasMore();
        } catch (SocketTimeoutException stillOpen) {
            return restorePatience();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean restorePatience() {
        try {
            socket.setSoTimeout(PATIENCE_MILLIS);
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean hasMore() throws IOException {
        in.mark(1);
        try {
            if (in.read() < 0) {
                return false;
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException reset) {
            return false;
        }
        in.reset();
        return true;
    }

    private Received read(boolean headOnly) throws IOException {
        var start = line();
        var parts = start.split(" ", 3);
        if (parts.length < 2 || !parts[0].startsWith("HTTP/1.")) {
            throw new IOException("not a status line: " + start);
        }
        var status = Integer.parseInt(parts[1]);
        var headers = new ArrayList<Header>();
        for (var line = line(); !line.isEmpty(); line = line()) {
            var colon = line.indexOf(':');
            headers.add(new Header(line.substring(0, colon), line.substring(colon + 1).strip()));
        }
        var head = new Received(parts[0], status, headers, new byte[0], false);
        if (headOnly || status < 200 || status == 204 || status == 304) {
            return head;
        }
        if (head.header("Transfer-Encoding").equals("chunked")) {
            return new Received(parts[0], status, headers, chunks(), false);
        }
        var length = head.header("Content-Length");
        return length.isEmpty()
                ? new Received(parts[0], status, headers, in.readAllBytes(), true)
                : new Received(parts[0], status, headers, exactly(Integer.parseInt(length)), false);
    }

    private byte[] chunks() throws IOException {
        var body = new ByteArrayOutputStream();
        for (var size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
            body.writeBytes(exactly(size));
            line();
        }
        line();
        return body.toByteArray();
    }

    private byte[] exactly(int length) throws IOException {
        var bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("body ended after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    private String line() throws IOException {
        var line = new ByteArrayOutputStream(80);
        for (var next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("connection ended inside a line: " + line.toString(ISO_8859_1));
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(ISO_8859_1);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
