package dev.sidecar.upstream;

import dev.sidecar.call.ClientCall;
import dev.sidecar.call.Outcome;
import dev.sidecar.http.Buffers;
import dev.sidecar.http.HeaderRules;
import dev.sidecar.http.RequestIds;
import dev.sidecar.throttle.tokens.TokenUsage;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

/**
 * Writes the provider's response to the client as it comes in.
 *
 * <p>A piece is written as soon as it has been read. At most two pieces are unwritten: this is the back-pressure to a
 * slow reader, and limits the memory of a response. If the provider breaks off a response, the relay breaks it off too,
 * so that no client takes half a response for a whole one. Stateless and thread-safe; blocks the calling (virtual)
 * thread.
 */
public final class ResponseRelay {

    /** Room for an event or two. A stream waits most of its time, and keeps the room for its next piece meanwhile. */
    private static final int FIRST_PIECE_BYTES = 1024;

    private static final int LARGEST_PIECE_BYTES = 8 * 1024;

    /** Up to this length, a response of known length goes out in one write, head and body together. */
    private static final int WHOLE_BYTES = 64 * 1024;

    private final Supplier<Duration> timeout;

    /**
     * @param timeout how long a client may leave a piece unread; read again for each piece, so it may change
     */
    public ResponseRelay(Supplier<Duration> timeout) {
        this.timeout = timeout;
    }

    /**
     * Relays the response; returns when it is complete, or broken off on both sides. Into a response that a heartbeat has
     * begun only the body goes, which must fit there: see {@link BegunResponse}.
     *
     * @throws IOException when the provider failed before anything was written to the client
     */
    public void relay(ClientCall call, ClassicHttpResponse upstream) throws IOException {
        if (call.isBegun() && !BegunResponse.takes(upstream)) {
            BegunResponse.refuse(call, upstream);
            return;
        }
        var response = call.response();
        var begun = call.heartbeat();
        if (begun == null || !begun.takeOver()) {
            writeHead(call, upstream);
        }
        var entity = upstream.getEntity();
        if (entity == null || !wantsBody(call)) {
            endWithoutBody(upstream, response);
            return;
        }
        if (call.countsTokens()) {
            var usage = new UsageReader();
            try {
                send(call, upstream, entity, new UsageStream(entity.getContent(), usage));
            } finally {
                call.spent(usage.usage(), upstream.getCode() >= 400
                        ? new TokenUsage(0, 0)
                        : new TokenUsage(call.inputEstimate(), usage.outputSeen()));
            }
        } else {
            send(call, upstream, entity, entity.getContent());
        }
    }

    private void send(ClientCall call, ClassicHttpResponse upstream, HttpEntity entity, InputStream body)
            throws IOException {
        try (var content = body) {
            if (isWhole(entity, upstream)) {
                sendWhole(content, (int) entity.getContentLength(), call.response());
            } else {
                sendPieces(call, entity, content, call.response());
            }
        }
    }

    /** Whether the response goes out piece by piece: of unknown length, an event stream, too long for one write, or slow. */
    public static boolean isStreamed(ClientCall call, ClassicHttpResponse upstream) {
        var entity = upstream.getEntity();
        return entity != null && wantsBody(call) && !isWhole(entity, upstream);
    }

    private static boolean wantsBody(ClientCall call) {
        return !call.request().method().equals(HttpMethod.HEAD);
    }

    private void writeHead(ClientCall call, ClassicHttpResponse upstream) throws IOException {
        var response = call.response();
        response.setStatusCode(upstream.getCode());
        call.statusSent(upstream.getCode());
        var reason = upstream.getReasonPhrase();
        // A custom phrase makes Vert.x forget the rules of a status, such as that 304 has no length.
        if (reason != null && !reason.equals(HttpResponseStatus.valueOf(upstream.getCode()).reasonPhrase())) {
            response.setStatusMessage(reason);
        }
        var listed = HeaderRules.listedIn(values(upstream, "Connection"));
        var fields = response.headers();
        String upstreamRequestId = null;
        for (var header : upstream.getHeaders()) {
            var name = header.getName().toLowerCase(Locale.ROOT);
            if (name.equals("x-request-id")) {
                upstreamRequestId = header.getValue();
            } else if (HeaderRules.isReturned(name, listed)) {
                add(fields, header);
            }
        }
        writeOwnFields(call, upstreamRequestId);
        var used = call.keyUsed();
        if (call.upstreamName() == null && used != null
                && (upstream.getCode() == 401 || upstream.getCode() == 403)) {
            // The provider refused the sidecar's key; the client's key has never left the sidecar.
            fields.set("X-Sidecar-Key-Refused", used.key());
        }
    }

    private static void writeSender(ClientCall call, MultiMap fields) {
        var used = call.keyUsed();
        if (call.upstreamName() != null) {
            fields.set("X-Sidecar-Provider", call.upstreamName());
        } else if (used != null) {
            fields.set("X-Sidecar-Provider", used.provider());
            if (used.told()) {
                fields.set("X-Sidecar-Key", used.key());
            }
        }
    }

