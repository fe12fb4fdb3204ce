package dev.sidecar.route;

import dev.sidecar.throttle.Departure;
import dev.sidecar.throttle.Slot;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.Verdict;
import java.time.Duration;
import java.util.AbstractQueue;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * The queue behind {@code seda:priority}: polling it is asking the budget. An exchange comes out when it is its turn
 * and the budget has a slot for it, or when its waiting has come to another end; either way exactly once, with the
 * {@link Departure} as a property.
 *
 * <p>Because slot and exchange are handed out together, nobody holds an exchange while waiting for a slot, so that a
 * more urgent one can overtake until the last moment. Thread-safe.
 */
public final class WaitingLineQueue extends AbstractQueue<Exchange> implements BlockingQueue<Exchange> {

    static final String DEPARTURE_PROPERTY = "SidecarDeparture";

    private final Throttle<Exchange> throttle;

    public WaitingLineQueue(Throttle<Exchange> throttle) {
        this.throttle = throttle;
    }

    @Override
    public boolean offer(Exchange exchange) {
        throttle.enqueue(PlaceInLine.of(exchange).ticket(), exchange);
        return true;
    }

    @Override
    public @Nullable Exchange poll(long timeout, TimeUnit unit) throws InterruptedException {
        return opened(throttle.poll(Duration.of(timeout, unit.toChronoUnit())));
    }

    @Override
    public @Nullable Exchange poll() {
        try {
            return opened(throttle.poll(Duration.ZERO));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private @Nullable Exchange opened(@Nullable Departure<Exchange> departure) {
        if (departure == null) {
            return null;
        }
        var exchange = departure.payload();
        exchange.setProperty(DEPARTURE_PROPERTY, departure);
        exchange.setProperty(AdaptiveThrottle.ADMISSION_PROPERTY, AdaptiveThrottle.DEPARTED);
        if (departure.verdict() instanceof Verdict.Granted(Slot slot)) {
            // Whichever way the try ends: a slot that is not used, as when the route fails before the step 'takeSlot',
            // goes back, and the request is no longer one of those that its model works at.
            exchange.getExchangeExtension().addOnCompletion(OnDone.ofQueued(() -> {
                slot.giveBack();
                throttle.finished(departure.ticket());
            }));
        }
        return exchange;
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

    @Override
    public int size() {
        return throttle.size();
    }

    @Override
    public void put(Exchange exchange) {
        offer(exchange);
    }

    @Override
    public boolean offer(Exchange exchange, long timeout, TimeUnit unit) {
        return offer(exchange);
    }

    /** The line's order is decided when a slot frees, so there is no next one to look at. */
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

    /** Nobody is taken out of the line but through {@link #poll}. */
    @Override
    public int drainTo(Collection<? super Exchange> target, int maxElements) {
        return 0;
    }
}
