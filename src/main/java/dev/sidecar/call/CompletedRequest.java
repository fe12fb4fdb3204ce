package dev.sidecar.call;

import dev.sidecar.http.RequestIds;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Priority;
import io.vertx.core.http.HttpServerRequest;
import dev.sidecar.throttle.tokens.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * The summary of a request below /v1 after its end. From the client's message it has only method, model and request id,
 * never a path, header field or body. Immutable.
 *
 * @param client the name of the client, from the file of clients; {@code anonymous} for one that is not known
 * @param model as the client wrote it, at most 128 characters; null when it named none
 * @param priority {@link Priority#NORMAL} for a request that never reached the queue
 * @param status the status that the client got, or {@value #CLIENT_GONE} when it left before a response
 * @param queueWaitMillis the time in the queue, the sum over all attempts
 * @param upstreamMillis from the writing of the last attempt to the end of its response; 0 when nothing was written
 * @param attempts how often it was sent to the provider, or about to be sent
 * @param bytes the bytes of the response's body that were written to the client
 * @param error code of the sidecar's own error response, null for any other response
 * @param upstream the route's short name for an upstream that is no provider; null for a provider
 * @param keyUsed with which key it was sent last, null if it was not
 * @param usage the tokens that the response says it cost, null if it does not
 * @param heartbeats the signs of life that the client got while it waited; with them its status is 200, whatever came after
 */
public record CompletedRequest(String requestId, String client, String method, @Nullable String model,
        Priority priority,
        Outcome outcome, int status, long queueWaitMillis, long upstreamMillis, int attempts, long bytes,
        @Nullable String error, @Nullable String upstream, ClientCall.@Nullable KeyUsed keyUsed,
        @Nullable TokenUsage usage, int heartbeats) {

    /** The code that nginx and many log readers use: no HTTP status, because nothing was sent. */
    public static final int CLIENT_GONE = 499;

    /** The summary of a request that no step of a route has seen, or none that knows the call. */
    public static CompletedRequest early(HttpServerRequest request, Outcome outcome, int status,
            @Nullable String error) {
        return new CompletedRequest(RequestIds.of(request.getHeader(RequestIds.HEADER)), ClientPolicy.ANONYMOUS.name(),
                request.method().name(), null, Priority.NORMAL, outcome, status, 0, 0, 0,
                request.response().bytesWritten(), error, null, null, null, 0);
    }
}
