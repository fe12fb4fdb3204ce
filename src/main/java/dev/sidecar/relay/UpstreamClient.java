package dev.sidecar.relay;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.CharCodingConfig;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.impl.io.MonitoringResponseOutOfOrderStrategy;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.http.message.BasicClassicHttpRequest;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import org.springframework.util.function.SingletonSupplier;

/**
 * The {@link HttpClient} that camel-http calls: Apache's connections, pool, TLS and HTTP/1.1 codec, and nothing of the
 * conveniences that a proxy must not have. It follows no redirect, keeps no cookie, asks for and undoes no compression
 * and never repeats a request, because each of these is a request the budget does not know of or a byte the client did
 * not send. One call is one request on the wire.
 *
 * <p>Calls block, which is what virtual threads are for. Thread-safe.
 *
 * <p>Errors: {@link SocketTimeoutException} when the provider cannot be reached, does not begin its answer or
 * falls silent within it for {@code timeout}; {@link NoAnswerException} when the connection fails before a byte of an
 * answer came, any other {@link IOException} when it fails later; {@link ClientGoneException} when the client left.
 */
public final class UpstreamClient extends CloseableHttpClient {

    private static final int MAX_CONNECTIONS = 20_000;
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(10);
    private static final TimeValue IDLE_CONNECTION_TRUSTED = TimeValue.ofSeconds(1);
    private static final TimeValue IDLE_CONNECTION_KEPT = TimeValue.ofSeconds(30);
    private static final Duration EVICT_EVERY = Duration.ofSeconds(10);
    private static final String NO_ID = "";

    /**
     * A connection has three buffers of this size for as long as it lives. They are for heads and the ends of chunks: longer
     * pieces of a body are written from, and read into, where they belong.
     */
    private static final int BUFFER_BYTES = 2048;

    private final PoolingHttpClientConnectionManager connections;
    private final HttpRequestExecutor executor = new HttpRequestExecutor();
    private final ReadTimeouts readTimeouts = new ReadTimeouts();
    private final Thread evictor;
    private final Supplier<Duration> timeout;

