package dev.sidecar.route;

import dev.sidecar.call.Cancellation;
import dev.sidecar.call.ClientCall;
import dev.sidecar.http.HeaderRules;
import dev.sidecar.upstream.UpstreamRequest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;
import org.jspecify.annotations.Nullable;

/**
 * What every upstream is sent, whichever it is: the client's method, target and bytes, and the message's headers as the
 * routes left them, but for what is between the client and the sidecar.
 *
 * <p>Reads the exchange property {@value #LET_THROUGH}: names of header fields, separated by commas, that leave although they
 * are of that kind. The client's {@code Authorization} never does. Stateless.
 */
final class OutgoingRequest {

    private static final String AUTHORIZATION = "Authorization";
    private static final String ACCEPT_ENCODING = "Accept-Encoding";

    static final String LET_THROUGH = "SidecarLetThrough";

    private OutgoingRequest() {
    }

    /** @param authorization the upstream's key, or null to send none */
    static UpstreamRequest of(ClientCall call, Message message, @Nullable Header authorization,
            UpstreamRequest.Listener listener, Cancellation cancellation) {
        return of(call, call.body(), message, authorization, listener, cancellation);
    }

    /** @param body in place of the client's */
    static UpstreamRequest of(ClientCall call, @Nullable Buffer body, Message message, @Nullable Header authorization,
            UpstreamRequest.Listener listener, Cancellation cancellation) {
        return new UpstreamRequest(call.request().method().name(), target(call.request()),
                fields(message.getHeaders(), authorization, letThrough(message.getExchange()), call.isBegun()), body,
                listener, cancellation);
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

    private static Set<String> letThrough(Exchange exchange) {
        return exchange.getProperty(LET_THROUGH) instanceof String names
                ? Arrays.stream(names.split(",", -1)).map(name -> name.strip().toLowerCase(Locale.ROOT))
                        .filter(name -> !name.equals("authorization")).collect(Collectors.toUnmodifiableSet())
                : Set.of();
    }

    private static List<Header> fields(Map<String, Object> headers, @Nullable Header authorization,
            Set<String> letThrough, boolean begun) {
        var fields = new ArrayList<Header>(headers.size() + 2);
        if (authorization != null) {
            fields.add(authorization);
        }
        if (begun) { // with plain text, so the rest must be that too
            fields.add(new BasicHeader(ACCEPT_ENCODING, "identity"));
        }
        for (var entry : headers.entrySet()) {
            var name = entry.getKey().toLowerCase(Locale.ROOT);
            if (begun && name.equalsIgnoreCase(ACCEPT_ENCODING) || !HeaderRules.isForwarded(name, Set.of())
                    || HeaderRules.isPrivate(name) && !letThrough.contains(name)) {
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
