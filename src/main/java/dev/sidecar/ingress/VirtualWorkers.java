package dev.sidecar.ingress;

import io.vertx.core.spi.ExecutorServiceFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Gives Vert.x a virtual thread for each blocking task, where it would use a pool of 20: a step of a route may block, as one
 * does that waits for the provider, and thousands of requests may be on their way. Found by Vert.x as a service provider.
 */
public final class VirtualWorkers implements ExecutorServiceFactory {

    @Override
    public ExecutorService createExecutor(@Nullable ThreadFactory threadFactory, @Nullable Integer concurrency,
            @Nullable Integer maxConcurrency) {
        return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("worker-", 0).factory());
    }
}
