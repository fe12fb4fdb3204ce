package dev.sidecar.call;

import dev.sidecar.http.RequestIds;
import dev.sidecar.throttle.order.Priority;
import io.vertx.core.http.HttpServerRequest;
import org.jspecify.annotations.Nullable;

/**
 * What can be said of a request below /v1 when it is over. Of what the client wrote only method, model and request id are
 * here, never a path, header field or body. Immutable.
 *
 * @param model as the client wrote it, at most 128 characters; null when it named none
 * @param priority {@link Priority#NORMAL} for one that never got as far as the line
 * @param status what the client was sent, or {@value #CLIENT_GONE} when it left before an answer
 * @param queueWaitMillis in line, before all tries together
 * @param upstreamMillis from the writing of the last try to the end of its answer; 0 when nothing was written
 * @param attempts how often it was sent to the provider, or was about to be
 * @param bytes of the answer's body that were written to the client
 * @param error code of the sidecar's own error answer, null when the answer was another one
 * @param upstream where a route sent it instead of the provider, a short word; null when it did not
 */
public record CompletedRequest(String requestId, String method, @Nullable String model, Priority priority,
        Outcome outcome, int status, long queueWaitMillis, long upstreamMillis, int attempts, long bytes,
        @Nullable String error, @Nullable String upstream) {

    /** As nginx and many log readers write it: no HTTP status, since nothing was sent. */
    public static final int CLIENT_GONE = 499;

    /** A request that no step of a route has seen, or none that knows it. */
    public static CompletedRequest early(HttpServerRequest request, Outcome outcome, int status,
            @Nullable String error) {
        return new CompletedRequest(RequestIds.of(request.getHeader(RequestIds.HEADER)), request.method().name(), null,
                Priority.NORMAL, outcome, status, 0, 0, 0,
                request.response().bytesWritten(), error, null);
    }
}
