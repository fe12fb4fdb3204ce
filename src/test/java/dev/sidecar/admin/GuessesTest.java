package dev.sidecar.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.admin.Guesses.Verdict.Blocked;
import dev.sidecar.admin.Guesses.Verdict.Counted;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuessesTest {

    private static final String A = "192.0.2.1";
    private static final String B = "192.0.2.2";

    private final AtomicLong now = new AtomicLong();
    private final RateLimiterRegistry limiters = RateLimiterRegistry.ofDefaults();
    private final Guesses guesses = new Guesses(limiters, now::get);

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private void guess(int times, String address) {
        for (int i = 0; i < times; i++) {
            assertThat(guesses.wrong(address)).isInstanceOf(Counted.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MAX_VALUE - 30_000_000_000L, Long.MIN_VALUE})
    void afterTenInAMinuteAnAddressIsBlockedForAMinute(long start) {
        now.set(start);
        guess(9, A);
        pass(Duration.ofSeconds(59));
        guess(1, A);
        assertThat(guesses.wrong(A)).isEqualTo(new Blocked(Duration.ofMinutes(1), true));
        pass(Duration.ofSeconds(20));
        assertThat(guesses.wrong(A)).isEqualTo(new Blocked(Duration.ofSeconds(40), false));
        pass(Duration.ofSeconds(40).minusNanos(1));
        assertThat(guesses.wrong(A)).isEqualTo(new Blocked(Duration.ofNanos(1), false));
        pass(Duration.ofNanos(1));
        guess(10, A);
        assertThat(guesses.wrong(A)).isEqualTo(new Blocked(Duration.ofMinutes(1), true));
        assertThat(guesses.counted()).isEqualTo(20);
        assertThat(guesses.blocked()).isEqualTo(4);
    }

    @Test
    void whoMistypesNowAndThenIsNeverBlocked() {
        for (int minute = 0; minute < 100; minute++) {
            guess(10, A);
            pass(Duration.ofMinutes(1));
        }
    }

    @Test
    void oneAddressDoesNotBlockAnother() {
        guess(10, A);
        assertThat(guesses.wrong(A)).isInstanceOf(Blocked.class);
        guess(10, B);
    }

    @ParameterizedTest
    @CsvSource({"2001:db8:1:2::1, 2001:db8:1:2:ffff::9, true", "2001:db8:1:2::1, 2001:db8:1:3::1, false",
            "192.0.2.1, ::ffff:192.0.2.1, true", "fe80::1%1, fe80::2%1, true"})
    void aNetworkOfIpv6IsOneAddress(String first, String second, boolean same) {
        guess(10, first);
        assertThat(guesses.wrong(second)).isInstanceOf(same ? Blocked.class : Counted.class);
    }

    @Test
    void manyAddressesTakeNoMoreMemoryThanSomeAndShareOneCount() {
        for (int i = 0; i < Guesses.MOST_ADDRESSES; i++) {
            guess(1, "192.0.2." + i);
        }
        guess(5, "198.51.100.1");
        guess(5, "198.51.100.2");
        for (int i = 0; i < 10_000; i++) {
            assertThat(guesses.wrong("203.0." + i / 250 + "." + i % 250)).isInstanceOf(Blocked.class);
        }
        guess(9, "192.0.2.7"); // has its own count all the while
        assertThat(limiters.getAllRateLimiters()).hasSize(Guesses.MOST_ADDRESSES + 1);
        pass(Duration.ofMinutes(1));
        guess(10, "203.0.113.1");
        assertThat(guesses.wrong("203.0.113.1")).isInstanceOf(Blocked.class);
        guess(10, "203.0.113.2"); // there is room again
        assertThat(limiters.getAllRateLimiters()).hasSizeLessThanOrEqualTo(Guesses.MOST_ADDRESSES + 1);
    }

    @Test
    void namesOfLimitersAreNoAddresses() {
        guess(3, A);
        guess(4, B);
        guess(1, "not an address");
        assertThat(limiters.getAllRateLimiters()).extracting(RateLimiter::getName).containsExactlyInAnyOrder(
                "guesses-0",
                "guesses-1", "guesses-others");
        assertThat(limiters.rateLimiter("guesses-1").getMetrics().getAvailablePermissions()).isEqualTo(6);
    }

    @Test
    void manyAtOnceAreCountedExactly() {
        var verdicts = IntStream.range(0, 1000).parallel().mapToObj(i -> guesses.wrong(A)).toList();
        assertThat(verdicts).filteredOn(Counted.class::isInstance).hasSize(10);
        assertThat(verdicts).filteredOn(verdict -> verdict instanceof Blocked(_, var first) && first).hasSize(1);
    }
}
