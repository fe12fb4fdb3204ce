package dev.sidecar.route.queue;

import dev.sidecar.call.Attempt;
import dev.sidecar.call.ClientCall;
import dev.sidecar.call.Release;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.Departure;
import java.util.AbstractQueue;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The queue behind {@code seda:priority}: polling it is asking the throttle. An exchange comes out when it is its turn
 * and the budget has a slot for it, or when its waiting has come to another end; either way exactly once, with the
 * {@link Departure} as a property. All queues are doors to one queue; an exchange leaves by the one that it came in by.
 *
 * <p>Because slot and exchange are handed out together, nobody holds an exchange while waiting for a slot, so that a
 * more urgent one can overtake until the last moment. Thread-safe.
 */
public final class ThrottleQueue extends AbstractQueue<Exchange> implements BlockingQueue<Exchange> {

    /** What the routes see of the admission, in an exchange property. */
    public static final String ADMISSION_PROPERTY = "SidecarAdmission";

    /** Has left the queue, in whatever way. */
    private static final String DEPARTED = "departed";

    private static final String NO_PLACE = "no place in the queue: put the step 'adaptiveThrottle' before this one";

    private static final String DOOR_PROPERTY = "SidecarQueueDoor";

    /** What a poller finds; without a departure, it is to look again whether it may ask. */
    private record Handed(@Nullable Departure<Exchange> departure) {
    }

    private static final Handed LOOK_AGAIN = new Handed(null);

    private final Throttle<Exchange> throttle;
    private final Departures departures;
    private final BlockingQueue<Handed> handedOver = new LinkedBlockingQueue<>();
    private final AtomicInteger pollersWaiting = new AtomicInteger();
    private final AtomicInteger size = new AtomicInteger();
    private volatile boolean polled;

    ThrottleQueue(Throttle<Exchange> throttle, Departures departures) {
        this.throttle = throttle;
        this.departures = departures;
    }

    @Override
    public boolean offer(Exchange exchange) {
        var ticket = attempt(exchange).ticket();
        if (ticket == null) {
            throw new IllegalStateException(NO_PLACE);
        }
        exchange.setProperty(DOOR_PROPERTY, this);
        size.incrementAndGet();
        throttle.enqueue(ticket, exchange);
        return true;
    }

    /**
     * @param timeout 0 or less only looks; otherwise this waits until {@link Departures#wakePollers}, however long or short that
     *        is: a consumer's poll time-out is also the nap that it begins with, so it is short, and to wake up that often
     *        for nothing would cost as much as all else that an idle sidecar does
     */
    @Override
    public @Nullable Exchange poll(long timeout, TimeUnit unit) throws InterruptedException {
        polled = true;
        var next = next(timeout > 0);
        return next == null ? null : opened(next);
    }

    private @Nullable Departure<Exchange> next(boolean patient) throws InterruptedException {
        if (departures.mayAsk()) {
            return departures.ask(this, patient);
        }
        pollersWaiting.incrementAndGet();
        try {
            // Again, for the one who asked may have stopped before it could see that somebody waits here.
            if (departures.mayAsk()) {
                return departures.ask(this, patient);
            }
            var handed = patient ? handedOver.take() : handedOver.poll();
            return handed == null ? null : handed.departure;
        } finally {
            pollersWaiting.decrementAndGet();
        }
    }

    /** The queue by which an exchange came in; null when it came by none. */
    static @Nullable ThrottleQueue doorOf(Exchange exchange) {
        return (ThrottleQueue) exchange.getProperty(DOOR_PROPERTY);
    }

    void handOver(Departure<Exchange> departure) {
        handedOver.add(new Handed(departure));
    }

    /** What was handed over and not taken yet, or null. */
    @Nullable
    Departure<Exchange> handed() {
        for (var handed = handedOver.poll(); handed != null; handed = handedOver.poll()) {
            if (handed.departure != null) {
                return handed.departure;
            }
        }
        return null;
    }

    /** Whether somebody has begun to take exchanges out. */
    public boolean isPolled() {
        return polled;
    }

    /** Lets the pollers that wait here look again whether to ask the throttle. */
    void wake() {
        if (pollersWaiting.get() > 0) {
            handedOver.add(LOOK_AGAIN);
        }
    }

    @Override
    public @Nullable Exchange poll() {
        try {
            return poll(0, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private Exchange opened(Departure<Exchange> departure) {
        size.decrementAndGet();
        var exchange = departure.payload();
        var attempt = attempt(exchange);
        attempt.departed(departure);
        exchange.setProperty(ADMISSION_PROPERTY, DEPARTED);
        // Whatever happens to the exchange from here on, as when the route fails at its first step.
        Release.whenQueuedIsDone(exchange, attempt::close);
        return exchange;
    }

    private static Attempt attempt(Exchange exchange) {
        var attempt = ClientCall.of(exchange).attempt();
        if (attempt == null) {
            throw new IllegalStateException(NO_PLACE);
        }
        return attempt;
    }

    @Override
    public Exchange take() throws InterruptedException {
        while (true) {
            var exchange = poll(1, TimeUnit.HOURS);
            if (exchange != null) {
                return exchange;
            }
        }
    }

    /** How many of those in the queue came in here. */
    @Override
    public int size() {
        return size.get();
    }

    @Override
    public void put(Exchange exchange) {
        offer(exchange);
    }

    @Override
    public boolean offer(Exchange exchange, long timeout, TimeUnit unit) {
        return offer(exchange);
    }

    /** The queue's order is decided when a slot frees, so there is no next one to look at. */
    @Override
    public @Nullable Exchange peek() {
        return null;
    }

    @Override
    public Iterator<Exchange> iterator() {
        return Collections.emptyIterator();
    }

    @Override
    public int remainingCapacity() {
        return Integer.MAX_VALUE;
    }

    @Override
    public int drainTo(Collection<? super Exchange> target) {
        return drainTo(target, Integer.MAX_VALUE);
    }

    /** Nobody is taken out of the queue but through {@link #poll}. */
    @Override
    public int drainTo(Collection<? super Exchange> target, int maxElements) {
        return 0;
    }
}
