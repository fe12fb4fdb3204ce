package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1.1 client down on the socket: it sends what it is told and nothing else, and is strict about what comes back.
 * Not thread-safe.
 */
public final class WireClient implements AutoCloseable {

    private static final int SILENCE_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;
    private boolean toHead;

    private WireClient(int port, int receiveBuffer) throws IOException {
        socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(SILENCE_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
    }

    public static WireClient to(int port) {
        return to(port, 0);
    }

    /** With a receive buffer of about this many bytes in the kernel, so that a pause in reading is felt soon. */
    public static WireClient to(int port, int receiveBuffer) {
        try {
            return new WireClient(port, receiveBuffer);
        } catch (IOException refused) {
            throw new UncheckedIOException(refused);
        }
    }

    /** One request on a connection of its own. */
    public static WireAnswer exchange(int port, String method, String target, byte @Nullable [] body, String... headers)
            throws IOException {
        try (var client = to(port)) {
            client.send(method, target, body, headers);
            return client.read();
        }
    }

    /** Adds {@code Host} and, for a body that is not null, {@code Content-Length}; no other header but those given. */
    public void send(String method, String target, byte @Nullable [] body, String... headers) throws IOException {
        var head = head(method, target, headers);
        if (body == null) {
            send(head + "\r\n");
        } else {
            send(head + "Content-Length: " + body.length + "\r\n\r\n");
            send(body);
        }
    }

    /** The body in chunks of {@code chunkSize} bytes. */
    public void sendChunked(String method, String target, byte[] body, int chunkSize, String... headers)
            throws IOException {
        send(head(method, target, headers) + "Transfer-Encoding: chunked\r\n\r\n");
        for (int from = 0; from < body.length; from += chunkSize) {
            int length = Math.min(chunkSize, body.length - from);
            send(Integer.toHexString(length) + "\r\n");
            socket.getOutputStream().write(body, from, length);
            send("\r\n");
        }
        send("0\r\n\r\n");
    }

    private String head(String method, String target, String... headers) {
        toHead = method.equals("HEAD");
        var head = new StringBuilder(
                method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + socket.getPort() + "\r\n");
        Header.list(headers).forEach(h -> head.append(h.name()).append(": ").append(h.value()).append("\r\n"));
        return head.toString();
    }

    public void send(String text) throws IOException {
        send(text.getBytes(ISO_8859_1));
    }

    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** The whole answer; an {@link java.io.EOFException} if it is broken off. */
    public WireAnswer read() throws IOException {
        var head = readHead();
        return new WireAnswer(head.statusLine(), head.headers(), head.interim(), body(head).readAllBytes());
    }

    /** The final answer's head, with an empty body; the body comes from {@link #body}. */
    public WireAnswer readHead() throws IOException {
        var interim = new ArrayList<String>();
        var head = nextHead();
        while (head.startLine().charAt(9) == '1') {
            interim.add(head.startLine());
            head = nextHead();
        }
        return new WireAnswer(head.startLine(), head.headers(), interim, new byte[0]);
    }

    /** The next head, an interim one too. */
    WireHead nextHead() throws IOException {
        var head = WireHead.read(in);
        if (!head.startLine().matches("HTTP/1\\.[01] \\d{3} .*")) {
            throw new ProtocolException("not a status line: " + head.startLine());
        }
        return head;
    }

    /** The answer's body, as it comes in. */
    public InputStream body(WireAnswer head) throws IOException {
        return WireBody.ofResponse(in, new WireHead(head.statusLine(), head.headers()), toHead);
    }

    /** The body after {@link #nextHead}. */
    WireBody body(WireHead head, boolean answersHead) throws IOException {
        return WireBody.ofResponse(in, head, answersHead);
    }

    /** Whether there is more to read; waits for it no longer than {@code patience}. */
    boolean hasMore(Duration patience) throws IOException {
        socket.setSoTimeout((int) patience.toMillis());
        in.mark(1);
        try {
            if (in.read() < 0) {
                return false;
            }
        } catch (SocketTimeoutException silent) {
            throw silent;
        } catch (IOException reset) {
            return false;
        }
        in.reset();
        return true;
    }

    /** Whether the other side has closed the connection, or does so before it is silent for long; nothing is left unread. */
    public boolean isClosed() {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    /** Leaves without a farewell: RST instead of FIN. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            throw new UncheckedIOException(alreadyGone);
        }
    }
}
