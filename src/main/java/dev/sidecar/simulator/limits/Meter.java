package dev.sidecar.simulator.limits;

/**
 * How much of a limit is used, counted in one of the usual ways. It does not know the limit. Implementations read no
 * clock and take no lock. The caller passes the time: nanoseconds of a monotonic clock that may overflow, never
 * backwards. Only one thread at a time may call.
 */
interface Meter {

    /** How much counts now, rounded up. */
    long used(long nowNanos);

    /** Counts this much more from now on; 0 changes nothing. */
    void add(long amount, long nowNanos);

    /** How long until at most {@code most} counts, if nothing is added; 0 if that is so now. In nanoseconds. */
    long untilAtMost(long most, long nowNanos);
}
