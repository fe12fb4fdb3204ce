package dev.sidecar.reload;

import dev.sidecar.throttle.NanoClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the folder of routes and puts its content in force, all or nothing, within two seconds of the last write.
 *
 * <p>It polls, because file events do not work on network volumes, and hardly work when Kubernetes replaces a link. One
 * (virtual) thread does the work; any thread may call the other methods.
 */
public final class RouteReloader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RouteReloader.class);

    /** A bound, because each generation is a whole Camel context and lasts as long as its longest stream. */
    static final int MOST_DRAINING = 16;

    private final RouteGenerations generations;
    private final RoutesInForce inForce;
    private final WatchPace pace;
    private final NanoClock clock;
    private final AtomicLong applied = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private QuietPeriod period;
    private @Nullable Thread thread;
    private boolean putOff;
    private volatile boolean closed;

    public RouteReloader(RouteGenerations generations, RoutesInForce inForce, WatchPace pace, NanoClock clock) {
        this.generations = generations;
        this.inForce = inForce;
        this.pace = pace;
        this.clock = clock;
        this.period = QuietPeriod.after(null, pace.quietFor());
    }

    /** Begins to watch. Changes since the first generation was loaded count too. */
    public synchronized void start() {
        if (thread == null) {
            thread = Thread.ofVirtual().name("route-reloader").start(this::watch);
        }
    }

    private void watch() {
        try {
            while (!closed) {
                Thread.sleep(period.isRunning() ? pace.untilQuiet() : pace.lookEvery());
                try {
                    look();
                } catch (RuntimeException | Error e) {
                    LOG.error("the route reloader failed; it goes on", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        inForce.reap();
        var folder = generations.folder();
        var next = period.look(folder.look(), clock.nanoTime());
        if (!next.isOver()) {
            period = next;
        } else if (inForce.draining() < MOST_DRAINING) {
            period = next;
            putOff = false;
            reload();
        } else if (!putOff) {
            putOff = true;
            LOG.atWarn().addKeyValue("draining", inForce.draining()).log("routes_put_off");
        }
    }

    private void reload() {
        var start = clock.nanoTime();
        try {
            var files = generations.folder().read();
            if (!generations.folder().look().equals(period.read())) {
                return; // written in the meantime: another quiet period will follow
            }
            if (files.equals(inForce.current().files())) {
                inForce.agreed();
                return;
            }
            var generation = generations.next(files, inForce.current().files());
            inForce.putInForce(generation);
            applied.incrementAndGet();
            LOG.atInfo().addKeyValue("generation", generation.number()).addKeyValue("files", files.size())
                    .addKeyValue("took_ms", Duration.ofNanos(clock.nanoTime() - start).toMillis())
                    .addKeyValue("reads_environment", SecretReferences.environment(files)).log("routes_applied");
        } catch (RouteProblemsException e) {
            refuse(e.problems());
        } catch (RuntimeException e) {
            LOG.error("routes could not be tried", e);
            refuse(List.of(RouteProblem.ofFolder(RouteErrorLocator.reason(e))));
        }
    }

    private void refuse(List<RouteProblem> problems) {
        refused.incrementAndGet();
        inForce.refused(problems);
        for (var problem : problems) {
            LOG.atWarn().addKeyValue("file", problem.file()).addKeyValue("line", problem.line())
                    .addKeyValue("column", problem.column()).addKeyValue("reason", problem.reason())
                    .addKeyValue("generation", inForce.current().number()).log("routes_refused");
        }
    }

    /** The number of changes that were put in force. */
    public long applied() {
        return applied.get();
    }

    /** The number of changes that were refused because of problems. */
    public long refused() {
        return refused.get();
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
