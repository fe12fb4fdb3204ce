package dev.sidecar.route;

import dev.sidecar.call.HeartbeatStream;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.TurnAhead;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives the streams that wait their signs of life. One thread looks at all of them ten times a second, and sleeps while there
 * are none. It asks the queue once a second for the turns, more often only for requests that are new, and never waits for a
 * client. Thread-safe.
 */
public final class Heartbeats implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Heartbeats.class);

    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    private static final Duration TURNS_HOLD = Duration.ofSeconds(1);
    /** Those behind are told that they wait, and not where. */
    private static final int MOST_TURNS = 1000;

    private final Throttle<Exchange> throttle;
    private final NanoClock clock;
    private final Set<HeartbeatStream> watched = ConcurrentHashMap.newKeySet();
    private final Thread watcher;
    private volatile boolean asleep;
    /** Only the watcher has these two. */
    private Map<Ticket<Exchange>, TurnAhead> turns = Map.of();
    private long turnsNanos;

    public Heartbeats(Throttle<Exchange> throttle, NanoClock clock) {
        this.throttle = throttle;
        this.clock = clock;
        this.turnsNanos = clock.nanoTime() - TURNS_HOLD.toNanos();
        this.watcher = Thread.ofVirtual().name("heartbeats").start(this::run);
    }

    /** Gives this stream its signs of life until {@link #forget}. */
    void watch(HeartbeatStream stream) {
        watched.add(stream);
        if (asleep) {
            LockSupport.unpark(watcher);
        }
    }

    void forget(HeartbeatStream stream) {
        watched.remove(stream);
    }

    private void run() {
        try {
            while (true) {
                asleep = true;
                while (watched.isEmpty()) {
                    LockSupport.park(this);
                    if (Thread.interrupted()) {
                        return;
                    }
                }
                asleep = false;
                Thread.sleep(LOOK_EVERY);
                watched.forEach(this::look);
                forgetOldTurns(); // they hold on to requests that may be over
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    /** A stream that fails must not stop those of the others. */
    private void look(HeartbeatStream stream) {
        try {
            var now = clock.nanoTime();
            if (stream.isDue(now)) {
                var place = stream.place();
                // Before the response begins: from then on it is too late for the status of an open circuit.
                place.ifPresent(throttle::waitOutCircuits);
                stream.beat(place.map(ticket -> turn(ticket, now)).orElse(null), now);
            }
        } catch (RuntimeException e) {
            LOG.error("a waiting client could not be given a sign of life", e);
        }
    }

    /** Null if unknown: for requests far behind, and where other replicas decide. */
    private @Nullable TurnAhead turn(Ticket<Exchange> ticket, long now) {
        var age = now - turnsNanos;
        var isNew = !turns.containsKey(ticket) && turns.size() < MOST_TURNS;
        if (age >= TURNS_HOLD.toNanos() || isNew && age >= LOOK_EVERY.toNanos()) {
            turns = throttle.turns(MOST_TURNS);
            turnsNanos = now;
        }
        return turns.get(ticket);
    }

    private void forgetOldTurns() {
        if (watched.isEmpty() || clock.nanoTime() - turnsNanos >= TURNS_HOLD.toNanos()) {
            turns = Map.of();
        }
    }

    /** No stream gets a sign of life any more. */
    @Override
    public void close() {
        watcher.interrupt();
    }
}
