package dev.sidecar.proxy;

import dev.sidecar.testkit.Sidecar;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.time.Duration;

/** Closes and opens the budget in the middle of a test, as an operator could. */
final class Limits {

    static final ThrottleSettings OPEN = limit(1_000_000, 1_000_000);

    private Limits() {
    }

    /** A limit per minute and a burst capacity, with a long queue and long patience. */
    static ThrottleSettings limit(int limitPerMinute, int burst) {
        return new ThrottleSettings(limitPerMinute, burst, Pacing.WINDOW, 10_000, Duration.ofMinutes(10),
                Duration.ofMinutes(10), false);
    }

    static ThrottleSettings queue(ThrottleSettings before, int queueMax, boolean passthroughWhenFull) {
        return new ThrottleSettings(before.limitPerMinute(), before.burstCapacity(), before.pacing(), queueMax,
                before.timeout(), before.lowTimeout(), passthroughWhenFull);
    }

    /** From now on and for a minute everybody waits, as if {@code sends} requests had just been sent. */
    static void close(Sidecar sidecar, int sends) {
        sidecar.throttle().reconfigure(limit(sends, sends));
        sidecar.throttle().drain();
    }

    /** Nothing waits, and what was learned from refusals is forgotten, since under a limit of 1 it no longer restricts. */
    static void open(Sidecar sidecar) {
        sidecar.throttle().reconfigure(limit(1, 1));
        sidecar.throttle().reconfigure(OPEN);
    }
}
