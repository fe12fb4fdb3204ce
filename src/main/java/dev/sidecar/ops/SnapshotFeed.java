package dev.sidecar.ops;

import dev.sidecar.http.EventSink;
import dev.sidecar.reload.RoutesInForce;
import dev.sidecar.throttle.NanoClock;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot a second for all viewers, computed once for any number of them, and not at all without viewers. A new
 * viewer gets one at once.
 *
 * <p>Thread-safe: one lock guards the viewers and the latest snapshot. Sending to a viewer does not block.
 */
public final class SnapshotFeed implements AutoCloseable, RoutesInForce.Listener {

    public static final int MOST_VIEWERS = 1000;
    static final Duration EVERY = Duration.ofSeconds(1);
    /** A viewer that has read nothing for this long is gone. */
    static final Duration STALLED = Duration.ofSeconds(10);

    /** Tells the client how long to wait before it connects again, in ms. */
    private static final Buffer COME_BACK_SOON = Buffer.buffer("retry: 100\n\n");

    /** The result of joining. */
    enum Joined {
        WATCHING, TOO_MANY, CLOSED
    }

    private final Supplier<Buffer> source;
    private final Ticker ticker;
    private final NanoClock clock;
    private final int mostViewers;
    private final ReentrantLock lock = new ReentrantLock();
    /** Each with the time since when it has not been reading, or null. */
    private final Map<EventSink, @Nullable Long> viewers = new HashMap<>();
    private @Nullable Buffer latest;
    private long latestAt;
    private @Nullable Runnable stopTicking;
    private long computed;
    private boolean closed;

    /**
     * @param source computes a snapshot, as an event
     * @param mostViewers the largest number of viewers at a time
     */
    public SnapshotFeed(Supplier<Buffer> source, Ticker ticker, NanoClock clock, int mostViewers) {
        this.source = source;
        this.ticker = ticker;
        this.clock = clock;
        this.mostViewers = mostViewers;
    }

    /** Sends every snapshot from now on; the first is less than a second old. */
    Joined join(EventSink viewer, Buffer greeting) {
        lock.lock();
        try {
            if (closed) {
                return Joined.CLOSED;
            }
            if (viewers.size() >= mostViewers) {
                return Joined.TOO_MANY;
            }
            viewer.send(greeting);
            viewer.send(fresh());
            viewers.put(viewer, null);
            if (stopTicking == null) {
                stopTicking = ticker.every(EVERY, this::tick);
            }
            return Joined.WATCHING;
        } finally {
            lock.unlock();
        }
    }

    void leave(EventSink viewer) {
        lock.lock();
        try {
            viewers.remove(viewer);
            if (viewers.isEmpty() && stopTicking != null) {
                stopTicking.run();
                stopTicking = null;
            }
        } finally {
            lock.unlock();
        }
    }

    private void tick() {
        List<EventSink> stalled = new ArrayList<>();
        lock.lock();
        try {
            if (viewers.isEmpty()) {
                return; // the last viewer left after this tick had begun
            }
            var event = compute();
            for (var entry : viewers.entrySet()) {
                if (entry.getKey().send(event)) {
                    entry.setValue(null);
                } else if (hasStalled(entry)) {
                    stalled.add(entry.getKey());
                }
            }
        } finally {
            lock.unlock();
        }
        stalled.forEach(EventSink::cut);
    }

    private boolean hasStalled(Map.Entry<EventSink, @Nullable Long> viewer) {
        var since = viewer.getValue();
        if (since == null) {
            viewer.setValue(latestAt);
            return false;
        }
        return latestAt - since >= STALLED.toNanos();
    }

    private Buffer fresh() {
        var known = latest;
        return known != null && clock.nanoTime() - latestAt < EVERY.toNanos() ? known : compute();
    }

    private Buffer compute() {
        var event = source.get();
        latest = event;
        latestAt = clock.nanoTime();
        computed++;
        return event;
    }

    /** The number of viewers now. */
    public int viewers() {
        lock.lock();
        try {
            return viewers.size();
        } finally {
            lock.unlock();
        }
    }

    /** The number of snapshots computed so far. */
    public long computed() {
        lock.lock();
        try {
            return computed;
        } finally {
            lock.unlock();
        }
    }

    /** Makes all viewers reconnect to the new routes: the old routes cannot end while a viewer uses them. */
    @Override
    public void inForce(CamelContext context) {
        for (var viewer : all()) {
            viewer.send(COME_BACK_SOON);
            viewer.end();
        }
    }

    @Override
    public void gone(CamelContext context) {
        // no viewer uses these routes any more
    }

    /**
     * Ends all streams, and accepts no more viewers. A viewer that does not read would not read the end either, so its
     * stream is cut.
     */
    @Override
    public void close() {
        Map<EventSink, @Nullable Long> last;
        lock.lock();
        try {
            closed = true;
            last = new HashMap<>(viewers);
        } finally {
            lock.unlock();
        }
        last.forEach((viewer, notReadingSince) -> {
            if (notReadingSince == null) {
                viewer.end();
            } else {
                viewer.cut();
            }
        });
    }

    private List<EventSink> all() {
        lock.lock();
        try {
            return List.copyOf(viewers.keySet());
        } finally {
            lock.unlock();
        }
    }
}
