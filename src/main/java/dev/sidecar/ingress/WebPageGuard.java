package dev.sidecar.ingress;

import dev.sidecar.http.ErrorBody;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Keeps forbidden web pages away from {@code /v1}, responds to the preflights that browsers send before a page's
 * request, and lets allowed pages read every response: the provider's and the sidecar's own.
 *
 * <p>It stands before the routes and not among them. So it refuses before a byte of the body is read, no edited route
 * can leave it out, and it also covers responses without a route, such as 413. Specification: <a
 * href="https://fetch.spec.whatwg.org/#http-cors-protocol">Fetch, CORS protocol</a>. Stateless and thread-safe.
 */
final class WebPageGuard implements Handler<HttpServerRequest> {

    private static final String CORS = "access-control-";
    /** Two hours, the largest value that Chromium respects. Each later request is checked anyway. */
    private static final String MAX_AGE_SECONDS = "7200";
    /** RFC 9110 §5.1, as a list. */
    private static final Pattern FIELD_NAMES = Pattern
            .compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+( *, *[!#$%&'*+.^_`|~0-9A-Za-z-]+)*");

    private final WebPageRule rule;
    private final Handler<HttpServerRequest> next;
    private final ErrorResponder errors;

    WebPageGuard(WebPageRule rule, Handler<HttpServerRequest> next, ErrorResponder errors) {
        this.rule = rule;
        this.next = next;
        this.errors = errors;
    }

    @Override
    public void handle(HttpServerRequest request) {
        if (!ErrorResponder.isProxied(request)) {
            next.handle(request);
            return;
        }
        var fields = request.headers();
        var origins = fields.getAll(HttpHeaders.ORIGIN);
        var refusal = rule.refusal(fields.get(HttpHeaders.HOST), origins, fields.get("Sec-Fetch-Site"));
        if (refusal != null) {
            refuse(request, refusal);
            return;
        }
        if (origins.isEmpty()) {
            next.handle(request);
        } else if (isPreflight(request)) {
            respondToPreflight(request, origins.getFirst());
        } else {
            openTo(origins.getFirst(), request.response());
            next.handle(request);
        }
    }

    /** Does not wait for a body that no step will read. */
    private void refuse(HttpServerRequest request, ErrorBody refusal) {
        if (BodyReader.hasBody(request)) {
            errors.sendLast(request, refusal);
        } else {
            errors.send(request, refusal);
        }
    }

    /**
     * Sets the fields at the last moment, so that they apply to every response. The provider's own fields concern its
     * own pages and are removed.
     */
    private static void openTo(String origin, HttpServerResponse response) {
        response.headersEndHandler(v -> {
            var fields = response.headers();
            fields.names().stream().filter(name -> name.toLowerCase(Locale.ROOT).startsWith(CORS)).toList()
                    .forEach(fields::remove);
            fields.set(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, String.join(", ", new TreeSet<>(fields.names())));
            fields.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            fields.add(HttpHeaders.VARY, "Origin");
        });
    }

    private static boolean isPreflight(HttpServerRequest request) {
        return request.method().equals(HttpMethod.OPTIONS)
                && request.headers().contains(HttpHeaders.ACCESS_CONTROL_REQUEST_METHOD);
    }

    private void respondToPreflight(HttpServerRequest request, String origin) {
        var fields = request.response().headers();
        fields.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        fields.set(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, ErrorResponder.METHODS);
        var wanted = request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS);
        if (wanted != null && FIELD_NAMES.matcher(wanted).matches()) {
            fields.set(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, wanted);
        }
        if ("true".equals(request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK))) {
            fields.set(HttpHeaders.ACCESS_CONTROL_ALLOW_PRIVATE_NETWORK, "true");
        }
        fields.set(HttpHeaders.ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
        fields.set(HttpHeaders.VARY, "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
        errors.sendNothing(request);
    }
}
