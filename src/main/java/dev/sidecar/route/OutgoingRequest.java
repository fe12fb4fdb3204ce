package dev.sidecar.route;

import dev.sidecar.relay.Cancellation;
import dev.sidecar.relay.HeaderRules;
import dev.sidecar.relay.ProxyCall;
import dev.sidecar.relay.UpstreamRequest;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Message;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;
import org.jspecify.annotations.Nullable;

/**
 * What every upstream is sent, whichever it is: the client's method, target and bytes, and the message's headers as the
 * routes left them but for the client's own key. Stateless.
 */
final class OutgoingRequest {

    private static final String AUTHORIZATION = "Authorization";

    private OutgoingRequest() {
    }

    /** @param authorization the upstream's key, or null to send none */
    static UpstreamRequest of(ProxyCall call, Message message, @Nullable Header authorization,
            UpstreamRequest.Listener listener, Cancellation cancellation) {
        return new UpstreamRequest(call.request().method().name(), target(call.request()),
                fields(message.getHeaders(), authorization), call.body(), listener, cancellation);
    }

    static Header authorization(String apiKey) {
        return new BasicHeader(AUTHORIZATION, "Bearer " + apiKey, true);
    }

    /** Path and query as the client wrote them; of a target in absolute form (RFC 9112 §3.2.2) only these count. */
    private static String target(HttpServerRequest request) {
        if (request.uri().startsWith("/")) {
            return request.uri();
        }
        return request.query() == null ? request.path() : request.path() + "?" + request.query();
    }

    private static List<Header> fields(Map<String, Object> headers, @Nullable Header authorization) {
        var fields = new ArrayList<Header>(headers.size() + 1);
        if (authorization != null) {
            fields.add(authorization);
        }
        for (var entry : headers.entrySet()) {
            var name = entry.getKey().toLowerCase(Locale.ROOT);
            if (name.equals("authorization") || !HeaderRules.isForwarded(name, Set.of())) {
                continue;
            }
            if (entry.getValue() instanceof List<?> values) {
                values.forEach(value -> fields.add(new BasicHeader(entry.getKey(), value)));
            } else if (entry.getValue() != null) {
                fields.add(new BasicHeader(entry.getKey(), entry.getValue()));
            }
        }
        return fields;
    }
}
