package dev.sidecar.throttle;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that stands still until somebody tells it to go on. Thread-safe; it never goes back. */
final class SharedClock implements NanoClock {

    private final AtomicLong now = new AtomicLong();

    @Override
    public long nanoTime() {
        return now.get();
    }

    void advance(Duration duration) {
        now.addAndGet(duration.toNanos());
    }

    /** Changes nothing if it is later than that already. */
    void advanceTo(long time) {
        now.accumulateAndGet(time, Math::max);
    }
}
