package dev.sidecar.route;

import dev.sidecar.call.CompletedRequest;
import dev.sidecar.http.RequestIds;
import dev.sidecar.providers.ProvidersInForce;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Writes one line for a completed request, at INFO, from a logger of its own name. What the client wrote is in it only as
 * the model and the request id, both cleaned. Thread-safe.
 */
public final class RequestLog implements Processor {

    /** To be switched off or on by itself. */
    public static final String LOGGER = "dev.sidecar.requests";

    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private final ProvidersInForce providers;

    public RequestLog(ProvidersInForce providers) {
        this.providers = providers;
    }

    @Override
    public void process(Exchange exchange) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        var request = exchange.getMessage().getBody(CompletedRequest.class);
        MDC.put(RequestIds.LOG_FIELD, request.requestId());
        try {
            var line = LOG.atInfo().addKeyValue("client", request.client())
                    .addKeyValue("outcome", request.outcome().label())
                    .addKeyValue("status", request.status())
                    .addKeyValue("method", METHODS.contains(request.method()) ? request.method() : "other")
                    .addKeyValue("model_id", printable(request.model()))
                    .addKeyValue("priority", request.priority().label())
                    .addKeyValue("provider", provider(request))
                    .addKeyValue("queue_wait_ms", request.queueWaitMillis())
                    .addKeyValue("upstream_ms", request.upstreamMillis()).addKeyValue("tries", request.attempts())
                    .addKeyValue("bytes", request.bytes());
            var used = request.keyUsed();
            if (used != null && used.told()) {
                line = line.addKeyValue("key", used.key());
            }
            var usage = request.usage();
            if (usage != null) {
                line = line.addKeyValue("input_tokens", usage.input()).addKeyValue("output_tokens", usage.output());
            }
            if (request.heartbeats() > 0) {
                line = line.addKeyValue("heartbeats", request.heartbeats());
            }
            if (request.error() != null) {
                line = line.addKeyValue("error", request.error());
            }
            line.log("request_completed");
        } finally {
            MDC.remove(RequestIds.LOG_FIELD);
        }
    }

    /** A request that was not sent would have gone to the first. */
    private String provider(CompletedRequest request) {
        var used = request.keyUsed();
        return request.upstream() != null
                ? request.upstream()
                : used == null ? providers.get().first().name() : used.provider();
    }

    /** Control and format characters, quotes and backslashes could forge a line, a field or what a terminal shows. */
    private static String printable(@Nullable String model) {
        if (model == null) {
            return "";
        }
        var clean = new StringBuilder(model.length());
        model.codePoints().forEach(c -> clean.appendCodePoint(isPrintable(c) ? c : '?'));
        return clean.toString();
    }

    private static boolean isPrintable(int codePoint) {
        if (codePoint > ' ' && codePoint < 127) {
            return codePoint != '"' && codePoint != '\'' && codePoint != '\\' && codePoint != '`';
        }
        return codePoint == ' ' || Character.isLetterOrDigit(codePoint);
    }
}
