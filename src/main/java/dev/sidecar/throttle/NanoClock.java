package dev.sidecar.throttle;

/**
 * A monotonic clock in nanoseconds from an arbitrary origin. Compare two readings by the sign of their difference,
 * never by their values: readings may be negative and may wrap around.
 */
@FunctionalInterface
public interface NanoClock {

    /** The reading now, in nanoseconds; see {@link System#nanoTime()}. */
    long nanoTime();

    /** The clock of the running JVM. */
    static NanoClock system() {
        return System::nanoTime;
    }
}
