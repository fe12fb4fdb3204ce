package dev.sidecar.bench;

import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * Reads one HTTP/1.1 message after another, requests or answers, from the pieces they arrive in (RFC 9112). Not testkit's
 * reader, which blocks and keeps what it reads: one thread reads from thousands of connections here.
 */
final class MessageReader {

    /** Takes the body's bytes, freed of chunk framing, as they come. */
    interface Body {
        void bytes(byte[] data, int from, int to);
    }

    enum Kind {
        REQUEST, ANSWER
    }

    private enum Part {
        HEAD, FIXED, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER, COMPLETE
    }

    private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CODING = "transfer-encoding:".getBytes(StandardCharsets.US_ASCII);

    private final Kind kind;
    private final Body body;
    private final byte[] line = new byte[8192];
    private byte[] start = new byte[256];
    private int lineLength;
    private int startLength;
    private Part part = Part.HEAD;
    private long left;
    private boolean chunked;

    MessageReader(Kind kind, Body body) {
        this.kind = kind;
        this.body = body;
        reset();
    }

    void reset() {
        part = Part.HEAD;
        lineLength = 0;
        startLength = 0;
        left = -1;
        chunked = false;
    }

    boolean complete() {
        return part == Part.COMPLETE;
    }

    /** Nothing of the next message has arrived. */
    boolean untouched() {
        return part == Part.HEAD && startLength == 0 && lineLength == 0;
    }

    boolean startsWith(byte[] prefix) {
        return startLength >= prefix.length && Arrays.equals(start, 0, prefix.length, prefix, 0, prefix.length);
    }

    String startLine() {
        return new String(start, 0, startLength, StandardCharsets.ISO_8859_1);
    }

    /** Reads up to the end of the message or of the data; returns where it stopped. */
    int read(byte[] data, int from, int to) throws ProtocolException {
        int at = from;
        while (at < to && part != Part.COMPLETE) {
            if (part == Part.FIXED || part == Part.CHUNK) {
                int end = (int) Math.min(to, at + left);
                body.bytes(data, at, end);
                left -= end - at;
                at = end;
                if (left == 0) {
                    part = part == Part.FIXED ? Part.COMPLETE : Part.CHUNK_END;
                }
            } else {
                byte next = data[at++];
                if (next == '\n') {
                    endOfLine(lineLength > 0 && line[lineLength - 1] == '\r' ? lineLength - 1 : lineLength);
                    lineLength = 0;
                } else if (lineLength < line.length) {
                    line[lineLength++] = next;
                } else {
                    throw new ProtocolException("a line longer than " + line.length + " bytes");
                }
            }
        }
        return at;
    }

    private void endOfLine(int length) throws ProtocolException {
        switch (part) {
            case HEAD -> headLine(length);
            case CHUNK_SIZE -> chunkSize(length);
            case CHUNK_END -> {
                if (length != 0) {
                    throw new ProtocolException("a chunk longer than its size");
                }
                part = Part.CHUNK_SIZE;
            }
            case TRAILER -> part = length == 0 ? Part.COMPLETE : Part.TRAILER;
            case FIXED, CHUNK, COMPLETE -> throw new IllegalStateException("no lines in " + part);
        }
    }

    private void headLine(int length) throws ProtocolException {
        if (startLength == 0) {
            if (length > start.length) {
                start = new byte[length];
            }
            System.arraycopy(line, 0, start, 0, length);
            startLength = length;
        } else if (length == 0) {
            endOfHead();
        } else if (is(LENGTH, length)) {
            if (left >= 0) {
                throw new ProtocolException("two Content-Length headers");
            }
            left = Long.parseLong(value(LENGTH.length, length));
        } else if (is(CODING, length)) {
            chunked = value(CODING.length, length).toLowerCase(Locale.ROOT).endsWith("chunked");
        }
    }

    private void endOfHead() throws ProtocolException {
        if (chunked && left >= 0) {
            throw new ProtocolException("both Content-Length and Transfer-Encoding");
        }
        if (chunked) {
            part = Part.CHUNK_SIZE;
        } else if (left > 0) {
            part = Part.FIXED;
        } else if (left == 0 || kind == Kind.REQUEST) {
            part = Part.COMPLETE;
        } else {
            throw new ProtocolException("an answer with neither length nor chunks: " + startLine());
        }
    }

    private void chunkSize(int length) throws ProtocolException {
        String size = value(0, length);
        int extension = size.indexOf(';');
        try {
            left = Long.parseLong(extension < 0 ? size : size.substring(0, extension).strip(), 16);
        } catch (NumberFormatException e) {
            throw new ProtocolException("not a chunk size: " + size);
        }
        part = left == 0 ? Part.TRAILER : Part.CHUNK;
    }

    private boolean is(byte[] name, int length) {
        if (length < name.length) {
            return false;
        }
        for (int i = 0; i < name.length; i++) {
            int letter = line[i] >= 'A' && line[i] <= 'Z' ? line[i] + 32 : line[i];
            if (letter != name[i]) {
                return false;
            }
        }
        return true;
    }

    private String value(int from, int to) {
        return new String(line, from, to - from, StandardCharsets.ISO_8859_1).strip();
    }
}
