package dev.sidecar.testkit;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * One request as it came over the wire. Times are {@code System.nanoTime}: of the head's last byte and of the body's.
 *
 * @param target the raw request target, with its query
 * @param headers in order, repeated ones too, in their original case
 * @param body with chunked framing taken off; not to be changed
 * @param connectionId counts the connections from 1
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity only
public record RecordedRequest(String method, String target, String version, List<Header> headers, byte[] body,
        long headNanos, long bodyNanos, int connectionId) {

    private static final String BEARER = "Bearer ";

    public RecordedRequest {
        headers = List.copyOf(headers);
    }

    /** The value of the only header of this name. */
    public Optional<String> header(String name) {
        List<String> values = headers(name);
        if (values.size() > 1) {
            throw new IllegalStateException("more than one header " + name + ": " + values);
        }
        return values.stream().findFirst();
    }

    public List<String> headers(String name) {
        return headers.stream().filter(header -> header.is(name)).map(Header::value).toList();
    }

    /** The key, in whichever field it came; empty without one. */
    public Optional<String> key() {
        return header("Authorization").filter(value -> value.startsWith(BEARER))
                .map(value -> value.substring(BEARER.length())).or(() -> header("x-api-key"))
                .or(() -> header("api-key"));
    }

    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    public String bodyText() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** Whether a header of this name lists this token, as {@code Connection: close} does. */
    boolean says(String name, String token) {
        return headers(name).stream().flatMap(value -> List.of(value.split(",", -1)).stream())
                .anyMatch(listed -> listed.strip().equalsIgnoreCase(token));
    }

    @Override
    public String toString() {
        return method + " " + target + " (" + body.length + " bytes, connection " + connectionId + ")";
    }
}
