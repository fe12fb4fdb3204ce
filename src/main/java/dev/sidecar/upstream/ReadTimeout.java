package dev.sidecar.upstream;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.hc.core5.http.EndpointDetails;
import org.jspecify.annotations.Nullable;

/**
 * The time-out of one call: the longest time in which the provider neither sends bytes nor takes bytes of the request.
 * Thread-safe: {@link #endIfOver} may come from another thread while one reads or writes.
 */
final class ReadTimeout {

    /** Readings of the clock are made odd, so they differ from these two values. */
    private static final long NOT_WAITING = 0;
    private static final long OVER = 2;

    private final long limitNanos;
    private final Runnable end;
    private final LongSupplier nanoTime;
    private final AtomicLong waitsSince = new AtomicLong(NOT_WAITING);
    private volatile @Nullable EndpointDetails connection;
    /** The byte count at the last check; only the watching thread uses it. */
    private long movedBefore;

    /**
     * @param limit the longest time without a byte in either direction
     * @param end makes the overdue read or write fail; called at most once for each wait
     * @param nanoTime nanoseconds, like {@link System#nanoTime}
     */
    ReadTimeout(Duration limit, Runnable end, LongSupplier nanoTime) {
        this.limitNanos = limit.toNanos();
        this.end = end;
        this.nanoTime = nanoTime;
    }

    /** Counts the bytes of both directions; null before and after the connection. */
    void connection(@Nullable EndpointDetails details) {
        connection = details;
    }

    /** A wait for the provider begins. A wait that is over stays over until its caller has been told. */
    void waits() {
        var since = waitsSince.get();
        if (since != OVER) {
            waitsSince.compareAndSet(since, nanoTime.getAsLong() | 1); // otherwise the watching thread has just changed it
        }
    }

    /**
     * The wait has ended with the expected bytes.
     *
     * @throws SocketTimeoutException if the wait was over before
     */
    void heard() throws SocketTimeoutException {
        if (waitsSince.getAndSet(NOT_WAITING) == OVER) {
            throw over();
        }
    }

    /**
     * The wait has ended with this failure.
     *
     * @return the failure for the caller: the time-out if it is the cause
     */
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

    /**
     * Ends an overdue wait. Only one thread calls it, at intervals: bytes that have moved since the last check count as
     * moved now.
     */
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
