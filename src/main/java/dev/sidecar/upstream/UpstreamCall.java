package dev.sidecar.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.http.message.MessageSupport;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * One leased connection to the provider, from the lease to its single return. It is kept alive if the response was read
 * to its end; otherwise it is closed at once.
 *
 * <p>HTTP clients often drain the rest of a response to save the connection. Here that would keep a provider generating
 * unused tokens, so an abandoned response is cut off. Thread-safe: {@link #abort()} may come from any thread while
 * another one reads.
 */
final class UpstreamCall {

    private static final String NO_ID = "";
    private static final int FINAL = 200;

    private final HttpClientConnectionManager connections;
    private final ConnectionEndpoint endpoint;
    private final ReadTimeouts timeouts;
    private final ReadTimeout timeout;
    private final AtomicBoolean returned = new AtomicBoolean();
    /** Only the sending and reading thread uses it. */
    private boolean wholeRequestSent = true;

    /**
     * @param limit the longest time in which the provider neither sends nor takes a byte; {@code timeouts} watches it
     *        while the connection is leased
     */
    UpstreamCall(HttpClientConnectionManager connections, ConnectionEndpoint endpoint, Duration limit,
            ReadTimeouts timeouts) {
        this.connections = connections;
        this.endpoint = endpoint;
        this.timeouts = timeouts;
        // The reading or writing thread returns the connection when its read or write fails.
        this.timeout = timeouts.watch(limit, () -> endpoint.close(CloseMode.IMMEDIATE));
    }

    ConnectionEndpoint endpoint() {
        return endpoint;
    }

    ReadTimeout timeout() {
        return timeout;
    }

    /**
     * Writes the request and reads the head of its response, which may come before the whole request is written.
     *
     * @throws NoResponseException when the connection fails before the first byte of a response
     */
    ClassicHttpResponse exchange(ClassicHttpRequest message, UpstreamRequest.Listener listener, HttpContext context)
            throws IOException, HttpException {
        return endpoint.execute(NO_ID, message,
                (request, connection, inContext) -> exchange(request, listener, connection), context);
    }

    private ClassicHttpResponse exchange(ClassicHttpRequest message, UpstreamRequest.Listener listener,
            HttpClientConnection connection) throws IOException, HttpException {
        @Nullable
        EndpointDetails counts = connection.getEndpointDetails(); // null if it has been closed in the meantime
        long before = counts == null ? 0 : counts.getReceivedBytesCount();
        timeout.connection(counts);
        listener.beforeWrite();
        try {
            timeout.waits();
            var writeFailure = write(message, listener, connection);
            timeout.waits();
            var response = read(message, connection, writeFailure);
            timeout.heard();
            return response;
        } catch (IOException e) {
            var failure = timeout.failure(e);
            throw !(failure instanceof SocketTimeoutException)
                    && (counts == null || counts.getReceivedBytesCount() == before)
                            ? new NoResponseException(failure)
                            : failure;
        }
    }

    /**
     * @return the failure if not all could be written: a provider that refuses an upload may have responded before it
     *        closed
     */
    private @Nullable IOException write(ClassicHttpRequest message, UpstreamRequest.Listener listener,
            HttpClientConnection connection) throws HttpException {
        try {
            connection.sendRequestHeader(message);
            connection.sendRequestEntity(message);
            connection.flush();
            return null;
        } catch (IOException e) {
            wholeRequestSent = false;
            return e;
        } finally {
            listener.written(); // a failed write may still have reached the provider
        }
    }

    private static ClassicHttpResponse read(ClassicHttpRequest message, HttpClientConnection connection,
            @Nullable IOException writeFailure) throws IOException, HttpException {
        try {
            ClassicHttpResponse response;
            do {
                response = connection.receiveResponseHeader();
            } while (response.getCode() < FINAL);
            if (MessageSupport.canResponseHaveBody(message.getMethod(), response)) {
                connection.receiveResponseEntity(response);
            }
            return response;
        } catch (IOException e) {
            if (writeFailure == null) {
                throw e;
            }
            writeFailure.addSuppressed(e);
            throw writeFailure;
        }
    }

    /** Closes the connection at once, without an orderly shutdown: the provider sees the client leave. */
    boolean abort() {
        var first = returned.compareAndSet(false, true);
        if (first) {
            timeouts.forget(timeout);
            endpoint.close(CloseMode.IMMEDIATE);
            connections.release(endpoint, null, TimeValue.ZERO_MILLISECONDS);
        }
        return first;
    }

    /** The response was read to its end: the connection goes back to the pool, for {@code keepAlive} if that is positive. */
    void complete(TimeValue keepAlive) {
        if (returned.compareAndSet(false, true)) {
            timeouts.forget(timeout);
            if (!wholeRequestSent || !TimeValue.isPositive(keepAlive)) {
                endpoint.close(CloseMode.GRACEFUL);
            }
            connections.release(endpoint, null, keepAlive);
        }
    }

    /** Wraps an entity: its end returns the connection, and an early {@code close()} aborts the call. */
    HttpEntity guard(HttpEntity entity, TimeValue keepAlive) throws IOException {
        var content = new GuardedStream(entity.getContent(), keepAlive);
        return new HttpEntityWrapper(entity) {
            @Override
            public InputStream getContent() {
                return content;
            }

            @Override
            public void close() {
                content.close();
            }
        };
    }

    /** All reading and skipping goes through one method, which sees the end. */
    private final class GuardedStream extends InputStream {

        private final InputStream in;
        private final TimeValue keepAlive;

        GuardedStream(InputStream in, TimeValue keepAlive) {
            this.in = in;
            this.keepAlive = keepAlive;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            try {
                timeout.waits();
                int n = in.read(b, off, len);
                timeout.heard();
                if (n < 0) {
                    complete(keepAlive);
                }
                return n;
            } catch (IOException e) {
                var failure = timeout.failure(e);
                abort();
                throw failure;
            } catch (RuntimeException | Error e) {
                abort();
                throw e;
            }
        }

        @Override
        public int available() throws IOException {
            return in.available();
        }

        @Override
        public void close() {
            abort(); // no effect after the end
        }
    }
}
