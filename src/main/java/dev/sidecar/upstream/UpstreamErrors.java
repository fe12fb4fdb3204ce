package dev.sidecar.upstream;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The values of the {@code status_code} tag: a small closed set, whatever a provider answers. Stateless.
 */
public final class UpstreamErrors {

    private static final Set<Integer> NAMED = Set.of(400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503,
            504);

    /** No connection, or it failed before a byte of an answer came. */
    private static final String CONNECT = "connect";
    /** Not reached, or silent, for too long. */
    private static final String TIMEOUT = "timeout";
    /** What came is no complete HTTP answer. */
    private static final String BROKEN = "broken";

    /** All that the methods here can answer. */
    public static final List<String> LABELS = Stream
            .concat(NAMED.stream().sorted().map(String::valueOf), Stream.of("4xx", "5xx", CONNECT, TIMEOUT, BROKEN))
            .toList();

    private UpstreamErrors() {
    }

    /** Of a try without an answer; null when that is no fault of the provider's, since the client has left. */
    public static @Nullable String ofFailure(IOException failure) {
        return switch (failure) {
            case ClientGoneException gone -> null;
            case SocketTimeoutException timeout -> TIMEOUT;
            case NoResponseException none -> none.failure() instanceof SocketTimeoutException ? TIMEOUT : CONNECT;
            default -> BROKEN;
        };
    }

    /** Of an answer; null when it is no error. */
    public static @Nullable String ofStatus(int status) {
        if (status < 400) {
            return null;
        }
        return NAMED.contains(status) ? Integer.toString(status) : status < 500 ? "4xx" : "5xx";
    }
}
