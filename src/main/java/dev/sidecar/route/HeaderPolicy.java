package dev.sidecar.route;

import dev.sidecar.call.ClientCall;
import dev.sidecar.call.Release;
import dev.sidecar.http.HeaderRules;
import dev.sidecar.http.RequestIds;
import dev.sidecar.ingress.InFlightRequests;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * First step of every proxied request: makes the request's end-to-end header fields the message's headers, and nothing
 * else. Query parameters, hop-by-hop fields and names with a meaning inside Camel or the sidecar stay outside.
 *
 * <p>From here on the message's headers are the truth: what a route sets, changes or removes is what the provider sees. Only
 * what is between the client and the sidecar, its credentials for instance, is there for the routes alone. A field that came more than once is a {@code List}. Thread-safe.
 */
public final class HeaderPolicy implements Processor {

    /** Where a route finds the address that the request comes from. */
    public static final String ADDRESS_PROPERTY = "SidecarClientAddress";

    private final InFlightRequests inFlight;

    /** @param inFlight told of every request that is under way, for when the sidecar stops */
    public HeaderPolicy(InFlightRequests inFlight) {
        this.inFlight = inFlight;
    }

    @Override
    public void process(Exchange exchange) {
        if (!(exchange.getMessage() instanceof HttpMessage message)) {
            throw new IllegalStateException("the step 'headerPolicy' belongs right after a platform-http consumer");
        }
        var request = message.getRequest();
        var call = new ClientCall(request, message.getBody() instanceof Buffer body ? body : null);
        call.attachTo(exchange);
        inFlight.entered(call);
        Release.whenDone(exchange, () -> {
            inFlight.left(call);
            call.close();
        });
        RequestIds.logOnThisThread(call.requestId());
        var path = request.path() == null ? "" : request.path();
        if (!path.startsWith("/v1/") || hasDotSegment(path)) {
            throw RefusedRequests.notFound();
        }
        exchange.setProperty(ADDRESS_PROPERTY, request.remoteAddress().hostAddress());
        copyFields(request, message);
    }

    private static void copyFields(HttpServerRequest request, Message message) {
        var listed = HeaderRules.listedIn(request.headers().getAll("Connection"));
        var headers = message.getHeaders();
        for (Map.Entry<String, String> field : request.headers()) {
            var name = field.getKey().toLowerCase(Locale.ROOT);
            if (name.equals("x-priority") || HeaderRules.isForwarded(name, listed)) {
                headers.merge(field.getKey(), field.getValue(), HeaderPolicy::append);
            }
        }
    }

    private static Object append(Object before, Object value) {
        var values = new ArrayList<Object>(before instanceof List<?> list ? list : List.of(before));
        values.add(value);
        return values;
    }

    /**
     * A path that means another one once it is resolved must not be judged by how it begins (RFC 3986 §5.2.4); some
     * decode an encoded slash, or take a backslash for one, before they resolve.
     */
    private static boolean hasDotSegment(String path) {
        if (path.indexOf('.') < 0 && path.indexOf('%') < 0) {
            return false;
        }
        var plain = path.toLowerCase(Locale.ROOT).replace("%2e", ".").replace("%2f", "/").replace("%5c", "/")
                .replace('\\', '/');
        for (var segment : plain.split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                return true;
            }
        }
        return false;
    }
}
