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
 * The proxy's HTTP server, with the limits that an open port needs. Camel's platform-http routes serve on a
 * {@linkplain #newRouter() router} of it, one router for each generation of routes, and new requests go to the one in force;
 * what no route serves is answered 404 in the sidecar's own error shape.
 *
 * <p>camel-platform-http-vertx's own server leaves header time-outs, size limits and h2c upgrades at defaults that
 * cannot be set, hence this one. Thread-safe.
 */
public final class IngressServer implements AutoCloseable {

    static final int MAX_HEADER_BYTES = 32 * 1024;
    static final int MAX_REQUEST_LINE_BYTES = 16 * 1024;

    private static final long LONGEST_CLOSE_MILLIS = 5_000;

    private final Vertx vertx;
    private final IngressLimits limits;
    private final WebPageRule webPages;
    private final int maxBodyBytes;
    private final InFlightRequests intake;
    private final RequestMemory memory = RequestMemory.ofThisProcess();
    private final ErrorResponder answers;
    private volatile Router inForce;
    private volatile @Nullable HttpServer server;
    /** Known from the first connection on. */
    private volatile @Nullable Channel listening;

    /**
     * @param webPages which of them may use what is below /v1
     * @param maxBodyBytes of one request
     * @param intake told of every connection and request
     * @param completions told of each request below /v1 that is answered here, before a route has seen it; on the event
     *        loop, so it must not block
     */
    public IngressServer(Vertx vertx, IngressLimits limits, WebPageRule webPages, int maxBodyBytes,
            InFlightRequests intake,
            Consumer<CompletedRequest> completions) {
        this.answers = new ErrorResponder(completions);
        this.vertx = vertx;
        this.limits = limits;
        this.webPages = webPages;
        this.maxBodyBytes = maxBodyBytes;
        this.intake = intake;
        this.inForce = newRouter();
    }

    /** One that serves nothing yet, and is not in force. */
    Router newRouter() {
        var router = Router.router(vertx);
        router.errorHandler(400,
                context -> answers.sendLast(context.request(),
                        ErrorBody.invalidRequest(400, "bad_request", "the request could not be read")));
        router.errorHandler(404,
                context -> answers.send(context.request(), ErrorBody.invalidRequest(404, "not_found",
                        "nothing is served here; the OpenAI-compatible API is below /v1")));
        router.errorHandler(405, context -> {
            context.response().putHeader(HttpHeaders.ALLOW, methodsOn(context.normalizedPath(), router));
            answers.send(context.request(), ErrorBody.invalidRequest(405, "method_not_allowed",
                    context.request().method().name() + " is not supported on this path"));
        });
        router.errorHandler(500, context -> answers.send(context.request(),
                ErrorBody.apiError(500, "internal_error", "the sidecar failed to handle this request")));
        return router;
    }

    private static String methodsOn(String path, Router router) {
        return router.getRoutes().stream().filter(route -> path.equals(route.getPath()) && route.methods() != null)
                .flatMap(route -> route.methods().stream()).map(HttpMethod::name).distinct().sorted()
                .collect(Collectors.joining(", "));
    }

    /** New requests go to this router from now on; those that another one has are not disturbed. */
    void serve(Router router) {
        inForce = router;
    }

    BodyReader newBodyReader() {
        return new BodyReader(maxBodyBytes, limits, memory, intake, answers);
    }

    ErrorResponder answers() {
        return answers;
    }

    /**
     * Begins to listen.
     *
     * @param port 0 picks a free one
     * @return the port that is listened on
     * @throws CompletionException when the address cannot be had; the cause is a {@link java.net.BindException}
     */
    public int listen(String host, int port) {
        var options = new HttpServerOptions().setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxInitialLineLength(MAX_REQUEST_LINE_BYTES).setHttp2ClearTextEnabled(false)
                .setHandle100ContinueAutomatically(false).setTcpNoDelay(true)
                // No WebSocket is served, so nothing need look for its handshake in every request.
                .setPerFrameWebSocketCompressionSupported(false).setPerMessageWebSocketCompressionSupported(false);
        var newServer = vertx.createHttpServer(options)
                .requestHandler(new RequestRules(new WebPageGuard(webPages, this::route, answers), answers))
                .invalidRequestHandler(answers::sendInvalid)
                .connectionHandler(connection -> connected(connection, options))
                .exceptionHandler(e -> {
                    // A connection that broke: its request, if any, has been told through its own handlers.
                });
        server = newServer.listen(port, host).toCompletionStage().toCompletableFuture().join();
        return newServer.actualPort();
    }

    private void connected(HttpConnection connection, HttpServerOptions options) {
        listening = ((ConnectionBase) connection).channelHandlerContext().channel().parent();
        ConnectionGuard.watch(connection, options, limits, intake);
    }

    /** Nobody connects from now on, while those who are connected are still answered: {@link #close} drops everybody. */
    public void stopListening() {
        var open = listening;
        if (open != null) {
            open.close().awaitUninterruptibly(LONGEST_CLOSE_MILLIS);
        }
    }

    private void route(HttpServerRequest request) {
        if (intake.isClosed() && ErrorResponder.isProxied(request)) {
            answers.sendShuttingDown(request);
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
