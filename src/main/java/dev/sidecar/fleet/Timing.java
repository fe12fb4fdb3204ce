package dev.sidecar.fleet;

import dev.sidecar.throttle.budget.BudgetRule;
import java.time.Duration;

/**
 * The times of a fleet, in nanoseconds. Immutable.
 *
 * @param lease how long a leader leads without renewing, and a replica follows without being heard
 * @param beat the distance of beats, and of renewals
 * @param joining how long a replica that wants to be led sends nothing of its own
 * @param first how long a leader that knows of no division waits for somebody who does, before it makes the first
 * @param patience how long a grant waits for a seat that is about to be free
 * @param keeping how often a replica writes down that it still is the home it was
 * @param forgotten after which time a home that is not heard of loses its part
 */
record Timing(long lease, long beat, long joining, long first, long patience, long keeping, long forgotten) {

    static final Timing USUAL = new Timing(Duration.ofSeconds(3).toNanos(), Duration.ofMillis(500).toNanos(),
            Duration.ofSeconds(1).toNanos(), Duration.ofSeconds(5).toNanos(), Duration.ofSeconds(1).toNanos(),
            Duration.ofSeconds(10).toNanos(), Duration.ofMinutes(10).toNanos());

    private static final long MILLI = 1_000_000;

    /** After this time the requests of a replica that is not heard of leave the queue. */
    long absence() {
        return lease + 2 * beat;
    }

    /** After this time a seat that was lent counts as used just now, if nobody has said what became of it. */
    long lapse() {
        return 2 * lease;
    }

    /** The longest time that a request counts, and one whose seat is lent, in milliseconds. */
    long spanMillis() {
        return (BudgetRule.SPAN + lapse()) / MILLI;
    }

    static long millis(long nanos) {
        return Math.ceilDiv(nanos, MILLI);
    }

    static long nanos(long millis) {
        return millis * MILLI;
    }
}
