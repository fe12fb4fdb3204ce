package dev.sidecar.ingress;

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

/**
 * Lets the {@code platform-http} routes of one Camel context serve on the {@link IngressServer}, once they are put
 * {@linkplain #serve() in force}, and hands them each request without turning its query parameters and header fields into
 * Camel headers: which of them a route may see is decided by the header policy step, in the open.
 *
 * <p>Left to itself the component lets {@code ?X-Priority=high} set a header, {@code ?Authorization=x} remove one, and
 * {@code ?include[]=a} fail the request. Thread-safe.
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

    /** New requests go to the routes of this engine from now on. */
    public void serve() {
        server.serve(router);
    }

    /** Requests for these routes whose body is still coming in, so that no exchange counts them yet. */
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
     * Lets go of the thread that brings a request in as soon as the routes wait for something. Camel's own keeps it, with the
     * frames of all steps so far, until the answer is complete: for each request that waits in line and each stream that runs.
     */
    private final class Consumer extends VertxPlatformHttpConsumer {

        private final Answering answering;

        Consumer(PlatformHttpEndpoint endpoint, Processor processor, List<Handler<RoutingContext>> handlers) {
            super(endpoint, processor, handlers, ROUTER_NAME);
            answering = new Answering(endpoint);
        }

        /** While the context stops, the answer is ours: Camel's own would be empty. */
        @Override
        protected void handleRequest(RoutingContext context) {
            if (isSuspended()) {
                bodyReader.release(context);
                server.answers().sendShuttingDown(context.request());
                return;
            }
            var exchange = createExchange(false);
            exchange.setPattern(ExchangePattern.InOut);
            processHttpRequest(exchange, context); // complete when it returns: the body has been read
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

        /** On whichever thread did the last step. Most answers are complete by then: the steps write them as they come in. */
        private void routed(Exchange exchange, RoutingContext context, Context eventLoop) {
            if (context.response().ended()) {
                done(exchange);
            } else {
                context.put(ROUTED, new Routed(exchange, () -> done(exchange)));
                eventLoop.runOnContext(v -> answering.handleRequest(context));
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

    /** A request that its route is done with, and what is to be done when it has its answer. */
    private record Routed(Exchange exchange, Runnable answered) {
    }

    /** Answers with the message that a route has left, in Camel's own way. */
    private static final class Answering extends VertxPlatformHttpConsumer {

        /** Message headers go by names in whatever case. */
        private static final List<String> REQUEST_ONLY = List.of("Authorization", "Cookie", "Proxy-Authorization",
                "X-Api-Key", "Api-Key", "X-Goog-Api-Key", "Host", "Origin", "Referer", "Forwarded", "From",
                "User-Agent");

        Answering(PlatformHttpEndpoint endpoint) {
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
            // Of the request, unless a route has made others; Camel would keep some back, by the letters of their names.
            REQUEST_ONLY.forEach(exchange.getMessage()::removeHeader);
            exchange.setException(routed.exchange().getException());
            exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
                @Override
                public void onDone(Exchange done) {
                    routed.answered().run();
                }
            });
            return Future.succeededFuture();
        }
    }
}
