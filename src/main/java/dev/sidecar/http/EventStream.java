package dev.sidecar.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.CountDownLatch;

/**
 * A response of server-sent events to one client, as the HTML standard describes them (§9.2). At most {@value
 * #UNREAD_BYTES} unread bytes wait here, and as many in the kernel. Thread-safe.
 */
public final class EventStream implements EventSink {

    /** The kernel's default is megabytes; a client that stops reading would then remain unnoticed for an hour. */
    private static final int UNREAD_BYTES = 64 * 1024;

    private final HttpServerResponse response;
    private final ChannelHandlerContext connection;
    private final CountDownLatch over = new CountDownLatch(1);

    private EventStream(HttpServerRequest request) {
        this.response = request.response();
        this.connection = ((ConnectionBase) request.connection()).channelHandlerContext();
    }

    /** Begins the response. */
    public static EventStream open(HttpServerRequest request) {
        var stream = new EventStream(request);
        stream.connection.channel().config().setOption(ChannelOption.SO_SNDBUF, UNREAD_BYTES);
        stream.response.setWriteQueueMaxSize(UNREAD_BYTES).closeHandler(v -> stream.over.countDown())
                .exceptionHandler(e -> stream.over.countDown());
        stream.response.setChunked(true).putHeader("Content-Type", "text/event-stream")
                .putHeader("X-Content-Type-Options", "nosniff")
                // A proxy on the way must not collect the events: they are useless in one piece at the end.
                .putHeader("X-Accel-Buffering", "no");
        CacheControl.NO_STORE.on(stream.response);
        if (stream.response.closed() || !stream.connection.channel().isActive()) {
            stream.over.countDown();
        }
        return stream;
    }

    @Override
    public boolean send(Buffer event) {
        if (isOver()) {
            return true; // a client that has gone is not a slow reader
        }
        if (response.writeQueueFull()) {
            return false;
        }
        try {
            response.write(event);
        } catch (IllegalStateException e) {
            // the client has just left, and its response is complete
        }
        return true;
    }

    @Override
    public void end() {
        over.countDown();
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the close handler is told
    public void cut() {
        // Closes below Vert.x: Vert.x's own close waits until all earlier writes have left, which a client that does
        // not read prevents.
        connection.close();
    }

    /** Waits until the client has gone, or {@link #end} or {@link #cut} was called, and completes the response. */
    public void awaitEnd() throws InterruptedException {
        try {
            over.await();
        } finally {
            if (!response.ended()) {
                response.end();
            }
        }
    }

    private boolean isOver() {
        return over.getCount() == 0;
    }
}
