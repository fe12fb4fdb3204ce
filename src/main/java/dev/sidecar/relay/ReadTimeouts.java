package dev.sidecar.relay;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the calls whose provider is silent for too long.
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

    private final Set<UpstreamCall> calls = ConcurrentHashMap.newKeySet();
    private final Thread watcher;
    private volatile boolean asleep;

    ReadTimeouts() {
        this.watcher = Thread.ofVirtual().name("read-timeouts").start(this::watch);
    }

    void add(UpstreamCall call) {
        calls.add(call);
        if (asleep) {
            LockSupport.unpark(watcher);
        }
    }

    void remove(UpstreamCall call) {
        calls.remove(call);
    }

    private void watch() {
        try {
            while (true) {
                asleep = true;
                while (calls.isEmpty()) {
                    LockSupport.park(this);
                    if (Thread.interrupted()) {
                        return;
                    }
                }
                asleep = false;
                Thread.sleep(LOOK_EVERY);
                var now = System.nanoTime();
                calls.forEach(call -> look(call, now));
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    /** One that fails does not leave the others unwatched. */
    private static void look(UpstreamCall call, long now) {
        try {
            call.endIfOverdue(now);
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
