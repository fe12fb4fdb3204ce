package dev.sidecar.files;

import dev.sidecar.throttle.NanoClock;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches files, and says when a change of them is complete.
 *
 * <p>It polls, because file events do not work on network volumes, and hardly work when Kubernetes replaces a link. One
 * (virtual) thread does the work; any thread may start and close it.
 */
public final class FileWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);

    /** The files, and who reads them. All calls come from the thread of the watch. */
    public interface Watched {

        /** How the files look from outside: two equal looks mean that nothing was written in between. */
        Map<String, ?> look();

        /** Whether a change can be read now. If not, the next look asks again. */
        default boolean isReady() {
            return true;
        }

        /** @param look of the files, which differs from that of the last time; another look now means another write */
        void changed(Map<String, ?> look);
    }

    private final String name;
    private final Watched watched;
    private final WatchPace pace;
    private final NanoClock clock;
    private QuietPeriod period;
    private @Nullable Thread thread;
    private volatile boolean closed;

    /** @param name of the thread */
    public FileWatch(String name, Watched watched, WatchPace pace, NanoClock clock) {
        this.name = name;
        this.watched = watched;
        this.pace = pace;
        this.clock = clock;
        this.period = QuietPeriod.after(null, pace.quietFor());
    }

    /** Begins to watch. The first look counts as a change. */
    public synchronized void start() {
        if (thread == null) {
            thread = Thread.ofVirtual().name(name).start(this::watch);
        }
    }

    private void watch() {
        try {
            while (!closed) {
                Thread.sleep(period.isRunning() ? pace.untilQuiet() : pace.lookEvery());
                try {
                    look();
                } catch (RuntimeException | Error e) {
                    LOG.error("the {} failed; it goes on", name, e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        var look = watched.look();
        var next = period.look(look, clock.nanoTime());
        if (!next.isOver()) {
            period = next;
        } else if (watched.isReady()) {
            period = next;
            watched.changed(look);
        }
    }

    /** Stops watching, after a change in progress. */
    @Override
    public synchronized void close() {
        var watching = thread;
        closed = true;
        if (watching != null) {
            try {
                watching.join(Duration.ofSeconds(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
