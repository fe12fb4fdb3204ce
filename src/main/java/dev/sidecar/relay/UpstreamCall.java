package dev.sidecar.relay;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;

/**
 * One leased connection to the provider, from the lease to its single return: kept alive when the answer was read to
 * its end, closed at once otherwise.
 *
 * <p>Draining what is left of an answer, as HTTP clients do to save the connection, would keep a provider generating
 * tokens for nobody; an abandoned answer is therefore cut off. Thread-safe: {@link #abort()} may come from any thread
 * while another one reads.
 */
final class UpstreamCall {

    private final HttpClientConnectionManager connections;
    private final ConnectionEndpoint endpoint;
    private final ReadTimeouts timeouts;
    private final ReadTimeout timeout;
    private final AtomicBoolean returned = new AtomicBoolean();

    /** @param limit longest wait for the provider's next bytes; watched by {@code timeouts} as long as the connection is leased */
    UpstreamCall(HttpClientConnectionManager connections, ConnectionEndpoint endpoint, Duration limit,
            ReadTimeouts timeouts) {
        this.connections = connections;
        this.endpoint = endpoint;
        this.timeouts = timeouts;
        // The connection is returned by who reads, when the read fails.
        this.timeout = timeouts.watch(limit, () -> endpoint.close(CloseMode.IMMEDIATE));
    }

    ConnectionEndpoint endpoint() {
        return endpoint;
    }

    ReadTimeout timeout() {
        return timeout;
    }

    /**
     * Closes the connection without a farewell: the provider sees the client leave.
     *
     * @return whether there was something to abort
     */
    boolean abort() {
        var first = returned.compareAndSet(false, true);
        if (first) {
            timeouts.forget(timeout);
            endpoint.close(CloseMode.IMMEDIATE);
            connections.release(endpoint, null, TimeValue.ZERO_MILLISECONDS);
        }
        return first;
    }

    /** The answer was read to its end: the connection goes back to the pool, for {@code keepAlive} if that is positive. */
    void complete(TimeValue keepAlive) {
        if (returned.compareAndSet(false, true)) {
            timeouts.forget(timeout);
            if (!TimeValue.isPositive(keepAlive)) {
                endpoint.close(CloseMode.GRACEFUL);
            }
            connections.release(endpoint, null, keepAlive);
        }
    }

    /** The entity whose end returns the connection, and whose early {@code close()} aborts the call. */
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

    private final class GuardedStream extends FilterInputStream {

        private final TimeValue keepAlive;

        GuardedStream(InputStream in, TimeValue keepAlive) {
            super(in);
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
            } catch (RuntimeException e) {
                abort();
                throw e;
            }
        }

        @Override
        public void close() {
            abort(); // no effect when the end was reached
        }
    }
}
