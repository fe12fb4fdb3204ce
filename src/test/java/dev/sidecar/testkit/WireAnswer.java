package dev.sidecar.testkit;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An answer as it came over the wire.
 *
 * @param statusLine of the final answer
 * @param headers in order, repeated ones too, in their original case
 * @param interim the status lines of the answers with a status below 200 that came before
 * @param body with chunked framing taken off; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity only
public record WireAnswer(String statusLine, List<Header> headers, List<String> interim, byte[] body) {

    public int status() {
        return Integer.parseInt(statusLine.substring(9, 12));
    }

    public List<String> headers(String name) {
        return headers.stream().filter(header -> header.is(name)).map(Header::value).toList();
    }

    /** The value of the only header of this name. */
    public String header(String name) {
        List<String> values = headers(name);
        if (values.size() != 1) {
            throw new AssertionError("expected one header " + name + ", not " + values + " in " + this);
        }
        return values.getFirst();
    }

    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return statusLine + " " + headers + " (" + body.length + " bytes)";
    }
}
