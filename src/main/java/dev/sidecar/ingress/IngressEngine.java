package dev.sidecar.ingress;

import dev.sidecar.call.ClientCall;
import dev.sidecar.http.ErrorBody;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.support.SynchronizationAdapter;
import org.jspecify.annotations.Nullable;

/**
 * Serves the {@code platform-http} routes of one Camel context on the {@link IngressServer}, once they are {@linkplain
 * #serve() in force}. It turns neither query parameters nor header fields into Camel headers: the header policy step
 * decides which of them a route sees.
 *
 * <p>Camel's own component lets {@code ?X-Priority=high} set a header, {@code ?Authorization=x} remove one, and {@code
 * ?include[]=a} fail the request. Thread-safe.
 */
public final class IngressEngine extends VertxPlatformHttpEngine {

    private static final String ROUTED = "sidecar.routed";
    private static final String ROUTER_NAME = VertxPlatformHttpRouter.getRouterNameFromPort(0);

    private final IngressServer server;
    private final Vertx vertx;
    private final Router router;
    private final BodyReader bodyReader;

    public IngressEngine(IngressServer server, Vertx vertx) {
        this.server = server;
        this.vertx = vertx;
        this.router = server.newRouter();
        this.bodyReader = server.newBodyReader();
    }

    /** Puts the routes in force: new requests go to the routes of this engine from now on. */
    public void serve() {
        server.serve(router);
    }

    /** The number of requests for these routes whose body is still coming in; no exchange counts them yet. */
    public int bodiesComingIn() {
        return bodyReader.reading();
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        getCamelContext().getRegistry().bind(ROUTER_NAME, VertxPlatformHttpRouter.class,
                new VertxPlatformHttpRouter(null, vertx, router, ROUTER_NAME) {
                    @Override
                    public Handler<RoutingContext> bodyHandler() {
                        return bodyReader;
                    }
                });
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        return new Consumer(endpoint, processor, getHandlers());
    }

    @Override
    public int getServerPort() {
        return server.port();
    }

    /**
     * Releases the thread that brings a request in as soon as the routes wait. Camel's own consumer keeps that thread,
     * with the frames of all steps so far, until the response is complete. That is costly for each queued request and
     * each open stream.
     */
    private final class Consumer extends VertxPlatformHttpConsumer {

        private final MessageResponder messageResponder;

        Consumer(PlatformHttpEndpoint endpoint, Processor processor, List<Handler<RoutingContext>> handlers) {
            super(endpoint, processor, handlers, ROUTER_NAME);
            messageResponder = new MessageResponder(endpoint);
        }

        /** While the context stops, the sidecar sends its own response: Camel's would be empty. */
        @Override
        protected void handleRequest(RoutingContext context) {
            if (isSuspended()) {
                bodyReader.release(context);
                server.errors().sendShuttingDown(context.request());
                return;
            }
            var exchange = createExchange(false);
            exchange.setPattern(ExchangePattern.InOut);
            processHttpRequest(exchange, context); // complete when it returns, because the body has been read
            var eventLoop = context.vertx().getOrCreateContext();
            eventLoop.executeBlocking(() -> route(exchange, context, eventLoop), false);
        }

        private boolean route(Exchange exchange, RoutingContext context, Context eventLoop) {
            try {
                createUoW(exchange);
            } catch (Exception e) {
                exchange.setException(e);
                routed(exchange, context, eventLoop);
                return true;
            }
            return getAsyncProcessor().process(exchange, doneSync -> routed(exchange, context, eventLoop));
        }

        /** Runs on the thread of the last step. Most responses are complete by then: the steps write them as they come in. */
        private void routed(Exchange exchange, RoutingContext context, Context eventLoop) {
            var call = ClientCall.find(exchange);
            if (call != null) {
                call.departed(); // no heartbeat begins the response from here on
            }
            if (context.response().ended()) {
                done(exchange);
            } else if (context.response().headWritten()) {
                endBegun(call);
                done(exchange);
            } else {
                context.put(ROUTED, new Routed(exchange, () -> done(exchange)));
                eventLoop.runOnContext(v -> messageResponder.handleRequest(context));
            }
        }

        /** A heartbeat has begun the response, and no step has ended it: the message of a route comes too late for the client. */
        private static void endBegun(@Nullable ClientCall call) {
            var begun = call == null ? null : call.heartbeat();
            var error = ErrorBody.apiError(500, "internal_error",
                    "the sidecar's routes ended without a stream of events");
            if (call != null && begun != null && begun.fail(error)) {
                call.failed(error);
            } else if (call != null) {
                call.breakOff();
            }
        }

        private void done(Exchange exchange) {
            doneUoW(exchange);
            releaseExchange(exchange, false);
        }

        @Override
        protected Future<Void> populateCamelMessage(RoutingContext context, Exchange exchange, Message message) {
            var request = context.request();
            message.setHeader(Exchange.HTTP_METHOD, request.method().name());
            message.setHeader(Exchange.HTTP_PATH, context.normalizedPath());
            message.setBody(context.body().buffer());
            exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
                @Override
                public void onDone(Exchange done) {
                    bodyReader.release(context);
                }
            });
            return Future.succeededFuture();
        }
    }

    /** A request that has left its route, and the action for when its response has been sent. */
    private record Routed(Exchange exchange, Runnable afterResponse) {
    }

    /** Writes the message that a route has left as the response, in Camel's own way. */
    private static final class MessageResponder extends VertxPlatformHttpConsumer {

        /** The names of message headers ignore case. */
        private static final List<String> REQUEST_ONLY = List.of("Authorization", "Cookie", "Proxy-Authorization",
                "X-Api-Key", "Api-Key", "X-Goog-Api-Key", "Host", "Origin", "Referer", "Forwarded", "From",
                "User-Agent");

        MessageResponder(PlatformHttpEndpoint endpoint) {
            super(endpoint, exchange -> {
            }, List.of(), ROUTER_NAME);
        }

        @Override
        protected void handleRequest(RoutingContext context) {
            super.handleRequest(context);
        }

        @Override
        protected Future<Void> processHttpRequest(Exchange exchange, RoutingContext context) {
            Routed routed = context.remove(ROUTED);
            exchange.setMessage(routed.exchange().getMessage());
            // These come from the request, unless a route has set new ones. Camel would hold some back, by the letters
            // of their names.
            REQUEST_ONLY.forEach(exchange.getMessage()::removeHeader);
            exchange.setException(routed.exchange().getException());
            exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
                @Override
                public void onDone(Exchange done) {
                    routed.afterResponse().run();
                }
            });
            return Future.succeededFuture();
        }
    }
}
