package dev.sidecar.testkit;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;

/** A body as its framing delimits it: ends where the framing says, and an end before that is an {@link EOFException}. */
final class WireBody extends InputStream {

    private static final long CHUNKED = -1;
    private static final long UNTIL_CLOSE = -2;

    private final InputStream in;
    private final long framing;
    private long left;
    private boolean firstChunk = true;
    private boolean ended;

    private WireBody(InputStream in, long framing) {
        this.in = in;
        this.framing = framing;
        this.left = framing == CHUNKED ? 0 : framing == UNTIL_CLOSE ? Long.MAX_VALUE : framing;
    }

    /** Of a request: without framing it has none. */
    static WireBody ofRequest(InputStream in, WireHead head) throws IOException {
        return of(in, head, 0);
    }

    /** Of a response: without framing it ends with the connection. */
    static WireBody ofResponse(InputStream in, WireHead head, boolean toHead) throws IOException {
        var body = of(in, head, UNTIL_CLOSE);
        var status = head.startLine().substring(9, 12);
        var none = toHead || status.startsWith("1") || status.equals("204") || status.equals("304");
        return none ? new WireBody(in, 0) : body;
    }

    private static WireBody of(InputStream in, WireHead head, long unframed) throws IOException {
        var lengths = head.values("Content-Length");
        var codings = head.values("Transfer-Encoding");
        if (lengths.size() + codings.size() > 1) {
            throw new ProtocolException("ambiguous framing: " + head);
        }
        if (!codings.isEmpty()) {
            if (!codings.getFirst().equalsIgnoreCase("chunked")) {
                throw new ProtocolException("unknown coding: " + head);
            }
            return new WireBody(in, CHUNKED);
        }
        return new WireBody(in, lengths.isEmpty() ? unframed : Long.parseUnsignedLong(lengths.getFirst()));
    }

    /** Whether only the end of the connection ends it. */
    boolean endsByClose() {
        return framing == UNTIL_CLOSE;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** Returns what is there, as soon as anything is. */
    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0 && framing == CHUNKED && !ended) {
            nextChunk();
        }
        if (left == 0 || ended) {
            return -1;
        }
        int n = in.read(bytes, offset, (int) Math.min(length, left));
        if (n < 0 && framing != UNTIL_CLOSE) {
            throw new EOFException("the connection ended before the body did");
        }
        ended = n < 0;
        left -= Math.max(0, n);
        return n;
    }

    private void nextChunk() throws IOException {
        if (!firstChunk && !WireHead.line(in).isEmpty()) {
            throw new ProtocolException("chunk longer than its size");
        }
        firstChunk = false;
        left = Long.parseLong(WireHead.line(in).split(";", 2)[0].strip(), 16);
        if (left == 0) {
            ended = true;
            while (!WireHead.line(in).isEmpty()) {
                // A trailer: of no interest here.
            }
        }
    }
}
