package dev.sidecar.configfile;

import dev.sidecar.files.FileProblem;
import dev.sidecar.files.FileWatch;
import dev.sidecar.files.WatchPace;
import dev.sidecar.throttle.NanoClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the file in force, all or nothing, within two seconds of the last write to it or to a file of a key. Thread-safe. */
public final class ConfigReloader implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigReloader.class);

    private final ConfigInForce inForce;
    private final NanoClock clock;
    private final @Nullable FileWatch watch;
    private final AtomicLong applied = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    public ConfigReloader(ConfigInForce inForce, WatchPace pace, NanoClock clock) {
        this.inForce = inForce;
        this.clock = clock;
        this.watch = inForce.file().map(file -> new FileWatch("config-reloader", watched(file), pace, clock))
                .orElse(null);
    }

    private FileWatch.Watched watched(ConfigFile file) {
        return new FileWatch.Watched() {
            @Override
            public Map<String, ?> look() {
                return file.look();
            }

            @Override
            public void changed(Map<String, ?> look) {
                reload(file, look);
            }
        };
    }

    /** Begins to watch, where there is a file. Changes since it was first read count too. */
    public void start() {
        if (watch != null) {
            watch.start();
        }
    }

    private void reload(ConfigFile file, Map<String, ?> look) {
        var start = clock.nanoTime();
        try {
            var config = inForce.read(file);
            if (!file.look().equals(look)) {
                return; // written in the meantime: another quiet period will follow
            }
            if (inForce.agrees(config)) {
                return;
            }
            inForce.put(config);
            applied.incrementAndGet();
            ConfigInForce.applied(file, config)
                    .addKeyValue("took_ms", Duration.ofNanos(clock.nanoTime() - start).toMillis())
                    .log("config_applied");
        } catch (ConfigProblemsException e) {
            refuse(e.problems());
        }
    }

    private void refuse(List<FileProblem> problems) {
        refused.incrementAndGet();
        inForce.refused(problems);
        for (var problem : problems) {
            LOG.atWarn().addKeyValue("file", problem.file()).addKeyValue("line", problem.line())
                    .addKeyValue("column", problem.column()).addKeyValue("reason", problem.reason())
                    .log("config_refused");
        }
    }

    /** The number of changes that were put in force. */
    long applied() {
        return applied.get();
    }

    /** The number of changes that were refused because of problems. */
    long refused() {
        return refused.get();
    }

    /** Stops watching, after a change in progress. */
    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
    }
}
