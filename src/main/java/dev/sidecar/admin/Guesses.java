package dev.sidecar.admin;

import dev.sidecar.throttle.NanoClock;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes guessing slow. An address may give {@value #PERMITTED} wrong credentials in a minute; then its wrong
 * credentials are refused for a minute. Right credentials do not come here, so nobody is locked out.
 *
 * <p>At most {@value #MOST_ADDRESSES} addresses are counted separately; all others share one count. So neither memory
 * nor metrics grow with the number of attackers. An IPv6 address counts by its first 64 bits, because its owner has the
 * whole network. The limiters' names become metric labels, so they are table positions and no addresses. Thread-safe.
 */
public final class Guesses {

    static final int PERMITTED = 10;
    static final int MOST_ADDRESSES = 64;
    static final Duration PERIOD = Duration.ofMinutes(1);

    private static final int NETWORK_BYTES = 8;
    private static final String OTHERS = "others";
    private static final RateLimiterConfig CONFIG = RateLimiterConfig.custom().limitForPeriod(PERMITTED)
            .limitRefreshPeriod(PERIOD).timeoutDuration(Duration.ZERO).build();

    private final RateLimiterRegistry limiters;
    private final NanoClock clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** The count of each address, at most {@link #MOST_ADDRESSES}, and one for all others. Guarded by the lock. */
    private final Map<String, Count> counts = new HashMap<>();
    private final LongAdder counted = new LongAdder();
    private final LongAdder blocked = new LongAdder();

    /** @param limiters gets one limiter for each separate address, when it is first needed */
    public Guesses(RateLimiterRegistry limiters, NanoClock clock) {
        this.limiters = limiters;
        this.clock = clock;
    }

    /** The decision about a wrong credential. */
    sealed interface Verdict {

        /** It is counted and refused. */
        record Counted() implements Verdict {
        }

        /**
         * It is refused without a check.
         *
         * @param remaining how long the address stays blocked, above 0
         * @param first whether the address was not blocked before
         */
        record Blocked(Duration remaining, boolean first) implements Verdict {
        }
    }

    /** @param address the address of the client with the wrong credential, IPv4 or IPv6 */
    Verdict wrong(String address) {
        lock.lock();
        try {
            var now = clock.nanoTime();
            var verdict = countOf(networkOf(address), now).wrong(now);
            (verdict instanceof Verdict.Blocked ? blocked : counted).increment();
            return verdict;
        } finally {
            lock.unlock();
        }
    }

    /** Wrong credentials that were counted and refused, since the start. */
    long counted() {
        return counted.sum();
    }

    /** Wrong credentials from blocked addresses, since the start. */
    long blocked() {
        return blocked.sum();
    }

    private Count countOf(String network, long now) {
        var known = counts.get(network);
        if (known != null && !known.isOver(now)) {
            return known;
        }
        if (known == null && counts.size() >= MOST_ADDRESSES) {
            counts.values().removeIf(count -> count.isOver(now));
        }
        if (known == null && counts.size() >= MOST_ADDRESSES && !network.equals(OTHERS)) {
            return countOf(OTHERS, now);
        }
        var place = known == null ? freePlace(network) : known.place;
        var count = new Count(place, newLimiter("guesses-" + place), now);
        counts.put(network, count);
        return count;
    }

    private String freePlace(String network) {
        if (network.equals(OTHERS)) {
            return OTHERS;
        }
        for (int place = 0;; place++) {
            var name = Integer.toString(place);
            if (counts.values().stream().noneMatch(count -> count.place.equals(name))) {
                return name;
            }
        }
    }

    /** A new limiter whose first cycle begins now. */
    private RateLimiter newLimiter(String name) {
        limiters.remove(name);
        return limiters.rateLimiter(name, CONFIG);
    }

    private static String networkOf(String address) {
        try {
            var parsed = InetAddress.ofLiteral(address);
            return parsed instanceof Inet6Address
                    ? HexFormat.of().formatHex(Arrays.copyOf(parsed.getAddress(), NETWORK_BYTES))
                    : parsed.getHostAddress();
        } catch (IllegalArgumentException e) {
            return OTHERS; // not an IP address
        }
    }

    /** The count of one address, for a minute from its first wrong credential, or from its block. Guarded by the lock. */
    private static final class Count {

        private final String place;
        private final RateLimiter limiter;
        private final long startNanos;
        private @Nullable Long blockedSinceNanos;

        Count(String place, RateLimiter limiter, long startNanos) {
            this.place = place;
            this.limiter = limiter;
            this.startNanos = startNanos;
        }

        boolean isOver(long now) {
            return now - (blockedSinceNanos == null ? startNanos : blockedSinceNanos) >= PERIOD.toNanos();
        }

        Verdict wrong(long now) {
            var since = blockedSinceNanos;
            if (since != null) {
                return new Verdict.Blocked(PERIOD.minusNanos(now - since), false);
            }
            if (limiter.acquirePermission()) {
                return new Verdict.Counted();
            }
            blockedSinceNanos = now;
            return new Verdict.Blocked(PERIOD, true);
        }
    }
}
