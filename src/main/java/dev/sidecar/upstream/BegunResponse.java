package dev.sidecar.upstream;

import dev.sidecar.call.ClientCall;
import dev.sidecar.http.ErrorBody;
import java.util.Locale;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * What of the provider can go into a response that a heartbeat has begun, with status 200 and as a stream of events: such a
 * stream, and no other response. Others become an error, the last event. Stateless.
 */
public final class BegunResponse {

    private BegunResponse() {
    }

    /** Whether the body can follow what the client has got. */
    public static boolean takes(ClassicHttpResponse upstream) {
        return upstream.getEntity() != null && isSuccess(upstream) && type(upstream).equals("text/event-stream")
                && encoding(upstream) == null;
    }

    /** Ends the client's response with an error: the provider's own, or that its response does not fit. */
    public static void refuse(ClientCall call, ClassicHttpResponse upstream) {
        var begun = call.heartbeat();
        if (begun == null) {
            throw new IllegalStateException("no heartbeat has begun this response");
        }
        if (upstream.getCode() < 400) {
            var error = ErrorBody.apiError(502, "upstream_no_stream", why(upstream));
            call.failed(error);
            begun.fail(error);
        } else {
            call.failed(upstream.getCode());
            begun.fail(upstream.getCode(),
                    encoding(upstream) == null ? ResponseBody.start(upstream) : new byte[0]);
        }
        ResponseBody.drop(upstream);
    }

    private static String why(ClassicHttpResponse upstream) {
        var encoding = encoding(upstream);
        var type = type(upstream);
        var what = encoding != null ? "a body encoded as " + encoding : type.isEmpty() ? "no content type" : type;
        return "the provider responded with status " + upstream.getCode() + " and " + what
                + ", where only a plain stream of events can follow: the client had been told that it waits"
                + " (SIDECAR_HEARTBEAT)";
    }

    private static boolean isSuccess(ClassicHttpResponse upstream) {
        return upstream.getCode() >= 200 && upstream.getCode() < 300;
    }

    private static String type(ClassicHttpResponse upstream) {
        var field = upstream.getFirstHeader("Content-Type");
        var value = field == null || field.getValue() == null ? "" : field.getValue();
        var semicolon = value.indexOf(';');
        return (semicolon < 0 ? value : value.substring(0, semicolon)).strip().toLowerCase(Locale.ROOT);
    }

    /** Null for none. */
    private static @Nullable String encoding(ClassicHttpResponse upstream) {
        var field = upstream.getFirstHeader("Content-Encoding");
        return field == null || field.getValue() == null || field.getValue().isBlank()
                || field.getValue().strip().equalsIgnoreCase("identity") ? null : field.getValue().strip();
    }
}