    private static void add(MultiMap fields, Header header) throws IOException {
        try {
            fields.add(header.getName(), header.getValue() == null ? "" : header.getValue());
        } catch (IllegalArgumentException e) {
            throw new IOException("the provider's answer has a malformed header field", e);
        }
    }

    /**
     * A client that named its request gets its own name back. Otherwise it gets the provider's name, which the
     * provider's support asks for.
     */
    private void writeOwnFields(ClientCall call, @Nullable String upstreamRequestId) {
        var fields = call.response().headers();
        if (upstreamRequestId == null) {
            fields.set(RequestIds.HEADER, call.requestId());
        } else if (call.isRequestIdFromClient()) {
            fields.set(RequestIds.HEADER, call.requestId());
            fields.set("X-Sidecar-Upstream-Request-Id", upstreamRequestId);
        } else {
            fields.set(RequestIds.HEADER, upstreamRequestId);
        }
        writeSender(call, fields);
        fields.set("X-Sidecar-Priority", call.priority().label());
        fields.set("X-Sidecar-Queue-Wait-Ms", Long.toString(call.queueWaitMillis()));
        var estimate = call.estimate();
        if (estimate != null) {
            estimate.writeTo(fields);
        }
    }

    private static List<String> values(ClassicHttpResponse upstream, String name) {
        Header[] headers = upstream.getHeaders(name);
        if (headers.length == 0) {
            return List.of();
        }
        var values = new ArrayList<String>(headers.length);
        for (var header : headers) {
            values.add(header.getValue());
        }
        return values;
    }

    private static void endWithoutBody(ClassicHttpResponse upstream, HttpServerResponse response) {
        // For HEAD and 304, Content-Length states the length that a GET would have got (RFC 9110 §8.6).
        var length = upstream.getFirstHeader("Content-Length");
        if (length != null) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, length.getValue());
        }
        response.end();
    }

    private static boolean isWhole(HttpEntity entity, ClassicHttpResponse upstream) {
        var length = entity.getContentLength();
        if (length < 0 || length > WHOLE_BYTES || ResponseBody.isSlow(entity)) {
            return false;
        }
        var type = upstream.getFirstHeader("Content-Type");
        return type == null || !type.getValue().toLowerCase(Locale.ROOT).startsWith("text/event-stream");
    }

    private static void sendWhole(InputStream content, int length, HttpServerResponse response) throws IOException {
        var bytes = new byte[length];
        var read = content.readNBytes(bytes, 0, length);
        if (read < length) {
            throw new IOException("the provider's answer ended after " + read + " of " + length + " bytes");
        }
        content.read(); // reading the end returns the connection to the pool
        response.end(Buffers.wrap(bytes));
    }

    private void sendPieces(ClientCall call, HttpEntity entity, InputStream content,
            HttpServerResponse response) {
        var begun = call.isBegun();
        var closesConnection = (begun || entity.getContentLength() < 0)
                && call.request().version() == HttpVersion.HTTP_1_0;
        if (begun) {
            // its head has left
        } else if (entity.getContentLength() >= 0) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(entity.getContentLength()));
        } else {
            response.setChunked(!closesConnection);
        }
        try {
            if (!closesConnection && !begun) { // otherwise Vert.x writes the head only together with a piece
                response.writeHead();
            }
            pump(content, response);
            var end = response.end();
            if (closesConnection) {
                end.onComplete(v -> call.request().connection().close());
            }
        } catch (IOException e) {
            call.ended(isClientsEnd(e, call) ? Outcome.CANCELLED : Outcome.CUT_OFF);
            call.breakOff();
        }
    }

    private static boolean isClientsEnd(IOException failure, ClientCall call) {
        return call.cancellation().isClientGone()
                || failure instanceof ClientGoneException && !call.cancellation().isStopped();
    }

    private void pump(InputStream content, HttpServerResponse response) throws IOException {
        var piece = new byte[FIRST_PIECE_BYTES];
        Future<Void> previous = Future.succeededFuture();
        for (int n = content.read(piece); n >= 0; n = content.read(piece)) {
            if (n > 0) {
                await(previous);
                previous = response.write(Buffers.wrap(n == piece.length ? piece : Arrays.copyOf(piece, n)));
            }
            if (n == piece.length) { // Vert.x owns the full piece now, and more comes than expected
                piece = new byte[Math.min(2 * piece.length, LARGEST_PIECE_BYTES)];
            } else if (n < FIRST_PIECE_BYTES / 2 && piece.length > FIRST_PIECE_BYTES) {
                piece = new byte[FIRST_PIECE_BYTES];
            }
        }
        await(previous);
    }

    private void await(Future<Void> write) throws IOException {
        if (write.succeeded()) {
            return;
        }
        var limit = timeout.get();
        try {
            write.toCompletionStage().toCompletableFuture().get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new ClientGoneException(e);
        } catch (TimeoutException e) {
            throw new ClientGoneException(e); // the client has read nothing for that long
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientGoneException(e);
        }
    }

}
