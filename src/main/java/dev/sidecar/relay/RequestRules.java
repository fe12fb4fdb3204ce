package dev.sidecar.relay;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Refuses messages that two parsers in a row could read differently, before anything else looks at them.
 *
 * <p>RFC 9112 §3.2: exactly one {@code Host} in HTTP/1.1, else 400. §6.3: no message with both
 * {@code Transfer-Encoding} and {@code Content-Length}, and no transfer coding but {@code chunked}. RFC 9110 §9.3.6
 * and §9.3.8: CONNECT and TRACE have no meaning for a proxy in front of an API. Stateless; event loop only.
 */
final class RequestRules implements Handler<HttpServerRequest> {

    private final Handler<HttpServerRequest> next;
    private final DirectAnswer answers;

    RequestRules(Handler<HttpServerRequest> next, DirectAnswer answers) {
        this.next = next;
        this.answers = answers;
    }

    @Override
    public void handle(HttpServerRequest request) {
        var refusal = refusal(request);
        if (refusal == null) {
            next.handle(request);
        } else {
            if (refusal.status() == 405) {
                request.response().putHeader(HttpHeaders.ALLOW, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
            }
            // What follows on this connection cannot be trusted to begin where we think it does.
            answers.sendLast(request, refusal);
        }
    }

    private static @Nullable ErrorBody refusal(HttpServerRequest request) {
        var method = request.method();
        if (method.equals(HttpMethod.CONNECT) || method.equals(HttpMethod.TRACE)) {
            return ErrorBody.invalidRequest(405, "method_not_allowed", method.name() + " is not supported");
        }
        var headers = request.headers();
        var hosts = headers.getAll(HttpHeaders.HOST);
        if (hosts.size() > 1 || request.version() == HttpVersion.HTTP_1_1 && hosts.isEmpty()
                || !hosts.isEmpty() && !isHost(hosts.get(0))) {
            return ErrorBody.invalidRequest(400, "bad_request", "exactly one Host header is required");
        }
        if (headers.contains("")) {
            return ErrorBody.invalidRequest(400, "bad_request", "a header field has no name");
        }
        var codings = headers.getAll(HttpHeaders.TRANSFER_ENCODING);
        if (!codings.isEmpty()) {
            if (codings.size() > 1 || !codings.get(0).strip().equalsIgnoreCase("chunked")) {
                return ErrorBody.invalidRequest(400, "bad_request", "the only transfer coding accepted is chunked");
            }
            if (headers.contains(HttpHeaders.CONTENT_LENGTH)) {
                return ErrorBody.invalidRequest(400, "bad_request",
                        "Transfer-Encoding and Content-Length exclude each other");
            }
        }
        return null;
    }

    /** White space inside can only come from a folded line, which may be a field of its own to another parser. */
    private static boolean isHost(String value) {
        var host = value.strip();
        return !host.isEmpty() && host.indexOf(' ') < 0 && host.indexOf('\t') < 0;
    }
}
