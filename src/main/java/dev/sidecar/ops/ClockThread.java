package dev.sidecar.ops;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs short tasks at their times on its own thread, which sleeps in between. Thread-safe. */
public final class ClockThread implements Ticker, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClockThread.class);

    private final ScheduledExecutorService executor = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("clock").factory());

    @Override
    public Runnable every(Duration period, Runnable task) {
        var running = executor.scheduleAtFixedRate(() -> run(task), period.toNanos(), period.toNanos(),
                TimeUnit.NANOSECONDS);
        return () -> running.cancel(false);
    }

    /** A task that fails once runs again. */
    private static void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.error("a periodic task failed", e);
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
