package dev.sidecar.call;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;

/** The client's connection, below what Vert.x shows of it. Stateless. */
final class ClientConnection {

    private static final long LONGEST_CLOSE_MILLIS = 5_000;

    private ClientConnection() {
    }

    static boolean isOpen(HttpServerRequest request) {
        return channel(request).channel().isActive();
    }

    /**
     * Ends a response that cannot be completed: the connection closes before the body's end, or is reset where that end
     * would not show, which every HTTP client reports as an error. Harmless when the client has gone. Blocks until the
     * connection is closed; not for the event loop.
     */
    static void breakOff(HttpServerRequest request) {
        var response = request.response();
        if (response.ended()) {
            return;
        }
        var connection = channel(request);
        if (request.version() == HttpVersion.HTTP_1_0) {
            connection.channel().config().setOption(ChannelOption.SO_LINGER, 0); // closing is how a whole response may end
        }
        // Vert.x's own close waits until everything written before has left, which a client that does not read prevents.
        var closed = connection.close();
        // Only then the end, since one that can still be written would make half a response look whole. It tells Vert.x
        // and Camel that nothing more is to come.
        if (closed.awaitUninterruptibly(LONGEST_CLOSE_MILLIS)) {
            response.end();
        }
    }

    private static ChannelHandlerContext channel(HttpServerRequest request) {
        return ((ConnectionBase) request.connection()).channelHandlerContext();
    }
}
