package dev.sidecar.route;

import dev.sidecar.throttle.NanoClock;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * A calendar clock that goes on from the moment of its making by a {@link NanoClock}, for code that measures waits on a
 * calendar: they do not change when somebody sets the machine's clock. Thread-safe.
 */
final class MonotonicClock extends Clock {

    private final NanoClock nanos;
    private final Instant start;
    private final long startNanos;
    private final ZoneId zone;

    MonotonicClock(Instant start, NanoClock nanos) {
        this(start, nanos.nanoTime(), nanos, ZoneOffset.UTC);
    }

    private MonotonicClock(Instant start, long startNanos, NanoClock nanos, ZoneId zone) {
        this.start = start;
        this.startNanos = startNanos;
        this.nanos = nanos;
        this.zone = zone;
    }

    @Override
    public Instant instant() {
        return start.plusNanos(nanos.nanoTime() - startNanos);
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    @Override
    public Clock withZone(ZoneId newZone) {
        return new MonotonicClock(start, startNanos, nanos, newZone);
    }
}
