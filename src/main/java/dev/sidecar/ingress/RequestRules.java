package dev.sidecar.ingress;

import dev.sidecar.http.ErrorBody;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Refuses messages that two parsers in sequence could read differently, before any other step sees them.
 *
 * <p>RFC 9112 §3.2: exactly one {@code Host} in HTTP/1.1, else 400. §6.3: no message with both {@code
 * Transfer-Encoding} and {@code Content-Length}, and no transfer coding but {@code chunked}. RFC 9110 §9.3.6 and
 * §9.3.8: CONNECT and TRACE have no meaning for a proxy in front of an API. RFC 9112 §3.2: a target has one of four
 * forms. RFC 9110 §7.8: an unsupported protocol gets an explicit refusal. Stateless; event loop only.
 */
final class RequestRules implements Handler<HttpServerRequest> {

    /** RFC 9112 §3.2.4. */
    private static final String SERVER_AS_A_WHOLE = "*";
    private static final Pattern OFFER = Pattern.compile("(?i)(h2|h2c|h3|HTTP/.*|TLS/.*)");

    private final Handler<HttpServerRequest> next;
    private final ErrorResponder errors;

    RequestRules(Handler<HttpServerRequest> next, ErrorResponder errors) {
        this.next = next;
        this.errors = errors;
    }

    @Override
    public void handle(HttpServerRequest request) {
        var refusal = refusal(request);
        if (refusal == null && request.uri().equals(SERVER_AS_A_WHOLE)) {
            errors.sendMethods(request);
        } else if (refusal == null) {
            next.handle(request);
        } else {
            if (refusal.status() == 405) {
                request.response().putHeader(HttpHeaders.ALLOW, ErrorResponder.METHODS);
            }
            // The next message on this connection may not begin where this parser expects it.
            errors.sendLast(request, refusal);
        }
    }

    private static @Nullable ErrorBody refusal(HttpServerRequest request) {
        var method = request.method();
        if (method.equals(HttpMethod.CONNECT) || method.equals(HttpMethod.TRACE)) {
            return ErrorBody.invalidRequest(405, "method_not_allowed", method.name() + " is not supported");
        }
        if (!isTarget(request)) {
            return ErrorBody.invalidRequest(400, "bad_request",
                    "the target is neither a path nor an absolute URI; * goes with OPTIONS alone");
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
        if (request.version() == HttpVersion.HTTP_1_1 && needsUpgrade(headers)) {
            return ErrorBody.invalidRequest(501, "upgrade_not_supported",
                    "WebSocket and other upgrades are not supported; use HTTP, with a streamed response");
        }
        return null;
    }

    private static boolean isTarget(HttpServerRequest request) {
        var target = request.uri();
        return target.startsWith("/") || target.contains("://")
                || target.equals(SERVER_AS_A_WHOLE) && request.method().equals(HttpMethod.OPTIONS);
    }

    /**
     * Whether the client needs a protocol other than HTTP. A newer HTTP, or TLS, is an offer that many clients make
     * with each request, and RFC 9110 §7.8 lets a server ignore it.
     */
    private static boolean needsUpgrade(MultiMap headers) {
        return headers.contains(HttpHeaders.UPGRADE)
                && listed(headers, HttpHeaders.CONNECTION).anyMatch("upgrade"::equalsIgnoreCase)
                && !listed(headers, HttpHeaders.UPGRADE).allMatch(protocol -> OFFER.matcher(protocol).matches());
    }

    private static Stream<String> listed(MultiMap headers, CharSequence name) {
        return headers.getAll(name).stream().flatMap(value -> Arrays.stream(value.split(","))).map(String::strip)
                .filter(element -> !element.isEmpty());
    }

    /** White space inside can only come from a folded line, which another parser may read as a separate field. */
    private static boolean isHost(String value) {
        var host = value.strip();
        return !host.isEmpty() && host.indexOf(' ') < 0 && host.indexOf('\t') < 0;
    }
}
