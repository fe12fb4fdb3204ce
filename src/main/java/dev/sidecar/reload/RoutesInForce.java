package dev.sidecar.reload;

import dev.sidecar.files.FileProblem;
import dev.sidecar.files.RefusedEdit;
import dev.sidecar.http.UnixTime;
import dev.sidecar.throttle.NanoClock;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The generation of routes that serves new requests, and earlier ones that still have requests.
 *
 * <p>Thread-safe: the lock guards the set of generations; readers need no lock.
 */
public final class RoutesInForce implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RoutesInForce.class);

    /** A generation must be idle for this long: a request on its way between two routes is not counted for a moment. */
    static final Duration IDLE_FOR_GOOD = Duration.ofSeconds(1);

    /** Listens to changes of generations. An exception from a listener is logged and changes nothing. */
    public interface Listener {

        /** New requests go to the routes of this context from now on. */
        void inForce(CamelContext context);

        /** The routes of this context have no requests any more and are about to go. */
        void gone(CamelContext context);
    }

    private final RouteGenerations generations;
    private final List<Listener> listeners;
    private final NanoClock clock;
    private final Clock wallClock;
    private final ReentrantLock lock = new ReentrantLock();
    /** Each with the time since when it has been idle, or null. */
    private final Map<RouteGeneration, @Nullable Long> retired = new HashMap<>();
    /** The running threads that end a generation. */
    private final Set<Thread> ends = ConcurrentHashMap.newKeySet();
    private volatile @Nullable RouteGeneration current;
    private volatile int draining;
    private volatile @Nullable RefusedEdit failure;

    public RoutesInForce(RouteGenerations generations, List<Listener> listeners, NanoClock clock, Clock wallClock) {
        this.generations = generations;
        this.listeners = List.copyOf(listeners);
        this.clock = clock;
        this.wallClock = wallClock;
    }

    /**
     * Loads the routes of the program's first context and puts them in force.
     *
     * @throws RouteProblemsException when the folder cannot be used
     */
    public void begin(CamelContext first) {
        putInForce(generations.first(first));
    }

    /** Requests go to it from now on; the previous generation finishes its requests. */
    void putInForce(RouteGeneration generation) {
        lock.lock();
        try {
            var before = current;
            current = generation;
            failure = null;
            generation.serve();
            if (before != null) {
                retired.put(before, null);
                draining = retired.size();
                before.retire();
            }
        } finally {
            lock.unlock();
        }
        tell(listener -> listener.inForce(generation.context()));
    }

    /** Tells every listener, even if one throws: a failed listener is no failure of the routes. */
    private void tell(Consumer<Listener> news) {
        for (var listener : listeners) {
            try {
                news.accept(listener);
            } catch (RuntimeException | LinkageError e) {
                LOG.error("{} failed when it was told of a change of the routes; the change goes on",
                        listener.getClass().getName(), e);
            }
        }
    }

    /** A change was refused; the routes in force stay. */
    void refused(List<FileProblem> problems) {
        failure = RefusedEdit.at(wallClock.instant(), problems);
    }

    /** The folder is equal to the routes in force again. */
    void agreed() {
        failure = null;
    }

    /** Ends earlier generations that have been idle for a while. */
    void reap() {
        if (draining == 0) {
            return;
        }
        var over = new ArrayList<RouteGeneration>();
        lock.lock();
        try {
            var now = clock.nanoTime();
            retired.replaceAll((generation, since) -> !generation.isIdle() ? null : since == null ? now : since);
            retired.forEach((generation, since) -> {
                if (since != null && now - since >= IDLE_FOR_GOOD.toNanos()) {
                    over.add(generation);
                }
            });
            over.forEach(retired::remove);
            draining = retired.size();
        } finally {
            lock.unlock();
        }
        // Stopping takes a while, and only close() waits for it.
        for (var generation : over) {
            var thread = Thread.ofVirtual().name("routes-" + generation.number() + "-end")
                    .unstarted(() -> end(generation));
            ends.add(thread);
            thread.start();
        }
    }

    private void end(RouteGeneration generation) {
        try {
            tell(listener -> listener.gone(generation.context()));
        } finally {
            stop(generation);
        }
    }

    private void stop(RouteGeneration generation) {
        try {
            var start = clock.nanoTime();
            generation.stop();
            LOG.atInfo().addKeyValue("generation", generation.number())
                    .addKeyValue("took_ms", Duration.ofNanos(clock.nanoTime() - start).toMillis()).log("routes_gone");
        } finally {
            ends.remove(Thread.currentThread());
        }
    }

    RouteGeneration current() {
        var generation = current;
        if (generation == null) {
            throw new IllegalStateException("no routes yet");
        }
        return generation;
    }

    /** Whether any routes are in force. */
    public boolean areThere() {
        return current != null;
    }

    /** The context of the routes in force. Ask again each time, because it changes. */
    public CamelContext context() {
        return current().context();
    }

    /** How many earlier generations still have requests. */
    int draining() {
        return draining;
    }

    public RoutesReport report() {
        var generation = current();
        return new RoutesReport(generation.number(), UnixTime.seconds(generation.loadedAt()),
                generation.files().stream().map(RouteFile::name).toList(), draining,
                SecretReferences.environment(generation.files()), failure);
    }

    /** Ends all generations; no routes follow. */
    @Override
    public void close() {
        List<RouteGeneration> all;
        lock.lock();
        try {
            var last = current;
            all = Stream.concat(retired.keySet().stream(), last == null ? Stream.empty() : Stream.of(last)).toList();
            retired.clear();
            draining = 0;
        } finally {
            lock.unlock();
        }
        // All stop at once, because each takes a while. The generations that are already ending still need parts that
        // close after this.
        var threads = Stream.concat(all.stream().map(generation -> Thread.ofVirtual().start(generation::stop)),
                List.copyOf(ends).stream()).toList();
        try {
            for (var thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
