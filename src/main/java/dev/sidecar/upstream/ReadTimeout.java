package dev.sidecar.upstream;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.hc.core5.http.EndpointDetails;
import org.jspecify.annotations.Nullable;

/**
 * How long one call's provider may do nothing: neither send bytes nor take bytes of the request. Thread-safe:
 * {@link #endIfOver} may come from another thread while one reads or writes.
 */
final class ReadTimeout {

    /** Readings of the clock are made odd, so that they are neither of these two. */
    private static final long NOT_WAITING = 0;
    private static final long OVER = 2;

    private final long limitNanos;
    private final Runnable end;
    private final LongSupplier nanoTime;
    private final AtomicLong waitsSince = new AtomicLong(NOT_WAITING);
    private volatile @Nullable EndpointDetails connection;
    /** Bytes, as of the last look; used by the one who looks only. */
    private long movedBefore;

    /**
     * @param limit longest time without a byte in either direction
     * @param end makes the read or write fail that waits for too long; at most once for each wait
     * @param nanoTime as {@link System#nanoTime}
     */
    ReadTimeout(Duration limit, Runnable end, LongSupplier nanoTime) {
        this.limitNanos = limit.toNanos();
        this.end = end;
        this.nanoTime = nanoTime;
    }

    /** What counts the bytes of both directions; null when there is no connection yet, or none any more. */
    void connection(@Nullable EndpointDetails details) {
        connection = details;
    }

    /** From now on the provider is waited for. A wait that is over stays over until somebody is told. */
    void waits() {
        var since = waitsSince.get();
        if (since != OVER) {
            waitsSince.compareAndSet(since, nanoTime.getAsLong() | 1); // else it was looked at in this moment
        }
    }

    /** The wait has ended with what was waited for. */
    void heard() throws SocketTimeoutException {
        if (waitsSince.getAndSet(NOT_WAITING) == OVER) {
            throw over();
        }
    }

    /** The wait has ended with this failure; what is to be said of it. */
    IOException failure(IOException failure) {
        if (waitsSince.getAndSet(NOT_WAITING) != OVER) {
            return failure;
        }
        var timeout = over();
        timeout.initCause(failure);
        return timeout;
    }

    private static SocketTimeoutException over() {
        return new SocketTimeoutException("the provider is silent");
    }

    /** For one thread, now and then: bytes that have moved since the last look count as having moved now. */
    void endIfOver() {
        var since = waitsSince.get();
        if (since == NOT_WAITING || since == OVER) {
            return;
        }
        var now = nanoTime.getAsLong();
        var details = connection;
        var moved = details == null ? 0 : details.getReceivedBytesCount() + details.getSentBytesCount();
        if (moved != movedBefore) {
            movedBefore = moved;
            waitsSince.compareAndSet(since, now | 1);
        } else if (now - since > limitNanos && waitsSince.compareAndSet(since, OVER)) {
            end.run();
        }
    }
}
