package dev.sidecar.relay;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.http.EndpointDetails;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.entity.HttpEntityWrapper;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * One leased connection to the provider, from the lease to its single return: kept alive when the answer was read to
 * its end, closed at once otherwise.
 *
 * <p>Draining what is left of an answer, as HTTP clients do to save the connection, would keep a provider generating
 * tokens for nobody; an abandoned answer is therefore cut off. Thread-safe: {@link #abort()} and {@link #endIfOverdue} may
 * come from any thread while another one reads.
 */
final class UpstreamCall {

    /** Readings of the clock are made odd, so that they are neither of these two. */
    private static final long NOT_WAITING = 0;
    private static final long OVERDUE = 2;

    private final HttpClientConnectionManager connections;
    private final ConnectionEndpoint endpoint;
    private final long timeoutNanos;
    private final ReadTimeouts timeouts;
    private final AtomicBoolean returned = new AtomicBoolean();
    private final AtomicLong waitsSince = new AtomicLong(NOT_WAITING);
    private volatile @Nullable EndpointDetails connection;
    /** Bytes, as of the last look; used by the one who looks only. */
    private long receivedBefore;

    /** @param timeout longest wait for the provider's next bytes; kept by {@code timeouts} as long as the connection is leased */
    UpstreamCall(HttpClientConnectionManager connections, ConnectionEndpoint endpoint, Duration timeout,
            ReadTimeouts timeouts) {
        this.connections = connections;
        this.endpoint = endpoint;
        this.timeoutNanos = timeout.toNanos();
        this.timeouts = timeouts;
    }

    ConnectionEndpoint endpoint() {
        return endpoint;
    }

    /**
     * Closes the connection without a farewell: the provider sees the client leave.
     *
     * @return whether there was something to abort
     */
    boolean abort() {
        var first = returned.compareAndSet(false, true);
        if (first) {
            timeouts.remove(this);
            endpoint.close(CloseMode.IMMEDIATE);
            connections.release(endpoint, null, TimeValue.ZERO_MILLISECONDS);
        }
        return first;
    }

    /** The answer was read to its end: the connection goes back to the pool, for {@code keepAlive} if that is positive. */
    void complete(TimeValue keepAlive) {
        if (returned.compareAndSet(false, true)) {
            timeouts.remove(this);
            if (!TimeValue.isPositive(keepAlive)) {
                endpoint.close(CloseMode.GRACEFUL);
            }
            connections.release(endpoint, null, keepAlive);
        }
    }

    /** What is known of the connection; null when it was closed meanwhile. */
    void connection(@Nullable EndpointDetails details) {
        connection = details;
    }

    /** From now on the provider's next bytes are waited for. */
    void waits() {
        waitsSince.set(System.nanoTime() | 1);
    }

    /** The wait has ended with what was waited for. */
    void heard() throws SocketTimeoutException {
        if (waitsSince.getAndSet(NOT_WAITING) == OVERDUE) {
            throw overdue();
        }
    }

    /** The wait has ended with this failure; what is to be said of it. */
    IOException failure(IOException failure) {
        if (waitsSince.getAndSet(NOT_WAITING) != OVERDUE) {
            return failure;
        }
        var timeout = overdue();
        timeout.initCause(failure);
        return timeout;
    }

    private static SocketTimeoutException overdue() {
        return new SocketTimeoutException("the provider is silent");
    }

    /**
     * Fails the read that waits for too long at the time {@code now}, a reading of {@link System#nanoTime}. For one thread, now
     * and then: bytes that have come in meanwhile count as having come now.
     */
    void endIfOverdue(long now) {
        var since = waitsSince.get();
        if (since == NOT_WAITING || since == OVERDUE) {
            return;
        }
        var details = connection;
        var received = details == null ? 0 : details.getReceivedBytesCount();
        if (received != receivedBefore) {
            receivedBefore = received;
            waitsSince.compareAndSet(since, now | 1);
        } else if (now - since > timeoutNanos && waitsSince.compareAndSet(since, OVERDUE)) {
            endpoint.close(CloseMode.IMMEDIATE); // returned by who reads, when the read fails
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
                waits();
                int n = in.read(b, off, len);
                heard();
                if (n < 0) {
                    complete(keepAlive);
                }
                return n;
            } catch (IOException e) {
                var failure = failure(e);
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
