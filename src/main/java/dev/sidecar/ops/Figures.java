package dev.sidecar.ops;

import java.time.Duration;

/** Numbers for human readers. Stateless. */
final class Figures {

    private Figures() {
    }

    /** Rounded to a tenth. */
    static double tenths(double value) {
        return Math.round(value * 10) / 10.0;
    }

    /** In seconds, rounded to a tenth. */
    static double seconds(Duration duration) {
        return tenths(duration.toMillis() / 1e3);
    }
}
