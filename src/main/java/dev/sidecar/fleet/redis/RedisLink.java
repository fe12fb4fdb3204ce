package dev.sidecar.fleet.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sidecar.config.SettingsException;
import dev.sidecar.fleet.FleetSettings;
import dev.sidecar.fleet.Link;
import dev.sidecar.fleet.LinkListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.SslOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replicas reach each other by publishing to channels of Redis; the lease is a key there that expires.
 *
 * <p>Each half second it sends a message to itself. One that is away for more than a second is the end of the connection, and
 * so is every error that Redis replies. Then it connects anew, and tells nobody what was under way: nothing is sent late.
 *
 * <p>Thread-safe. The thread {@code fleet-link} connects, and calls the listener.
 */
public final class RedisLink implements Link {

    private static final Logger LOG = LoggerFactory.getLogger(RedisLink.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    /** With the log-in. Longer: at the start of the program much else is done beside it. */
    private static final Duration PATIENCE_AT_LOG_IN = Duration.ofSeconds(2);
    /** For both connections, and the first message to itself. */
    private static final Duration LONGEST_ATTEMPT = Duration.ofSeconds(3);
    private static final Duration BEAT = Duration.ofMillis(500);
    /** Received messages that may wait for the listener; further ones are lost. */
    private static final int MOST_WAITING = 50_000;

    private final RedisAddress address;
    private final Names names;
    private final Duration lease;
    private final SslOptions tls;
    private final ScheduledThreadPoolExecutor thread;
    private final Connections.Events events = new Connections.Events() {
        @Override
        public void received(Connections on, byte[] message) {
            if (thread.getQueue().size() < MOST_WAITING) {
                thread.execute(() -> tell(on, it -> it.received(message)));
            }
        }

        @Override
        public void lost(Connections which, String cause) {
            thread.execute(() -> RedisLink.this.lost(which, cause));
        }
    };
    private volatile @Nullable Connections current;
    private volatile boolean closed;

    // The rest belongs to the thread of the link.
    private final LinkLog log;
    private final Backoff backoff = new Backoff();
    private @Nullable LinkListener listener;
    private @Nullable Driver driver;
    private long attempt;
    private long connectedNanos;
    private boolean ending;

    /** @throws SettingsException when the URL cannot be used */
    public RedisLink(FleetSettings settings) {
        this(settings, SslOptions.create());
    }

    RedisLink(FleetSettings settings, SslOptions tls) {
        this.address = RedisAddress.of(settings.url(), PATIENCE_AT_LOG_IN);
        this.names = new Names(settings.fleet(), settings.replica(), UUID.randomUUID().toString());
        this.lease = settings.lease();
        this.tls = tls;
        this.log = new LinkLog(address.shown());
        this.thread = new ScheduledThreadPoolExecutor(1,
                Thread.ofPlatform().daemon().name("fleet-link").factory(), new ThreadPoolExecutor.DiscardPolicy());
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.setRemoveOnCancelPolicy(true);
    }

    /** What an operator should be told of the settings at the start; nothing if all is well. It shows no secret. */
    public Optional<String> warning() {
        return address.warning();
    }

    /** How long the latest message to itself took, through Redis and back; zero while there is no connection. */
    public Duration lastRoundTrip() {
        var connections = current;
        return connections == null ? Duration.ZERO : connections.pulse().lastRoundTrip();
    }

    @Override
    public void open(LinkListener newListener) {
        thread.execute(() -> {
            if (listener == null && !closed) {
                listener = newListener;
                driver = new Driver(PATIENCE, tls);
                var _ = thread.scheduleWithFixedDelay(this::beat, BEAT.toNanos(), BEAT.toNanos(), TimeUnit.NANOSECONDS);
                connect();
            }
        });
    }

    @Override
    public void send(String replica, byte[] message) {
        ifConnected(connections -> connections.publish(names.to(replica), message));
    }

    @Override
    public void sendToAll(byte[] message) {
        ifConnected(connections -> connections.publish(names.all(), message));
    }

    @Override
    public void sendAsLeader(long epoch, String replica, byte[] message) {
        ifConnected(connections -> connections.publishAsLeader(epoch, names.to(replica), message));
    }

    @Override
    public void sendToAllAsLeader(long epoch, byte[] message) {
        ifConnected(connections -> connections.publishAsLeader(epoch, names.all(), message));
    }

    @Override
    public void askForLease(long asking, long atLeast) {
        ifConnected(connections -> connections.takeOrRenew(atLeast, lease).thenAccept(
                reply -> thread.execute(() -> tell(connections, it -> answer(it, asking, reply)))));
    }

    private void answer(LinkListener to, long asking, List<Object> reply) {
        if (reply.size() == 3 && reply.get(0) instanceof byte[] holder && reply.get(1) instanceof Long epoch
                && reply.get(2) instanceof byte[] kept) {
            to.lease(asking, names.replicaOf(new String(holder, UTF_8)), epoch, kept);
        }
    }

    @Override
    public void keep(long epoch, byte[] state) {
        ifConnected(connections -> connections.keep(epoch, state));
    }

    @Override
    public void giveBackLease(long epoch) {
        ifConnected(connections -> connections.giveBack(epoch));
    }

    private void ifConnected(Consumer<Connections> step) {
        var connections = current;
        if (connections != null) {
            try {
                step.accept(connections);
            } catch (RedisException lost) {
                LOG.debug("lost: {}", lost.getClass().getSimpleName());
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.execute(this::end);
    }

    /** @return whether it has ended, with all that it used, after {@link #close} */
    public boolean awaitEnd(Duration longest) throws InterruptedException {
        return thread.awaitTermination(longest.toNanos(), TimeUnit.NANOSECONDS);
    }

    // ---- on the thread of the link ----

    private void connect() {
        var started = driver;
        if (started == null || closed) {
            return;
        }
        var number = ++attempt;
        Connections.open(started.client(), address.uri(), names, events)
                .whenComplete((made, failure) -> thread.execute(() -> attempted(number, made, failure)));
        var _ = thread.schedule(() -> attempted(number, null, new TimeoutException()), LONGEST_ATTEMPT.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    private void attempted(long number, @Nullable Connections made, @Nullable Throwable failure) {
        if (number != attempt || closed) {
            if (made != null) {
                made.close(); // too late
            }
            return;
        }
        attempt++;
        if (made == null) {
            retry(failure == null ? Reason.LOST : Reason.inWords(failure));
            return;
        }
        current = made;
        connectedNanos = System.nanoTime();
        log.connected();
        tell(made, LinkListener::connected);
        if (!made.isOpen()) {
            lost(made, Reason.LOST);
        }
    }

    private void retry(String cause) {
        log.disconnected(cause);
        var _ = thread.schedule(this::connect, backoff.next().toNanos(), TimeUnit.NANOSECONDS);
    }

    private void lost(Connections which, String cause) {
        if (current == which) {
            tell(which, LinkListener::disconnected);
            current = null;
            which.close();
            backoff.ended(Duration.ofNanos(System.nanoTime() - connectedNanos));
            retry(cause);
        }
    }

    private void beat() {
        var connections = current;
        if (connections == null) {
            return;
        }
        if (connections.pulse().isMissed(System.nanoTime(), PATIENCE)) {
            lost(connections, Reason.NO_ANSWER);
        } else {
            ifConnected(Connections::beat);
        }
    }

    /** Tells what comes of these connections, unless they are lost. */
    private void tell(Connections of, Consumer<LinkListener> what) {
        var told = listener;
        if (current == of && told != null) {
            try {
                what.accept(told);
            } catch (RuntimeException e) {
                LOG.error("fleet_listener_failed", e);
            }
        }
    }

    private void end() {
        if (ending) {
            return;
        }
        ending = true;
        var connections = current;
        current = null;
        if (driver == null) {
            thread.shutdown();
        } else if (connections == null) {
            release();
        } else {
            connections.settled().whenComplete((_, _) -> thread.execute(this::release));
            var _ = thread.schedule(this::release, PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void release() {
        var used = driver;
        if (used != null) {
            driver = null;
            used.close(thread::shutdown);
        }
    }
}
