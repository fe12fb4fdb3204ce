package dev.sidecar.upstream;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.HttpRoute;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.classic.HttpClient;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.ConnectionShutdownException;
import org.apache.hc.client5.http.impl.DefaultClientConnectionReuseStrategy;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.impl.DefaultSchemePortResolver;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.CloseableHttpResponse;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.protocol.HttpClientContext;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.CharCodingConfig;
import org.apache.hc.core5.http.config.Http1Config;
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
 * The {@link HttpClient} that camel-http calls: Apache's connections, pool, TLS and HTTP/1.1 codec, without the
 * features that a proxy must not have. It follows no redirect, keeps no cookie, neither requests nor undoes
 * compression, and never repeats a request. Each of these is a request that the budget does not count, or a byte that
 * the client did not send. One call is one request on the wire.
 *
 * <p>Calls block, which suits virtual threads. Thread-safe.
 *
 * <p>Errors: {@link SocketTimeoutException} when the provider takes no more of the request, does not begin its
 * response, or falls silent within it, for {@code timeout}. {@link NoResponseException} when the connection cannot be
 * made, or not in time, or fails before the first byte of a response. Any other {@link IOException} when it fails
 * later. {@link ClientGoneException} when the client left.
 */
public final class UpstreamClient extends CloseableHttpClient {

    private static final int MAX_CONNECTIONS = 20_000;
    /** For all addresses of the provider together. */
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(10);
    /** A request whose slot came at the last moment gets this long too. */
    private static final Duration SHORTEST_CONNECT = Duration.ofSeconds(1);
    private static final TimeValue IDLE_CONNECTION_TRUSTED = TimeValue.ofSeconds(1);
    private static final TimeValue IDLE_CONNECTION_KEPT = TimeValue.ofSeconds(30);
    private static final Duration EVICT_EVERY = Duration.ofSeconds(10);
    private static final String NO_ID = "";

    /**
     * A connection has three buffers of this size while it lives. They hold heads and the ends of chunks; longer pieces
     * of a body are read and written without them.
     */
    private static final int BUFFER_BYTES = 2048;

    private final PoolingHttpClientConnectionManager connections;
    private final ReadTimeouts readTimeouts = new ReadTimeouts();
    private final Thread evictor;
    private final Supplier<Duration> timeout;

    /**
     * @param timeout the longest wait for the first byte of a response, the longest silence within one, and the longest
     *        time in which the provider takes no byte of a request; read again for each call, so it may change
     */
    public UpstreamClient(Supplier<Duration> timeout) {
        // Reading the trusted authorities takes time, and an upstream in the same network may not need them.
        this(timeout, SingletonSupplier.of(DefaultClientTlsStrategy::createDefault), SystemDefaultDnsResolver.INSTANCE);
    }