    /**
     * @param timeout longest wait for the first byte of an answer, and longest silence within one; asked for each call,
     *        so that it may change meanwhile
     */
    public UpstreamClient(Supplier<Duration> timeout) {
        this.timeout = timeout;
        // Field values may hold any octet above 0x7F (RFC 9110 §5.5); ISO 8859-1 maps each octet to itself.
        var octets = CharCodingConfig.custom().setCharset(StandardCharsets.ISO_8859_1).build();
        var http1 = Http1Config.custom().setMaxHeaderCount(500).setMaxLineLength(64 * 1024)
                .setBufferSize(BUFFER_BYTES).build();
        this.connections = PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder().http1Config(http1)
                        .charCodingConfig(octets)
                        // A provider that refuses an upload early is heard, not written to until it resets.
                        .responseOutOfOrderStrategy(MonitoringResponseOutOfOrderStrategy.INSTANCE).build())
                .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX).setConnPoolPolicy(PoolReusePolicy.LIFO)
                .setTlsSocketStrategy(tlsOnceNeeded())
                .setMaxConnTotal(MAX_CONNECTIONS).setMaxConnPerRoute(MAX_CONNECTIONS)
                .setDefaultConnectionConfig(ConnectionConfig.custom().setSocketTimeout(Timeout.of(LONGEST_CONNECT))
                        .setValidateAfterInactivity(IDLE_CONNECTION_TRUSTED).build())
                .build();
        this.evictor = Thread.ofVirtual().name("upstream-evictor").start(this::evict);
    }

    /** Reading the authorities that are trusted takes a while, and an upstream in the same network may have no use for them. */
    private static TlsSocketStrategy tlsOnceNeeded() {
        var tls = SingletonSupplier.of(DefaultClientTlsStrategy::createDefault);
        return (socket, target, port, attachment, context) -> tls.obtain().upgrade(socket, target, port, attachment,
                context);
    }

    /** The pool gives back what was used last, so after a burst most connections would never be looked at again. */
    private void evict() {
        try {
            while (true) {
                Thread.sleep(EVICT_EVERY);
                connections.closeExpired();
                connections.closeIdle(IDLE_CONNECTION_KEPT);
            }
        } catch (InterruptedException e) {
            // shut down
        }
    }

    @Override
    public ClassicHttpResponse executeOpen(HttpHost host, ClassicHttpRequest request, HttpContext context)
            throws IOException {
        if (!(request.getEntity() instanceof UpstreamRequest upstream)) {
            throw new IllegalArgumentException(
                    "the message body must be an UpstreamRequest: put the step 'upstreamRequest' before this endpoint");
        }
        return headOf(send(host, request.getPath(), upstream));
    }

    /**
     * What camel-http gets to see. It would close the body when its exchange is done, which inside a circuit breaker is
     * before anybody could relay it; so the whole answer goes to the request's {@link UpstreamRequest.Listener} alone.
     */
    private static ClassicHttpResponse headOf(ClassicHttpResponse answer) {
        return new BasicClassicHttpResponse(answer.getCode(), answer.getReasonPhrase());
    }

    /**
     * Sends the request over one connection, without any retry.
     *
     * @param basePath path prefix of the provider's base URL, possibly empty
     * @return the answer's head; its entity, if any, must be read to the end or closed
     */
    public ClassicHttpResponse send(HttpHost host, String basePath, UpstreamRequest upstream) throws IOException {
        try {
            return sendOnce(host, basePath, upstream);
        } catch (IOException e) {
            var failure = upstream.cancellation().isCancelled() ? new ClientGoneException(e) : e;
            upstream.listener().failed(failure);
            throw failure;
        }
    }

    private ClassicHttpResponse sendOnce(HttpHost host, String basePath, UpstreamRequest upstream)
            throws IOException {
        var context = HttpClientContext.create();
        var limit = timeout.get();
        var call = new UpstreamCall(connections, lease(host, Timeout.of(limit)), limit, readTimeouts);
        upstream.cancellation().onCancel(() -> {
            if (call.abort()) {
                upstream.listener().aborted();
            }
        });
        try {
            var endpoint = call.endpoint();
            if (!endpoint.isConnected()) {
                connect(endpoint, limit.compareTo(LONGEST_CONNECT) < 0 ? limit : LONGEST_CONNECT, context);
            }
            endpoint.setSocketTimeout(Timeout.DISABLED); // see ReadTimeouts
            var message = message(host, basePath, upstream);
            var response = execute(call, message, upstream, context);
            var keepAlive = keepAlive(message, response, context);
            if (response.getEntity() == null) {
                call.complete(keepAlive);
            } else {
                response.setEntity(call.guard(response.getEntity(), keepAlive));
            }
            upstream.listener().answered(response);
            return response;
        } catch (HttpException e) {
            call.abort();
            throw new IOException("the provider's answer is not HTTP: " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            call.abort();
            throw e;
        }
    }

    private ClassicHttpResponse execute(UpstreamCall call, ClassicHttpRequest message, UpstreamRequest upstream,
            HttpClientContext context) throws IOException, HttpException {
        var listener = upstream.listener();
        listener.beforeWrite();
        try {
            if (upstream.body() == null) {
                listener.written();
                call.timeout().waits();
            } else {
                message.setEntity(new HttpEntityWrapper(upstream) {
                    @Override
                    public void writeTo(OutputStream out) throws IOException {
                        try {
                            super.writeTo(out);
                        } finally {
                            call.timeout().waits(); // an answer may be read before all is written
                        }
                    }
                });
            }
            return call.endpoint().execute(NO_ID, message,
                    (request, connection, inContext) -> exchange(call, request, connection, inContext), context);
        } finally {
            listener.written(); // a write that failed may have reached the provider all the same
        }
    }

    private void connect(ConnectionEndpoint endpoint, Duration limit, HttpClientContext context) throws IOException {
        try {
            connections.connect(endpoint, Timeout.of(limit), context);
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            throw new NoAnswerException(e);
        }
    }

    private ClassicHttpResponse exchange(UpstreamCall call, ClassicHttpRequest message,
            HttpClientConnection connection, HttpContext context) throws IOException, HttpException {
        @Nullable
        EndpointDetails counts = connection.getEndpointDetails(); // null when it was closed meanwhile
        call.timeout().connection(counts);
        long before = counts == null ? 0 : counts.getReceivedBytesCount();
        try {
            var answer = executor.execute(message, connection, context);
            call.timeout().heard();
            return answer;
        } catch (IOException e) {
            var failure = call.timeout().failure(e);
            throw !(failure instanceof SocketTimeoutException)
                    && (counts == null || counts.getReceivedBytesCount() == before)
                            ? new NoAnswerException(failure)
                            : failure;
        }
    }

    private ConnectionEndpoint lease(HttpHost host, Timeout limit) throws IOException {
        try {
            var secure = "https".equalsIgnoreCase(host.getSchemeName());
            var target = new HttpHost(host.getSchemeName(), host.getHostName(),
                    host.getPort() > 0 ? host.getPort() : secure ? 443 : 80);
            return connections.lease(NO_ID, new HttpRoute(target, null, secure), limit, null).get(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a connection");
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("no connection could be had from the pool: " + e.getMessage(), e);
        }
    }

    private static BasicClassicHttpRequest message(HttpHost host, String basePath, UpstreamRequest upstream) {
        var prefix = basePath.endsWith("/") ? basePath.substring(0, basePath.length() - 1) : basePath;
        var message = new BasicClassicHttpRequest(upstream.method(), prefix);
        message.setPath(prefix + upstream.target()); // as it is: the constructor would take a URI apart
        message.addHeader(HttpHeaders.HOST, host.toHostString());
        for (var header : upstream.headers()) {
            message.addHeader(header);
        }
        if (upstream.body() != null) {
            message.addHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(upstream.getContentLength()));
        }
        return message;
    }

    private static TimeValue keepAlive(ClassicHttpRequest request, ClassicHttpResponse response,
            HttpClientContext context) {
        if (!DefaultClientConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context)) {
            return TimeValue.ZERO_MILLISECONDS;
        }
        var announced = DefaultConnectionKeepAliveStrategy.INSTANCE.getKeepAliveDuration(response, context);
        return TimeValue.isPositive(announced) && announced.compareTo(IDLE_CONNECTION_KEPT) < 0
                ? announced
                : IDLE_CONNECTION_KEPT;
    }

    @Override
    protected CloseableHttpResponse doExecute(HttpHost target, ClassicHttpRequest request, HttpContext context)
            throws IOException {
        return CloseableHttpResponse.adapt(executeOpen(target, request, context));
    }

    /**
     * Does nothing: Camel closes the client of an endpoint whose route stops, as when a route is reloaded, but the pool
     * belongs to all routes and to the readiness probe until {@link #shutdown}.
     */
    @Override
    public void close(CloseMode closeMode) {
        // see above
    }

    /** Does nothing, as {@link #close(CloseMode)}. */
    @Override
    public void close() {
        // see there
    }

    /** Closes every connection; nothing can be sent any more. */
    public void shutdown() {
        evictor.interrupt();
        readTimeouts.close();
        connections.close();
    }
}
