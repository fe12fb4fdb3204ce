package dev.sidecar.ops;

import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.EventStream;
import dev.sidecar.http.JsonResponse;
import dev.sidecar.http.RequestRefusedException;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * {@code GET /api/dashboard/stream}: a snapshot a second as server-sent events, until the client goes away. Thread-safe;
 * occupies the request's own (virtual) thread.
 */
public final class SnapshotStream implements Processor {

    private static final Buffer GREETING = Buffer.buffer("retry: 3000\n\n");

    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final SnapshotFeed feed;

    public SnapshotStream(SnapshotFeed feed) {
        this.feed = feed;
    }

    /** A snapshot as an event; its JSON contains no line breaks. */
    public static Buffer event(Status.Snapshot snapshot) {
        return Buffer.buffer("data: ").appendBytes(JsonResponse.bytes(snapshot)).appendString("\n\n");
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        if (!(exchange.getMessage() instanceof HttpMessage message)) {
            throw new IllegalStateException("no request to answer: put this step first in a platform-http route");
        }
        var stream = EventStream.open(message.getRequest());
        switch (feed.join(stream, GREETING)) {
            case WATCHING -> {
                message.setBody(null);
                try {
                    stream.awaitEnd();
                } finally {
                    feed.leave(stream);
                }
            }
            case TOO_MANY -> throw refused("too_many_viewers",
                    "as many dashboards are open as this sidecar serves; close one of them");
            case CLOSED -> throw refused("shutting_down", "the sidecar is shutting down");
        }
    }

    private static RequestRefusedException refused(String code, String message) {
        return new RequestRefusedException(ErrorBody.apiError(503, code, message), AGAIN);
    }
}
