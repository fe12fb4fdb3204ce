package dev.sidecar.ingress;

import dev.sidecar.call.CompletedRequest;
import dev.sidecar.http.ErrorBody;
import io.netty.channel.Channel;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.Router;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The proxy's HTTP server, with the limits that an open port needs. Camel's platform-http routes serve on a {@linkplain
 * #newRouter() router} of it. There is one router for each generation of routes, and new requests go to the one in
 * force. A request without a route gets a 404 in the sidecar's own error shape.
 *
 * <p>It replaces the server of camel-platform-http-vertx, whose header time-outs, size limits and h2c upgrades are
 * fixed defaults. Thread-safe.
 */
public final class IngressServer implements AutoCloseable {

    static final int MAX_HEADER_BYTES = 32 * 1024;
    static final int MAX_REQUEST_LINE_BYTES = 16 * 1024;

    private static final long LONGEST_CLOSE_MILLIS = 5_000;

    private final Vertx vertx;
    private final IngressLimits limits;
    private final WebPageRule webPages;
    private final int maxBodyBytes;
    private final InFlightRequests inFlight;
    private final RequestMemory memory = RequestMemory.ofThisProcess();
    private final ErrorResponder errors;
    private volatile Router inForce;
    private volatile @Nullable HttpServer server;
    /** Set with the first connection. */
    private volatile @Nullable Channel listening;

    /**
     * @param webPages decides which pages may use the paths below /v1
     * @param maxBodyBytes the largest body of one request, in bytes
     * @param inFlight told of every connection and request
     * @param completions called for each request below /v1 that ends here, before a route has seen it; it runs on the
     *        event loop, so it must not block
     */
    public IngressServer(Vertx vertx, IngressLimits limits, WebPageRule webPages, int maxBodyBytes,
            InFlightRequests inFlight,
            Consumer<CompletedRequest> completions) {
        this.errors = new ErrorResponder(completions);
        this.vertx = vertx;
        this.limits = limits;
        this.webPages = webPages;
        this.maxBodyBytes = maxBodyBytes;
        this.inFlight = inFlight;
        this.inForce = newRouter();
    }

    /** A new router, which serves nothing yet and is not in force. */
    Router newRouter() {
        var router = Router.router(vertx);
        router.errorHandler(400,
                context -> errors.sendLast(context.request(),
                        ErrorBody.invalidRequest(400, "bad_request", "the request could not be read")));
        router.errorHandler(404,
                context -> errors.send(context.request(), ErrorBody.invalidRequest(404, "not_found",
                        "nothing is served here; the OpenAI-compatible API is below /v1")));
        router.errorHandler(405, context -> {
            context.response().putHeader(HttpHeaders.ALLOW, methodsOn(context.normalizedPath(), router));
            errors.send(context.request(), ErrorBody.invalidRequest(405, "method_not_allowed",
                    context.request().method().name() + " is not supported on this path"));
        });
        router.errorHandler(500, context -> errors.send(context.request(),
                ErrorBody.apiError(500, "internal_error", "the sidecar failed to handle this request")));
        return router;
    }

    private static String methodsOn(String path, Router router) {
        return router.getRoutes().stream().filter(route -> path.equals(route.getPath()) && route.methods() != null)
                .flatMap(route -> route.methods().stream()).map(HttpMethod::name).distinct().sorted()
                .collect(Collectors.joining(", "));
    }

    /** Puts a router in force: new requests go to it from now on. Requests of other routers are not disturbed. */
    void serve(Router router) {
        inForce = router;
    }

    BodyReader newBodyReader() {
        return new BodyReader(maxBodyBytes, limits, memory, inFlight, errors);
    }

    ErrorResponder errors() {
        return errors;
    }

    /**
     * Begins to listen.
     *
     * @param port 0 picks a free one
     * @return the port in use
     * @throws CompletionException when the address is not available; the cause is a {@link java.net.BindException}
     */
    public int listen(String host, int port) {
        var options = new HttpServerOptions().setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES).setHttp2ClearTextEnabled(false)
                .setHandle100ContinueAutomatically(false).setTcpNoDelay(true)
                // No WebSocket is served, so the server need not look for its handshake in every request.
                .setPerFrameWebSocketCompressionSupported(false).setPerMessageWebSocketCompressionSupported(false);
        var newServer = vertx.createHttpServer(options)
                .requestHandler(new RequestRules(new WebPageGuard(webPages, this::route, errors), errors))
                .invalidRequestHandler(errors::sendInvalid)
                .connectionHandler(connection -> connected(connection, options))
                .exceptionHandler(e -> {
                    // A broken connection: its request, if any, is told through its own handlers.
                });
        server = newServer.listen(port, host).toCompletionStage().toCompletableFuture().join();
        return newServer.actualPort();
    }

    private void connected(HttpConnection connection, HttpServerOptions options) {
        listening = ((ConnectionBase) connection).channelHandlerContext().channel().parent();
        ConnectionGuard.watch(connection, options, limits, inFlight);
    }

    /** Accepts no more connections. Open connections still get their responses: {@link #close} cuts them. */
    public void stopListening() {
        var open = listening;
        if (open != null) {
            open.close().awaitUninterruptibly(LONGEST_CLOSE_MILLIS);
        }
    }

    private void route(HttpServerRequest request) {
        if (inFlight.isClosed() && ErrorResponder.isProxied(request)) {
            errors.sendShuttingDown(request);
        } else {
            inForce.handle(request);
        }
    }

    /** The port listened on, or -1 before {@link #listen}. */
    public int port() {
        var current = server;
        return current == null ? -1 : current.actualPort();
    }

    @Override
    public void close() {
        var current = server;
        server = null;
        if (current != null) {
            try {
                current.close().toCompletionStage().toCompletableFuture().get(LONGEST_CLOSE_MILLIS,
                        TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
                // the process ends anyway
            }
        }
    }
}
