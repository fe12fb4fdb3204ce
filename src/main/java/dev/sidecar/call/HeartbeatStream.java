package dev.sidecar.call;

import dev.sidecar.http.CacheControl;
import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.EventDialect;
import dev.sidecar.http.RequestIds;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.TurnAhead;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The response to a streamed request that is told while it waits. It begins, with status 200, when the request has waited
 * for long enough and is in the queue. From then on it has signs of life, until somebody takes it over: with the provider's
 * response, or with an error as its last event.
 *
 * <p>Thread-safe. The lock decides who writes, so a sign of life never comes in between. Vert.x only takes a write under it,
 * and does not wait for the client.
 */
public final class HeartbeatStream {

    /** What others hear of it; called once each, under its lock. */
    public interface Listener {

        /** The response has begun before the provider's. */
        void begun();

        /** It was begun, and has been taken over. */
        void over();
    }

    private final ClientCall call;
    private final HttpServerResponse response;
    private final EventDialect dialect;
    private final Listener listener;
    private final long everyNanos;
    private long dueNanos;
    private @Nullable Ticket<Exchange> waiting;
    private boolean begun;
    private boolean over;
    private int beats;

    /**
     * @param every how long the request waits before the response begins, and from one sign of life to the next
     * @param sinceNanos since when it waits
     */
    public HeartbeatStream(ClientCall call, EventDialect dialect, Duration every, long sinceNanos, Listener listener) {
        this.call = call;
        this.response = call.response();
        this.dialect = dialect;
        this.everyNanos = every.toNanos();
        this.dueNanos = sinceNanos + everyNanos;
        this.listener = listener;
    }

    /** The request is in the queue. */
    public synchronized void waits(Ticket<Exchange> ticket) {
        waiting = ticket;
    }

    /** The request has left the queue: the response does not begin until it is there again. */
    synchronized void departed() {
        waiting = null;
    }

    /** The place in the queue of a request that is to have a sign of life now; empty while it is not in the queue. */
    public synchronized Optional<Ticket<Exchange>> place() {
        return Optional.ofNullable(waiting);
    }

    /** Whether it is time for a sign of life. */
    public synchronized boolean isDue(long nowNanos) {
        return !over && (begun || waiting != null) && dueNanos - nowNanos <= 0;
    }

    /** Whether the response has begun before the provider's. It can only begin while the request is in the queue. */
    public synchronized boolean isBegun() {
        return begun;
    }

    /** How many signs of life were sent. */
    synchronized int beats() {
        return beats;
    }

    /**
     * Gives a sign of life, if it is time for one. A client that does not read gets none.
     *
     * @param turn null if unknown
     */
    public synchronized void beat(@Nullable TurnAhead turn, long nowNanos) {
        if (!isDue(nowNanos) || response.closed()) {
            return;
        }
        dueNanos = nowNanos + everyNanos;
        try {
            if (!begun) {
                begin();
            }
            if (!response.writeQueueFull()) {
                response.write(
                        Buffer.buffer(dialect.waiting(waiting == null ? "waiting for the provider" : words(turn))));
                beats++;
            }
        } catch (IllegalStateException e) {
            // the client has just left, and its response is complete
        }
    }

    private static String words(@Nullable TurnAhead turn) {
        return turn == null
                ? "waiting"
                : "waiting, position " + turn.position()
                        + turn.start().map(start -> ", about " + Math.max(1, start.plusMillis(999).toSeconds()) + " s")
                                .orElse("");
    }

    private void begin() {
        response.setStatusCode(200).putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(RequestIds.HEADER, call.requestId())
                .putHeader("X-Sidecar-Priority", call.priority().label())
                // A proxy on the way must not collect the events.
                .putHeader("X-Accel-Buffering", "no");
        CacheControl.NO_STORE.on(response);
        var estimate = call.estimate();
        if (estimate != null) {
            estimate.writeTo(response.headers());
        }
        begun = true;
        listener.begun();
        if (!endsByClose()) { // otherwise Vert.x writes the head only together with a piece
            response.setChunked(true).writeHead();
        }
    }

    private boolean endsByClose() {
        return call.request().version() == HttpVersion.HTTP_1_0;
    }

    /**
     * Nobody else writes to it from now on.
     *
     * @return whether it has begun, and nobody took it over before
     */
    public synchronized boolean takeOver() {
        var first = begun && !over;
        over = true;
        if (first) {
            listener.over();
        }
        return first;
    }

    /** Whether {@link #fail} would end it: it has begun, and nobody has taken it over. */
    public synchronized boolean mayFail() {
        return begun && !over;
    }

    /**
     * Ends with an error of the sidecar's own as its last event.
     *
     * @return false if it has not begun, or somebody has taken it over: then nothing is done
     */
    public boolean fail(ErrorBody error) {
        return mayFail() && takeOver() && end(dialect.error(error));
    }

    /** Ends with an error of the provider as its last event, as {@link #fail}. */
    public boolean fail(int status, byte[] body) {
        return mayFail() && takeOver() && end(dialect.providerError(status, body));
    }

    private boolean end(String lastEvent) {
        var end = response.end(Buffer.buffer(lastEvent));
        if (endsByClose()) {
            end.onComplete(v -> call.request().connection().close());
        }
        return true;
    }
}
