package dev.sidecar.reload;

import dev.sidecar.files.FileProblem;
import dev.sidecar.files.FileWatch;
import dev.sidecar.files.WatchPace;
import dev.sidecar.throttle.NanoClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the content of the folder of routes in force, all or nothing, within two seconds of the last write. Thread-safe. */
public final class RouteReloader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RouteReloader.class);

    /** A bound, because each generation is a whole Camel context and lasts as long as its longest stream. */
    static final int MOST_DRAINING = 16;

    private final RouteGenerations generations;
    private final RoutesInForce inForce;
    private final NanoClock clock;
    private final FileWatch watch;
    private final AtomicLong applied = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    public RouteReloader(RouteGenerations generations, RoutesInForce inForce, WatchPace pace, NanoClock clock) {
        this.generations = generations;
        this.inForce = inForce;
        this.clock = clock;
        this.watch = new FileWatch("route-reloader", new Folder(), pace, clock);
    }

    /** Begins to watch. Changes since the first generation was loaded count too. */
    public void start() {
        watch.start();
    }

    /** Used by the thread of the watch. */
    private final class Folder implements FileWatch.Watched {

        private boolean putOff;

        @Override
        public Map<String, ?> look() {
            inForce.reap();
            return generations.folder().look();
        }

        @Override
        public boolean isReady() {
            var ready = inForce.draining() < MOST_DRAINING;
            if (!ready && !putOff) {
                LOG.atWarn().addKeyValue("draining", inForce.draining()).log("routes_put_off");
            }
            putOff = !ready;
            return ready;
        }

        @Override
        public void changed(Map<String, ?> look) {
            reload(look);
        }
    }

    private void reload(Map<String, ?> look) {
        var start = clock.nanoTime();
        try {
            var files = generations.folder().read();
            if (!generations.folder().look().equals(look)) {
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
            refuse(List.of(FileProblem.ofFolder(RouteErrorLocator.reason(e))));
        }
    }

    private void refuse(List<FileProblem> problems) {
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
    public void close() {
        watch.close();
    }
}
