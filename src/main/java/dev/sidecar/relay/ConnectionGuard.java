package dev.sidecar.relay;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Time limits of one client connection that must not depend on its good will: a header block that has begun must be
 * complete within {@value #HEADER_SECONDS} s, and a connection on which no request is under way may be silent for
 * {@value #IDLE_SECONDS} s.
 *
 * <p>Vert.x's own idle time-out also counts while a request waits for its turn, which is just when silence is right.
 * Two Netty handlers of one connection share this object; event loop only, so nothing is locked.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing and writing report their failures to the channel itself
final class ConnectionGuard {

    static final int HEADER_SECONDS = 15;
    static final int IDLE_SECONDS = 75;

    private int requestsUnderWay;
    private boolean headersPending;
    private @Nullable ScheduledFuture<?> headerTimer;

    private ConnectionGuard() {
    }

    static void watch(HttpConnection connection) {
        new ConnectionGuard().install(((ConnectionBase) connection).channelHandlerContext().pipeline());
    }

    private void install(ChannelPipeline pipeline) {
        pipeline.addFirst("sidecar-bytes", new Bytes());
        pipeline.addBefore("handler", "sidecar-idle", new IdleStateHandler(0, 0, IDLE_SECONDS));
        pipeline.addBefore("handler", "sidecar-messages", new Messages());
    }

    private void stopHeaderTimer() {
        headersPending = false;
        if (headerTimer != null) {
            headerTimer.cancel(false);
            headerTimer = null;
        }
    }

    /** Sees bytes before the decoder does: bytes outside a request are the beginning of a header block. */
    private final class Bytes extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            if (requestsUnderWay == 0) {
                headersPending = true;
            }
            context.fireChannelRead(bytes);
            // Nearly every header block comes whole, in one read: only the others cost a timer.
            if (headersPending && headerTimer == null) {
                headerTimer = context.executor().schedule(() -> {
                    context.close();
                }, HEADER_SECONDS, TimeUnit.SECONDS);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            stopHeaderTimer();
            context.fireChannelInactive();
        }
    }

    /** Sees whole messages: counts the requests that have begun and are not yet answered. */
    private final class Messages extends ChannelDuplexHandler {

        private boolean informational;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpRequest) {
                stopHeaderTimer();
                requestsUnderWay++;
            }
            context.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (message instanceof HttpResponse response) {
                informational = response.status().equals(HttpResponseStatus.CONTINUE);
            }
            if (message instanceof LastHttpContent && !informational) {
                requestsUnderWay = Math.max(0, requestsUnderWay - 1);
            }
            context.write(message, promise);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof IdleStateEvent) {
                if (requestsUnderWay == 0) {
                    context.close();
                }
                return; // Vert.x would close the connection whatever is under way
            }
            context.fireUserEventTriggered(event);
        }
    }
}
