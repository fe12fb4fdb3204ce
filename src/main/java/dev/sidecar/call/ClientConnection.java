package dev.sidecar.call;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;

/** The client's connection, below Vert.x's public API. Stateless. */
final class ClientConnection {

    private static final long LONGEST_CLOSE_MILLIS = 5_000;

    private ClientConnection() {
    }

    static boolean isOpen(HttpServerRequest request) {
        return channel(request).channel().isActive();
    }

    /**
     * Ends a response that cannot be completed, so that every HTTP client reports an error. The connection closes
     * before the body's end, or is reset where that end would not show. Harmless when the client has gone. Blocks until
     * the connection is closed; not for the event loop.
     */
    static void breakOff(HttpServerRequest request) {
        var response = request.response();
        if (response.ended()) {
            return;
        }
        var connection = channel(request);
        if (request.version() == HttpVersion.HTTP_1_0) {
            connection.channel().config().setOption(ChannelOption.SO_LINGER, 0); // a plain close may also end a whole response
        }
        // Vert.x's own close waits until all earlier writes have left, which a client that does not read prevents.
        var closed = connection.close();
        // The end comes after the close: if it could still be written, half a response would look whole. It tells
        // Vert.x and Camel that the response is over.
        if (closed.awaitUninterruptibly(LONGEST_CLOSE_MILLIS)) {
            response.end();
        }
    }

    private static ChannelHandlerContext channel(HttpServerRequest request) {
        return ((ConnectionBase) request.connection()).channelHandlerContext();
    }
}
