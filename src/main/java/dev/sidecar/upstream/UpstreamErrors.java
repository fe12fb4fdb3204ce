package dev.sidecar.upstream;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The values of the {@code status_code} tag: a small closed set for any provider's response. Stateless. */
public final class UpstreamErrors {

    private static final Set<Integer> NAMED = Set.of(400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503,
            504);

    /** No connection, or it failed before the first byte of a response. */
    private static final String CONNECT = "connect";
    /** The provider was not reached in time, or was silent for too long. */
    private static final String TIMEOUT = "timeout";
    /** The bytes received are no complete HTTP response. */
    private static final String BROKEN = "broken";

    /** All values that the methods here can return. */
    public static final List<String> LABELS = Stream
            .concat(NAMED.stream().sorted().map(String::valueOf), Stream.of("4xx", "5xx", CONNECT, TIMEOUT, BROKEN))
            .toList();

    private UpstreamErrors() {
    }

    /** The label of an attempt without a response; null if the client has left, which is no fault of the provider. */
    public static @Nullable String ofFailure(IOException failure) {
        return switch (failure) {
            case ClientGoneException gone -> null;
            case NotSentException notSent -> null;
            case SocketTimeoutException timeout -> TIMEOUT;
            case NoResponseException none -> none.failure() instanceof SocketTimeoutException ? TIMEOUT : CONNECT;
            default -> BROKEN;
        };
    }

    /** The label of a response; null if it is no error. */
    public static @Nullable String ofStatus(int status) {
        if (status < 400) {
            return null;
        }
        return NAMED.contains(status) ? Integer.toString(status) : status < 500 ? "4xx" : "5xx";
    }
}
