package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
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

    static WireBody of(InputStream in, WireAnswer head, boolean toHead) throws IOException {
        var lengths = head.headers("Content-Length");
        var codings = head.headers("Transfer-Encoding");
        if (lengths.size() + codings.size() > 1) {
            throw new ProtocolException("ambiguous framing: " + head);
        }
        if (toHead || head.status() == 204 || head.status() == 304) {
            return new WireBody(in, 0);
        }
        if (!codings.isEmpty()) {
            if (!codings.getFirst().equals("chunked")) {
                throw new ProtocolException("unknown coding: " + head);
            }
            return new WireBody(in, CHUNKED);
        }
        return new WireBody(in, lengths.isEmpty() ? UNTIL_CLOSE : Long.parseLong(lengths.getFirst()));
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
        if (!firstChunk && !line(in).isEmpty()) {
            throw new ProtocolException("chunk longer than its size");
        }
        firstChunk = false;
        left = Long.parseLong(line(in).split(";", 2)[0].strip(), 16);
        if (left == 0) {
            ended = true;
            while (!line(in).isEmpty()) {
                // A trailer: of no interest here.
            }
        }
    }

    static String line(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream(80);
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the connection ended inside a line: " + line.toString(ISO_8859_1));
            }
            line.write(next);
        }
        var text = line.toString(ISO_8859_1);
        if (!text.endsWith("\r")) {
            throw new ProtocolException("line without CR: " + text);
        }
        return text.substring(0, text.length() - 1);
    }
}
