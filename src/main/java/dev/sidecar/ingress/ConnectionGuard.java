package dev.sidecar.ingress;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Limits one client connection. A header block that has begun must be complete in time. A connection without a request
 * under way must not be silent for long. A response with {@code Connection: close} is the last: later bytes are not
 * taken for a request.
 *
 * <p>Vert.x's own idle time-out also counts while a request waits for its turn, when silence is right. Vert.x's close
 * throws unread bytes away. The kernel then sends a reset, which can overtake the response. So after the last response
 * this class closes one direction, reads on for a while, and then closes the other.
 *
 * <p>While the sidecar stops, a response with no further request behind it is also the last one.
 *
 * <p>Two Netty handlers of one connection share this object. It runs on the event loop only and has no lock, except
 * inside the thread-safe {@link InFlightRequests}.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing and writing report their failures to the channel
final class ConnectionGuard {

    /** Clients that pipeline send only a few requests; nothing else limits how many requests wait on one connection. */
    static final int MOST_PIPELINED = 16;

    private final IngressLimits limits;
    private final InFlightRequests inFlight;
    /** Requests whose response has not been sent to its last byte; only the event loop writes it. */
    private final AtomicInteger unsent = new AtomicInteger();
    private volatile @Nullable ChannelHandlerContext connection;
    private int requestsUnderWay;
    private boolean insideRequest;
    private boolean headersPending;
    private @Nullable ScheduledFuture<?> headerTimer;

    private ConnectionGuard(IngressLimits limits, InFlightRequests inFlight) {
        this.limits = limits;
        this.inFlight = inFlight;
    }

    /** @param options the options of the server that accepted the connection */
    static void watch(HttpConnection connection, HttpServerOptions options, IngressLimits limits,
            InFlightRequests inFlight) {
        var pipeline = ((ConnectionBase) connection).channelHandlerContext().pipeline();
        pipeline.replace("httpDecoder", "httpDecoder", new StrictRequestDecoder(options));
        new ConnectionGuard(limits, inFlight).install(pipeline);
    }

    int requestsUnderWay() {
        return unsent.get();
    }

    /**
     * Cuts the connection with a reset if requests are under way, without waiting for unsent bytes. May be called from
     * any thread.
     */
    void cutIfUnderWay() {
        var toCut = connection;
        if (toCut != null && unsent.get() > 0) {
            toCut.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            toCut.close();
        }
    }

    private void install(ChannelPipeline pipeline) {
        pipeline.addFirst("sidecar-bytes", new Bytes());
        pipeline.addBefore("handler", "sidecar-idle",
                new IdleStateHandler(0, 0, limits.idle().toMillis(), TimeUnit.MILLISECONDS));
        pipeline.addBefore("handler", "sidecar-messages", new Messages());
        connection = pipeline.context("sidecar-messages");
        inFlight.opened(this);
    }

    private void stopHeaderTimer() {
        headersPending = false;
        if (headerTimer != null) {
            headerTimer.cancel(false);
            headerTimer = null;
        }
    }

    /** Sees bytes before the decoder does. Bytes outside a request are the beginning of a header block. */
    private final class Bytes extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            if (requestsUnderWay == 0 && !insideRequest) {
                headersPending = true;
            }
            context.fireChannelRead(bytes);
            // Nearly every header block comes in one read; only the others need a timer.
            if (headersPending && headerTimer == null) {
                headerTimer = context.executor().schedule(() -> {
                    context.close();
                }, limits.header().toMillis(), TimeUnit.MILLISECONDS);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            stopHeaderTimer();
            context.fireChannelInactive();
        }
    }

    /** Sees whole messages. Counts the requests that have begun and have no complete response yet. */
    private final class Messages extends ChannelDuplexHandler {

        private boolean informational;
        private boolean lastResponse;
        private boolean lingering;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (lastResponse) {
                ReferenceCountUtil.release(message);
                return;
            }
            if (message instanceof HttpRequest) {
                stopHeaderTimer();
                requestsUnderWay++;
                unsent.incrementAndGet();
                insideRequest = true;
                if (requestsUnderWay > MOST_PIPELINED) {
                    ReferenceCountUtil.release(message);
                    context.close(); // Vert.x would keep any number of requests waiting for the first response
                    return;
                }
            }
            if (message instanceof LastHttpContent last) {
                stopHeaderTimer();
                // After an unreadable message, its sender may still be sending.
                insideRequest = last.decoderResult().isFailure();
            }
            context.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (message instanceof HttpResponse response) {
                informational = response.status().equals(HttpResponseStatus.CONTINUE);
                if (closesConnection(response) || isLastOfAll(response)) {
                    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
                }
                lastResponse |= response.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE,
                        true);
            }
            var end = message instanceof LastHttpContent && !informational;
            if (end) {
                requestsUnderWay = Math.max(0, requestsUnderWay - 1);
            }
            if (end && lastResponse && insideRequest) {
                lingering = true;
                context.write(message, whenSent(promise).addListener((ChannelFuture written) -> linger(context)));
            } else if (end && lastResponse) {
                context.write(message, whenSent(promise).addListener((ChannelFuture written) -> context.close()));
            } else {
                context.write(message, end ? whenSent(promise) : promise);
            }
        }

        private ChannelPromise whenSent(ChannelPromise promise) {
            return promise.unvoid().addListener((ChannelFuture sent) -> unsent.decrementAndGet());
        }

        /** Whether this is the last response of a stopping sidecar; earlier pipelined requests still get a response. */
        private boolean isLastOfAll(HttpResponse response) {
            return inFlight.isClosed() && requestsUnderWay <= 1 && response.status().code() >= 200;
        }

        /** Whether only the end of the connection ends the body; Vert.x would still write {@code keep-alive}. */
        private static boolean closesConnection(HttpResponse response) {
            return response.protocolVersion().equals(HttpVersion.HTTP_1_0) && !HttpUtil.isContentLengthSet(response)
                    && !HttpUtil.isTransferEncodingChunked(response);
        }

        private void linger(ChannelHandlerContext context) {
            if (context.channel() instanceof DuplexChannel socket && socket.isActive()) {
                socket.shutdownOutput();
                context.channel().config().setAutoRead(true);
                var timer = context.executor().schedule(() -> {
                    context.close();
                }, limits.linger().toMillis(), TimeUnit.MILLISECONDS);
                context.channel().closeFuture().addListener(closed -> timer.cancel(false));
            } else {
                context.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            inFlight.gone(ConnectionGuard.this);
            context.fireChannelInactive();
        }

        /**
         * Delays Vert.x's close, which follows the last write: after a refusal the connection closes when the linger
         * time is over.
         */
        @Override
        public void close(ChannelHandlerContext context, ChannelPromise promise) {
            if (lingering) {
                context.channel().closeFuture().addListener(closed -> promise.trySuccess());
            } else {
                context.close(promise);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof IdleStateEvent) {
                if (requestsUnderWay == 0) {
                    context.close();
                }
                return; // Vert.x would close the connection even with requests under way
            }
            context.fireUserEventTriggered(event);
        }
    }
}
