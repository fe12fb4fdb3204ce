package dev.sidecar.ops;

import dev.sidecar.http.CacheControl;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/** Plain text for people at a terminal. Thread-safe. */
final class TextResponse {

    private TextResponse() {
    }

    /** Whether the request accepts plain text, and says so with more weight than JSON (RFC 9110 §12.5.1). */
    static boolean isPreferred(Exchange exchange) {
        var accept = exchange.getMessage() instanceof HttpMessage message
                ? message.getRequest().getHeader("Accept")
                : null;
        return accept != null && isPreferred(accept);
    }

    static boolean isPreferred(String accept) {
        if (!accept.toLowerCase(Locale.ROOT).contains("text/plain")) {
            return false; // most clients accept anything, and get JSON
        }
        try {
            var types = MediaType.parseMediaTypes(accept);
            return quality(types, MediaType.TEXT_PLAIN) > quality(types, MediaType.APPLICATION_JSON);
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }

    /** The quality of the most specific range that includes the type. */
    private static double quality(List<MediaType> accepted, MediaType type) {
        @Nullable
        MediaType best = null;
        for (var range : accepted) {
            if (range.includes(type) && (best == null || range.isMoreSpecific(best))) {
                best = range;
            }
        }
        return best == null ? 0 : best.getQualityValue();
    }

    static void set(Exchange exchange, String text) {
        var message = exchange.getMessage();
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, 200);
        message.setHeader(Exchange.CONTENT_TYPE, "text/plain; charset=utf-8");
        CacheControl.NO_STORE.on(exchange);
        message.setBody(text.getBytes(StandardCharsets.UTF_8));
    }
}
