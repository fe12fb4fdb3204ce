package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads HTTP/1.1 requests from a connection, as strictly as a test wants them. */
final class WireReader {

    private final InputStream in;
    private final OutputStream out;
    private final int connectionId;

    WireReader(InputStream in, OutputStream out, int connectionId) {
        this.in = new BufferedInputStream(in, 4096);
        this.out = out;
        this.connectionId = connectionId;
    }

    /** Waits until a next request begins; false if the client closes or resets the connection instead. */
    boolean hasMore() {
        try {
            in.mark(1);
            if (in.read() < 0) {
                return false;
            }
            in.reset();
            return true;
        } catch (IOException reset) {
            return false;
        }
    }

    RecordedRequest read() throws IOException {
        String[] start = line().split(" ", -1);
        if (start.length != 3 || !start[2].startsWith("HTTP/1.")) {
            throw new ProtocolException("not a request line: " + String.join(" ", start));
        }
        List<Header> headers = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon < 1 || line.charAt(colon - 1) == ' ') {
                throw new ProtocolException("not a header: " + line);
            }
            headers.add(new Header(line.substring(0, colon), line.substring(colon + 1).strip()));
        }
        long headNanos = System.nanoTime();
        if ("100-continue".equalsIgnoreCase(first(headers, "Expect"))) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
            out.flush();
        }
        byte[] body = body(headers);
        return new RecordedRequest(start[0], start[1], start[2], headers, body, headNanos, System.nanoTime(),
                connectionId);
    }

    private byte[] body(List<Header> headers) throws IOException {
        String length = first(headers, "Content-Length");
        String coding = first(headers, "Transfer-Encoding");
        if (coding == null) {
            return length == null ? new byte[0] : exactly(Integer.parseInt(length));
        }
        if (length != null || !coding.equalsIgnoreCase("chunked")) {
            throw new ProtocolException("ambiguous framing: " + headers);
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String size = line();
            byte[] chunk = exactly(Integer.parseInt(size.split(";", 2)[0].strip(), 16));
            if (chunk.length == 0) {
                while (!line().isEmpty()) {
                    // A trailer: read over, as nothing forwards one.
                }
                return body.toByteArray();
            }
            body.writeBytes(chunk);
            if (!line().isEmpty()) {
                throw new ProtocolException("chunk longer than its size " + size);
            }
        }
    }

    private static @Nullable String first(List<Header> headers, String name) throws ProtocolException {
        List<String> values = headers.stream().filter(header -> header.is(name)).map(Header::value).toList();
        if (values.size() > 1) {
            throw new ProtocolException("repeated " + name + ": " + values);
        }
        return values.isEmpty() ? null : values.getFirst();
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("body ended after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(80);
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("connection ended inside a line: " + line.toString(ISO_8859_1));
            }
            line.write(next);
        }
        String text = line.toString(ISO_8859_1);
        if (!text.endsWith("\r")) {
            throw new ProtocolException("line without CR: " + text);
        }
        return text.substring(0, text.length() - 1);
    }
}
