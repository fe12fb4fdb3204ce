package dev.sidecar.upstream;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the calls whose provider neither sends nor takes anything for too long.
 *
 * <p>In place of {@code SO_TIMEOUT}: a virtual thread that reads with a time limit is entered into the schedule of a JDK thread
 * and taken out of it again (JDK 25, {@code ForkJoinPool.schedule}), which wakes that thread twice for every read. With the
 * same for {@link dev.sidecar.throttle.Throttle#poll() the poll of the line} that was a quarter of the CPU time of a request.
 * Here one thread looks at all calls ten times a second, and sleeps while there are none.
 *
 * <p>Thread-safe.
 */
final class ReadTimeouts implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReadTimeouts.class);

    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    private final Set<ReadTimeout> watched = ConcurrentHashMap.newKeySet();
    private final Thread watcher;
    private volatile boolean asleep;

    ReadTimeouts() {
        this.watcher = Thread.ofVirtual().name("read-timeouts").start(this::run);
    }

    /**
     * Watches until it is told to forget.
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

    /** Whether nobody is watched. */
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
                Thread.sleep(LOOK_EVERY);
                watched.forEach(ReadTimeouts::look);
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    /** One that fails does not leave the others unwatched. */
    private static void look(ReadTimeout timeout) {
        try {
            timeout.endIfOver();
        } catch (RuntimeException e) {
            LOG.error("a silent call could not be ended", e);
        }
    }

    /** Nobody is watched any more. */
    @Override
    public void close() {
        watcher.interrupt();
    }
}
