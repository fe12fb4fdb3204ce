package dev.sidecar.throttle;

import java.time.Duration;

/** A clock that stands still until it is told to go on. For one thread. */
final class VirtualClock implements NanoClock {

    private long now;

    VirtualClock(long origin) {
        this.now = origin;
    }

    @Override
    public long nanoTime() {
        return now;
    }

    void advance(long nanos) {
        if (nanos < 0) {
            throw new IllegalArgumentException("time goes forward: " + nanos);
        }
        now += nanos;
    }

    void advance(Duration duration) {
        advance(duration.toNanos());
    }
}
