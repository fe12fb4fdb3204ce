package dev.sidecar.ingress;

import dev.sidecar.call.CompletedRequest;
import dev.sidecar.call.Outcome;
import dev.sidecar.http.CacheControl;
import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.RequestIds;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the server's own error responses, to requests that never reach a route. Reports each such request below /v1 as
 * completed, like any other. Event loop only.
 */
final class ErrorResponder {

    /** The methods of a proxy for an API; below /v1 other methods pass too. */
    static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    private static final String PROXIED = "/v1/";
    private static final int NO_CONTENT = 204;

    private final Consumer<CompletedRequest> completions;

    ErrorResponder(Consumer<CompletedRequest> completions) {
        this.completions = completions;
    }

    /** Whether the request is for the provider; all other requests are for the sidecar itself. */
    static boolean isProxied(HttpServerRequest request) {
        var path = request.path();
        return path != null && path.startsWith(PROXIED);
    }

    /** Refuses a request that came after the sidecar was told to stop. */
    void sendShuttingDown(HttpServerRequest request) {
        request.response().putHeader("Retry-After", "5");
        sendLast(request,
                ErrorBody.apiError(503, "shutting_down", "The sidecar is shutting down and takes nothing more."));
    }

    void send(HttpServerRequest request, ErrorBody error) {
        var response = request.response();
        if (response.ended()) {
            return;
        }
        if (response.closed()) {
            vanished(request);
            return;
        }
        if (response.headWritten()) {
            request.connection().close();
            return;
        }
        response.setStatusCode(error.status()).putHeader("Content-Type", "application/json").putHeader(
                RequestIds.HEADER, RequestIds.of(request.getHeader(RequestIds.HEADER)));
        CacheControl.NO_STORE.on(response);
        response.end(Buffer.buffer(error.toJson()));
        completed(request, Outcome.ofError(error), error.status(), error.code());
    }

    /** Sends a response without a body (204); the caller has set its header fields. */
    void sendNothing(HttpServerRequest request) {
        request.response().setStatusCode(NO_CONTENT).putHeader(RequestIds.HEADER,
                RequestIds.of(request.getHeader(RequestIds.HEADER))).end();
        completed(request, Outcome.OK, NO_CONTENT, null);
    }

    /** Reports a request whose client went away before its end. */
    void vanished(HttpServerRequest request) {
        completed(request, Outcome.CANCELLED, CompletedRequest.CLIENT_GONE, null);
    }

    private void completed(HttpServerRequest request, Outcome outcome, int status,
            @Nullable String error) {
        if (isProxied(request)) {
            completions.accept(CompletedRequest.early(request, outcome, status, error));
        }
    }

    /** Responds to OPTIONS for the server as a whole, RFC 9110 §9.3.7. */
    void sendMethods(HttpServerRequest request) {
        request.response().setStatusCode(204).putHeader(HttpHeaders.ALLOW, METHODS)
                .putHeader(RequestIds.HEADER, RequestIds.of(request.getHeader(RequestIds.HEADER))).end();
    }

    /** Refuses a request, and ends the connection with the response: later bytes on it are useless or not to be trusted. */
    void sendLast(HttpServerRequest request, ErrorBody error) {
        if (!request.response().headWritten()) {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        send(request, error);
    }

    /** Refuses a message that is not HTTP/1.1, or is larger than the server's limits. The connection ends with the response. */
    void sendInvalid(HttpServerRequest request) {
        var cause = request.decoderResult().cause();
        var error = switch (cause) {
            case TooLongHttpLineException tooLong -> ErrorBody.invalidRequest(414, "uri_too_long",
                    "the request line is longer than " + IngressServer.MAX_REQUEST_LINE_BYTES + " bytes");
            case TooLongHttpHeaderException tooLong -> ErrorBody.invalidRequest(431, "headers_too_large",
                    "the header block is larger than " + IngressServer.MAX_HEADER_BYTES + " bytes");
            case TooLongFrameException tooLong -> ErrorBody.invalidRequest(431, "headers_too_large",
                    "the message's framing is larger than this server accepts");
            case StrictRequestDecoder.UnsupportedVersionException other -> ErrorBody.invalidRequest(505,
                    "http_version_not_supported", "only HTTP/1.1 and HTTP/1.0 are spoken here");
            case null, default -> ErrorBody.invalidRequest(400, "bad_request", "the request is not valid HTTP/1.1");
        };
        sendLast(request, error);
    }
}
