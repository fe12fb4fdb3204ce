package dev.sidecar.upstream.limits;

import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A limit of requests that is known to be per (about a) minute. Immutable.
 *
 * <p>
 * A bucket does not state its window, but the window follows from the time until the bucket is full. A bucket of
 * <i>limit</i> that refills in <i>window</i> and lacks <i>used</i> is full after <i>used / limit · window</i>. The
 * stated numbers are rounded. The reset is inexact, and <i>remaining</i> is rounded down, so one less may be used, but
 * at least the request of this response. So there is a shortest and a longest window that fit. The window counts as a
 * minute if a minute is between the two, the shortest is at least half a minute, and the longest is at most two
 * minutes. Other usual windows (1 s, 10 s, an hour, a day) are further away.
 */
record MinuteWindow(int limit, OptionalInt remaining, Optional<Duration> reset) {

    private static final double MINUTE = 60;

    /** Whether a stated window is about a minute. */
    static boolean isMinute(long seconds) {
        return seconds >= 55 && seconds <= 65;
    }

    /** The window of a bucket; empty if its length is unknown or is not a minute. */
    static Optional<MinuteWindow> ofBucket(Allowance bucket) {
        if (bucket.limit().isEmpty() || bucket.remaining().isEmpty() || bucket.reset().isEmpty()) {
            return Optional.empty();
        }
        int limit = bucket.limit().getAsInt();
        int used = limit - bucket.remaining().getAsInt();
        if (used < 1 || !refillsInAMinute(limit, used, bucket.reset().get())) {
            return Optional.empty();
        }
        return Optional.of(new MinuteWindow(limit, bucket.remaining(), bucket.reset().map(Wait::length)));
    }

    private static boolean refillsInAMinute(int limit, int used, Wait reset) {
        double length = seconds(reset.length());
        double uncertainty = seconds(reset.uncertainty());
        double shortest = (length - uncertainty) * limit / used;
        double longest = (length + uncertainty) * limit / Math.max(1, used - 1);
        return shortest >= MINUTE / 2 - 1 && shortest <= MINUTE + 1 && longest >= MINUTE - 1
                && longest <= MINUTE * 2 + 1;
    }

    private static double seconds(Duration length) {
        return length.toMillis() / 1000.0;
    }

    RateLimitSignal signal(Kind kind, Optional<Duration> pause) {
        return new RateLimitSignal(kind, pause, OptionalInt.of(limit), remaining, reset);
    }
}
