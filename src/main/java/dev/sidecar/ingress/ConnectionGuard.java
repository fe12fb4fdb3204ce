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
 * What one client connection may do, whatever its good will: a header block that has begun must be complete in time, a
 * connection on which no request is under way must not be silent for long, and an answer that says
 * {@code Connection: close} is the last: nothing that comes after it is taken for a request.
 *
 * <p>Vert.x's own idle time-out also counts while a request waits for its turn, which is just when silence is right.
 * And its close throws unread bytes away, to which the kernel answers with a reset that can overtake the answer; so
 * after the last answer this closes one direction, reads on for a while, and then closes the other.
 *
 * <p>While the sidecar stops, the answer behind which nothing waits is the last one too.
 *
 * <p>Two Netty handlers of one connection share this object; event loop only, so nothing is locked, but for what the
 * {@link InFlightRequests} asks, which is thread-safe.
 */
@SuppressWarnings("FutureReturnValueIgnored") // closing and writing report their failures to the channel itself
final class ConnectionGuard {

    /** Clients that pipeline at all send a few; nothing else bounds what one connection may leave waiting. */
    static final int MOST_PIPELINED = 16;

    private final IngressLimits limits;
    private final InFlightRequests intake;
    /** Requests whose answer has not left to its last byte; written by the event loop only. */
    private final AtomicInteger unsent = new AtomicInteger();
    private volatile @Nullable ChannelHandlerContext connection;
    private int requestsUnderWay;
    private boolean insideRequest;
    private boolean headersPending;
    private @Nullable ScheduledFuture<?> headerTimer;

    private ConnectionGuard(IngressLimits limits, InFlightRequests intake) {
        this.limits = limits;
        this.intake = intake;
    }

    /** @param options of the server that the connection came to */
    static void watch(HttpConnection connection, HttpServerOptions options, IngressLimits limits,
            InFlightRequests intake) {
        var pipeline = ((ConnectionBase) connection).channelHandlerContext().pipeline();
        pipeline.replace("httpDecoder", "httpDecoder", new StrictRequestDecoder(options));
        new ConnectionGuard(limits, intake).install(pipeline);
    }

    int requestsUnderWay() {
        return unsent.get();
    }

    /** From any thread; with a reset, without waiting for what has not left yet. */
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
        intake.opened(this);
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
            if (requestsUnderWay == 0 && !insideRequest) {
                headersPending = true;
            }
            context.fireChannelRead(bytes);
            // Nearly every header block comes whole, in one read: only the others cost a timer.
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

    /** Sees whole messages: counts the requests that have begun and are not yet answered. */
    private final class Messages extends ChannelDuplexHandler {

        private boolean informational;
        private boolean lastAnswer;
        private boolean lingering;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (lastAnswer) {
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
                    context.close(); // Vert.x would keep any number of them waiting for the first one's answer
                    return;
                }
            }
            if (message instanceof LastHttpContent last) {
                stopHeaderTimer();
                // After a message that cannot be read, its sender may still be sending.
                insideRequest = last.decoderResult().isFailure();
            }
            context.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (message instanceof HttpResponse response) {
                informational = response.status().equals(HttpResponseStatus.CONTINUE);
                if (endsWithConnection(response) || isLastOfAll(response)) {
                    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
                }
                lastAnswer |= response.headers().containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE,
                        true);
            }
            var end = message instanceof LastHttpContent && !informational;
            if (end) {
                requestsUnderWay = Math.max(0, requestsUnderWay - 1);
            }
            if (end && lastAnswer && insideRequest) {
                lingering = true;
                context.write(message, whenSent(promise).addListener((ChannelFuture written) -> linger(context)));
            } else if (end && lastAnswer) {
                context.write(message, whenSent(promise).addListener((ChannelFuture written) -> context.close()));
            } else {
                context.write(message, end ? whenSent(promise) : promise);
            }
        }

        private ChannelPromise whenSent(ChannelPromise promise) {
            return promise.unvoid().addListener((ChannelFuture sent) -> unsent.decrementAndGet());
        }

        /** The sidecar stops; pipelined requests that came before it did are still answered. */
        private boolean isLastOfAll(HttpResponse response) {
            return intake.isClosed() && requestsUnderWay <= 1 && response.status().code() >= 200;
        }

        /** Whether neither length nor chunks tell where the body ends; Vert.x would say {@code keep-alive} all the same. */
        private static boolean endsWithConnection(HttpResponse response) {
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
            intake.gone(ConnectionGuard.this);
            context.fireChannelInactive();
        }

        /** Vert.x wants to close as soon as it has written; after a refusal the connection closes when the time is up. */
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
                return; // Vert.x would close the connection whatever is under way
            }
            context.fireUserEventTriggered(event);
        }
    }
}
