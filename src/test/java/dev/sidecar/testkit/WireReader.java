package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;

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
        WireHead head = WireHead.read(in);
        String[] start = head.startLine().split(" ", -1);
        if (start.length != 3 || !start[2].startsWith("HTTP/1.")) {
            throw new ProtocolException("not a request line: " + head.startLine());
        }
        long headNanos = System.nanoTime();
        if (head.values("Expect").stream().anyMatch("100-continue"::equalsIgnoreCase)) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
            out.flush();
        }
        byte[] body = WireBody.ofRequest(in, head).readAllBytes();
        return new RecordedRequest(start[0], start[1], start[2], head.headers(), body, headNanos, System.nanoTime(),
                connectionId);
    }
}
