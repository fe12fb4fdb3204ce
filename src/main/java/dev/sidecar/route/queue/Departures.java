package dev.sidecar.route.queue;

import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.Departure;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The one queue behind the queues of all generations of routes. A request leaves by the queue through which it
 * came in, so that a generation that is being replaced finishes what it has while the next one is at work.
 *
 * <p>Thread-safe. The lock lets one thread at a time wait for the budget; the others wait at their own queues, and are
 * woken whenever it stops, so that one of them goes on.
 */
public final class Departures {

    private final Throttle<Exchange> throttle;
    private final ReentrantLock asking = new ReentrantLock();
    private final Set<ThrottleQueue> queues = ConcurrentHashMap.newKeySet();

    public Departures(Throttle<Exchange> throttle) {
        this.throttle = throttle;
    }

    /** The queue of one generation, to be {@linkplain #remove removed} when that is gone. */
    public ThrottleQueue newQueue() {
        var queue = new ThrottleQueue(throttle, this);
        queues.add(queue);
        return queue;
    }

    public void remove(ThrottleQueue queue) {
        queues.remove(queue);
    }

    /** Whether the caller is the one who asks from now on, until {@link #ask} returns. */
    boolean mayAsk() {
        return asking.tryLock();
    }

    /**
     * Ends every poll that waits; to be called once every {@link Throttle#WAKE_EVERY}, for the throttle's sake and since a
     * consumer sees only between two polls that it is to stop.
     */
    public void wakePollers() {
        throttle.wakePollers();
        queues.forEach(ThrottleQueue::wake);
    }

    /**
     * The next request that leaves by this queue. Requests that leave by another one are given to that one. Null when none left by
     * this one.
     *
     * @param patient whether to wait for somebody, until {@link #wakePollers}
     */
    @Nullable
    Departure<Exchange> ask(ThrottleQueue queue, boolean patient) throws InterruptedException {
        try {
            // Only who may ask hands over: from here on nobody can put anything there without being seen.
            var handed = queue.handed();
            if (handed != null) {
                return handed;
            }
            var departure = patient ? throttle.poll() : throttle.poll(Duration.ZERO);
            if (departure == null) {
                return null;
            }
            var door = ThrottleQueue.doorOf(departure.payload());
            if (door == null || door.equals(queue)) {
                return departure;
            }
            door.handOver(departure);
            return null;
        } finally {
            asking.unlock();
            queues.forEach(ThrottleQueue::wake);
        }
    }
}
