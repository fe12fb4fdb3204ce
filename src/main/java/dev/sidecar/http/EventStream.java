package dev.sidecar.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.CountDownLatch;

/**
 * An answer of server-sent events to one client, as the HTML standard describes them (§9.2). What the client has not read
 * is bounded by {@value #UNREAD_BYTES} bytes here and as much in the kernel. Thread-safe.
 */
public final class EventStream implements EventSink {

    /** The kernel's own choice would be megabytes, and a client that stopped reading would be noticed after an hour. */
    private static final int UNREAD_BYTES = 64 * 1024;

    private final HttpServerResponse response;
    private final ChannelHandlerContext connection;
    private final CountDownLatch over = new CountDownLatch(1);

    private EventStream(HttpServerRequest request) {
        this.response = request.response();
        this.connection = ((ConnectionBase) request.connection()).channelHandlerContext();
    }

    /** Begins the answer. */
    public static EventStream open(HttpServerRequest request) {
        var stream = new EventStream(request);
        stream.connection.channel().config().setOption(ChannelOption.SO_SNDBUF, UNREAD_BYTES);
        stream.response.setWriteQueueMaxSize(UNREAD_BYTES).closeHandler(v -> stream.over.countDown())
                .exceptionHandler(e -> stream.over.countDown());
        stream.response.setChunked(true).putHeader("Content-Type", "text/event-stream")
                .putHeader("X-Content-Type-Options", "nosniff")
                // Whatever proxy is in between: events are worth nothing when they come in one piece at the end.
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
            return true; // nobody is there, which is not the same as not reading
        }
        if (response.writeQueueFull()) {
            return false;
        }
        try {
            response.write(event);
        } catch (IllegalStateException e) {
            // it has just left, and its answer is complete
        }
        return true;
    }

    @Override
    public void end() {
        over.countDown();
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the close handler hears of it
    public void cut() {
        // From here, behind Vert.x's own handler: its close waits until everything written before has left, which a
        // client that does not read prevents.
        connection.close();
    }

    /** Waits until the client has gone or one of the other two ends has come, and completes the answer. */
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
