package dev.sidecar.fleet.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Lettuce with its threads. It never reconnects by itself: what was sent to a lost connection would be sent again. */
final class Driver {

    /** More than a second of messages of a busy leader; when so many are unanswered, further ones are lost. */
    private static final int UNANSWERED = 4096;
    private static final long LONGEST_END = 2;

    private final ClientResources threads = DefaultClientResources.builder()
            .ioThreadPoolSize(DefaultClientResources.MIN_IO_THREADS)
            .computationThreadPoolSize(DefaultClientResources.MIN_COMPUTATION_THREADS).build();
    private final RedisClient client = RedisClient.create(threads);

    /**
     * Commands have no time-out of their own, which would need a timer for each message: {@link Pulse} finds out.
     *
     * @param patience with a connection to be made
     */
    Driver(Duration patience, SslOptions tls) {
        client.setOptions(ClientOptions.builder().autoReconnect(false)
                .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS).requestQueueSize(UNANSWERED)
                .socketOptions(SocketOptions.builder().connectTimeout(patience).build()).sslOptions(tls)
                .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build()).build());
    }

    RedisClient client() {
        return client;
    }

    /** @param then runs when connections and threads have ended */
    void close(Runnable then) {
        var _ = client.shutdownAsync(0, LONGEST_END, TimeUnit.SECONDS).whenComplete((_, _) -> endThreads(then));
    }

    private void endThreads(Runnable then) {
        var _ = threads.shutdown(0, LONGEST_END, TimeUnit.SECONDS).addListener(_ -> then.run());
    }
}