    /**
     * @param tls makes TLS connections; called when first needed
     * @param names resolves the addresses of names
     */
    UpstreamClient(Supplier<Duration> timeout, Supplier<? extends TlsSocketStrategy> tls, DnsResolver names) {
        this.timeout = timeout;
        var earlyResponses = new EarlyResponses(tls);
        // Field values may hold any octet above 0x7F (RFC 9110 §5.5); ISO 8859-1 maps each octet to itself.
        var octets = CharCodingConfig.custom().setCharset(StandardCharsets.ISO_8859_1).build();
        var http1 = Http1Config.custom().setMaxHeaderCount(500).setMaxLineLength(64 * 1024)
                .setBufferSize(BUFFER_BYTES).build();
        this.connections = new Connections(names)
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder().http1Config(http1)
                        .charCodingConfig(octets)
                        .responseOutOfOrderStrategy(earlyResponses).build())
                .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX).setConnPoolPolicy(PoolReusePolicy.LIFO)
                .setTlsSocketStrategy(earlyResponses)
                .setMaxConnTotal(MAX_CONNECTIONS).setMaxConnPerRoute(MAX_CONNECTIONS)
                .setDefaultConnectionConfig(ConnectionConfig.custom().setSocketTimeout(Timeout.of(LONGEST_CONNECT))
                        .setValidateAfterInactivity(IDLE_CONNECTION_TRUSTED).build())
                .build();
        this.evictor = Thread.ofVirtual().name("upstream-evictor").start(this::evict);
    }

    /** The pool hands out the connection used last, so after a burst it would never check most of the others. */
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
        if (!upstream.listener().maySendTo(host, request.getPath())) {
            throw new IllegalStateException("the route sends a request to a provider with the key of another one: its"
                    + " step must send to the address in the property SidecarUpstreamUrl");
        }
        return headOf(send(host, request.getPath(), upstream));
    }

    /**
     * The response as camel-http sees it. Camel-http would close the body when its exchange is done, which in a circuit
     * breaker is before the relay. So only the request's {@link UpstreamRequest.Listener} gets the whole response.
     */
    private static ClassicHttpResponse headOf(ClassicHttpResponse response) {
        return new BasicClassicHttpResponse(response.getCode(), response.getReasonPhrase());
    }

    /**
     * Sends the request over one connection, without a retry.
     *
     * @param basePath path prefix of the provider's base URL, possibly empty
     * @return the response's head; its entity, if any, must be read to the end or closed
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
        var limit = timeout.get();
        var endpoint = lease(host, Timeout.of(limit));
        @Nullable
        UpstreamCall call = null;
        boolean responded = false;
        try {
            call = new UpstreamCall(connections, endpoint, limit, readTimeouts);
            var response = sendOver(call, limit, message(host, basePath, upstream), upstream);
            responded = true;
            return response;
        } catch (HttpException e) {
            throw new IOException("the provider's answer is not HTTP: " + e.getMessage(), e);
        } catch (ConnectionShutdownException e) { // another thread closed it between two steps: aborted, or timed out
            throw Objects.requireNonNull(call).timeout().failure(new NoResponseException(new IOException(e)));
        } finally {
            if (!responded) { // an Error must not leak the connection either
                if (call != null) {
                    call.abort();
                } else {
                    connections.release(endpoint, null, TimeValue.ZERO_MILLISECONDS);
                }
            }
        }
    }

    private ClassicHttpResponse sendOver(UpstreamCall call, Duration limit, ClassicHttpRequest message,
            UpstreamRequest upstream) throws IOException, HttpException {
        upstream.cancellation().onCancel(() -> {
            if (call.abort()) {
                upstream.listener().aborted();
            }
        });
        var context = HttpClientContext.create();
        var endpoint = call.endpoint();
        if (!endpoint.isConnected()) {
            connect(call, connectLimit(limit, upstream.listener().patience()), context);
        }
        endpoint.setSocketTimeout(Timeout.DISABLED); // see ReadTimeouts
        var response = call.exchange(message, upstream.listener(), context);
        var keepAlive = keepAlive(message, response, context);
        if (response.getEntity() == null) {
            call.complete(keepAlive);
        } else {
            response.setEntity(call.guard(response.getEntity(), keepAlive));
        }
        upstream.listener().answered(response);
        return response;
    }

    /** Connects; the provider has seen nothing of the request if this fails, for lack of time or otherwise. */
    private void connect(UpstreamCall call, Duration limit, HttpClientContext context) throws NoResponseException {
        try {
            call.timeout().waits(); // a handshake may be slow
            connections.connect(call.endpoint(), Timeout.of(limit), context);
            call.timeout().heard();
        } catch (IOException e) {
            throw new NoResponseException(call.timeout().failure(e));
        }
    }

    private static Duration connectLimit(Duration limit, Duration patience) {
        var most = limit.compareTo(LONGEST_CONNECT) < 0 ? limit : LONGEST_CONNECT;
        if (patience.compareTo(most) >= 0) {
            return most;
        }
        return patience.compareTo(SHORTEST_CONNECT) > 0 || most.compareTo(SHORTEST_CONNECT) < 0
                ? patience
                : SHORTEST_CONNECT;
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
        message.setPath(prefix + upstream.target()); // set unchanged: the constructor would take a URI apart
        message.addHeader(HttpHeaders.HOST, host.toHostString());
        for (var header : upstream.headers()) {
            message.addHeader(header);
        }
        if (upstream.body() != null) {
            message.setEntity(upstream);
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
     * Does nothing. Camel closes the client of an endpoint whose route stops, for example at a reload, but the pool
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

    /** Whether no connection is leased, and no time-out is watched. */
    public boolean isIdle() {
        return connections.getTotalStats().getLeased() == 0 && readTimeouts.isIdle();
    }

    /** Closes every connection; later calls fail. */
    public void shutdown() {
        evictor.interrupt();
        readTimeouts.close();
        connections.close();
    }

    private static final class Connections extends PoolingHttpClientConnectionManagerBuilder {

        private final DnsResolver names;

        Connections(DnsResolver names) {
            this.names = names;
        }

        @Override
        protected HttpClientConnectionOperator createConnectionOperator(SchemePortResolver ports, DnsResolver none,
                TlsSocketStrategy tls) {
            return new ConnectOperator(super.createConnectionOperator(ports, names, tls), names,
                    DefaultSchemePortResolver.INSTANCE);
        }
    }
}
