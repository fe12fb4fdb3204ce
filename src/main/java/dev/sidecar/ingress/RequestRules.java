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
 * Refuses messages that two parsers in a row could read differently, before anything else looks at them.
 *
 * <p>RFC 9112 §3.2: exactly one {@code Host} in HTTP/1.1, else 400. §6.3: no message with both
 * {@code Transfer-Encoding} and {@code Content-Length}, and no transfer coding but {@code chunked}. RFC 9110 §9.3.6
 * and §9.3.8: CONNECT and TRACE have no meaning for a proxy in front of an API. RFC 9112 §3.2: a target has one of four
 * forms. RFC 9110 §7.8: a protocol that is not spoken here is refused in so many words. Stateless; event loop only.
 */
final class RequestRules implements Handler<HttpServerRequest> {

    /** RFC 9112 §3.2.4. */
    private static final String SERVER_AS_A_WHOLE = "*";
    private static final Pattern OFFER = Pattern.compile("(?i)(h2|h2c|h3|HTTP/.*|TLS/.*)");

    private final Handler<HttpServerRequest> next;
    private final ErrorResponder answers;

    RequestRules(Handler<HttpServerRequest> next, ErrorResponder answers) {
        this.next = next;
        this.answers = answers;
    }

    @Override
    public void handle(HttpServerRequest request) {
        var refusal = refusal(request);
        if (refusal == null && request.uri().equals(SERVER_AS_A_WHOLE)) {
            answers.sendMethods(request);
        } else if (refusal == null) {
            next.handle(request);
        } else {
            if (refusal.status() == 405) {
                request.response().putHeader(HttpHeaders.ALLOW, ErrorResponder.METHODS);
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
     * Whether the client wants a protocol in which it will not speak HTTP. A newer HTTP, or TLS, is an offer that many clients
     * make with each request and that RFC 9110 §7.8 lets a server ignore.
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

    /** White space inside can only come from a folded line, which may be a field of its own to another parser. */
    private static boolean isHost(String value) {
        var host = value.strip();
        return !host.isEmpty() && host.indexOf(' ') < 0 && host.indexOf('\t') < 0;
    }
}
