package dev.sidecar.upstream;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends calls whose provider neither sends nor takes a byte for too long. Thread-safe.
 *
 * <p>It replaces {@code SO_TIMEOUT}. A virtual thread that reads with a time limit is entered into the schedule of a
 * JDK thread and removed again (JDK 25, {@code ForkJoinPool.schedule}). This wakes that thread twice for every read.
 * Here one thread checks all calls ten times a second, and sleeps while there are none.
 */
final class ReadTimeouts implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReadTimeouts.class);

    private static final Duration CHECK_EVERY = Duration.ofMillis(100);

    private final Set<ReadTimeout> watched = ConcurrentHashMap.newKeySet();
    private final Thread watcher;
    private volatile boolean asleep;

    ReadTimeouts() {
        this.watcher = Thread.ofVirtual().name("read-timeouts").start(this::run);
    }

    /**
     * Watches a call until {@link #forget}.
     *
     * @param end called when the provider has been silent for longer than the limit
     */
    ReadTimeout watch(Duration limit, Runnable end) {
        var timeout = new ReadTimeout(limit, end, System::nanoTime);
        watched.add(timeout);
        if (asleep) {
            LockSupport.unpark(watcher);
        }
        return timeout;
    }

    void forget(ReadTimeout timeout) {
        watched.remove(timeout);
    }

    /** Whether no call is watched. */
    boolean isIdle() {
        return watched.isEmpty();
    }

    private void run() {
        try {
            while (true) {
                asleep = true;
                while (watched.isEmpty()) {
                    LockSupport.park(this);
                    if (Thread.interrupted()) {
                        return;
                    }
                }
                asleep = false;
                Thread.sleep(CHECK_EVERY);
                watched.forEach(ReadTimeouts::check);
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    /** A call that cannot be ended must not stop the watch over the others. */
    private static void check(ReadTimeout timeout) {
        try {
            timeout.endIfOver();
        } catch (RuntimeException e) {
            LOG.error("a silent call could not be ended", e);
        }
    }

    /** Ends the watch over all calls. */
    @Override
    public void close() {
        watcher.interrupt();
    }
}
