package dev.sidecar.route;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a request waits before it may be tried again, at random, so that those that failed together do not come back
 * together. Source of the rule: "full jitter" of the AWS Architecture Blog, "Exponential Backoff And Jitter" (2015).
 * Immutable.
 *
 * @param first the longest wait before the second attempt
 * @param longest the longest wait of all
 */
record Backoff(Duration first, Duration longest) {

    /** For a provider that fails. */
    static final Backoff FAILURE = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(10));

    /** For a refusal by a limit, where the budget itself knows how long to pause. */
    static final Backoff REFUSAL = new Backoff(Duration.ofMillis(100), Duration.ofMillis(100));

    /** For an attempt that was not made. */
    static final Backoff NONE = new Backoff(Duration.ZERO, Duration.ZERO);

    private static final int MOST_DOUBLINGS = 30;

    /**
     * @param attempts how often it was tried, at least 1
     * @return from 0 to {@code first}, doubled with each attempt but the first, and to {@code longest} at most
     */
    Duration delay(int attempts, RandomGenerator random) {
        var most = first.multipliedBy(1L << Math.clamp(attempts - 1, 0, MOST_DOUBLINGS));
        var bound = most.compareTo(longest) < 0 ? most : longest;
        return Duration.ofNanos(random.nextLong(bound.toNanos() + 1));
    }
}
