package dev.sidecar.ingress;

import io.vertx.core.spi.ExecutorServiceFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Gives Vert.x a virtual thread for each blocking task, instead of a pool of 20 threads. A step of a route may block,
 * for example while it waits for the provider, and thousands of requests may be under way. Vert.x finds it as a service
 * provider.
 */
public final class VirtualWorkers implements ExecutorServiceFactory {

    @Override
    public ExecutorService createExecutor(@Nullable ThreadFactory threadFactory, @Nullable Integer concurrency,
            @Nullable Integer maxConcurrency) {
        return Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("worker-", 0).factory());
    }
}
