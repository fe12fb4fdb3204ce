package dev.sidecar.route;

import dev.sidecar.relay.HeaderRules;
import dev.sidecar.relay.ProxyCall;
import dev.sidecar.relay.UpstreamRequest;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Slot;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;
import org.jspecify.annotations.Nullable;

/**
 * Last step before camel-http: puts together what the provider shall see, from the client's method, target and bytes
 * and from the message's headers as the routes left them, under the provider's key. Thread-safe.
 */
public final class UpstreamRequestStep implements Processor {

    private static final String MESSAGE_PROPERTY = "SidecarRequestMessage";

    private final @Nullable Header authorization;
    private final Tries tries;
    private final NanoClock clock;

    public UpstreamRequestStep(@Nullable String apiKey, Tries tries, NanoClock clock) {
        this.tries = tries;
        this.authorization = apiKey == null ? null : new BasicHeader("Authorization", "Bearer " + apiKey, true);
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        var call = ProxyCall.of(exchange);
        call.newTry();
        // Should no step relay the answer, the connection it comes on is closed.
        exchange.getExchangeExtension().addOnCompletion(new OnDone(call::closeAnswer));
        keepMessage(exchange);
        var slot = SlotHolder.find(exchange);
        var request = new UpstreamRequest(call.request().method().name(), target(call.request()),
                fields(exchange.getMessage().getHeaders()), call.body(), new Progress(call, slot), call.cancellation());
        exchange.getMessage().setBody(request);
    }

    private static void keepMessage(Exchange exchange) {
        exchange.setProperty(MESSAGE_PROPERTY, exchange.getMessage().copy());
    }

    /** Puts back the message as it was before this step, which the provider's answer has replaced since. */
    static void restoreMessage(Exchange exchange) {
        exchange.setMessage((Message) exchange.removeProperty(MESSAGE_PROPERTY));
    }

    /** Path and query as the client wrote them; of a target in absolute form (RFC 9112 §3.2.2) only these count. */
    private static String target(HttpServerRequest request) {
        if (request.uri().startsWith("/")) {
            return request.uri();
        }
        return request.query() == null ? request.path() : request.path() + "?" + request.query();
    }

    private List<Header> fields(Map<String, Object> headers) {
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

    private final class Progress implements UpstreamRequest.Listener {

        private final ProxyCall call;
        private final @Nullable Slot slot;

        Progress(ProxyCall call, @Nullable Slot slot) {
            this.call = call;
            this.slot = slot;
        }

        @Override
        public void beforeWrite() {
            call.upstreamStartNanos(clock.nanoTime());
        }

        /** A provider counts a request when it has all of it, which a slow upload delays; until then the slot is used. */
        @Override
        public void written() {
            if (slot != null) {
                slot.sent();
            }
        }

        @Override
        public void answered(ClassicHttpResponse head) {
            call.upstreamResponse(head);
            tries.answered(head.getCode(), Duration.ofNanos(clock.nanoTime() - call.upstreamStartNanos()));
        }

        @Override
        public void failed(IOException failure) {
            tries.failed(failure);
        }

        @Override
        public void aborted() {
            tries.aborted();
        }
    }
}
