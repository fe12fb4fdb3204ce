package dev.sidecar.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Waits between tries: at random, within bounds that double. */
class BackoffTest {

    private static Duration longestOf(Backoff backoff, int tries) {
        return backoff.delay(tries, new Random() {
            private static final long serialVersionUID = 1L;

            @Override
            public long nextLong(long bound) {
                return bound - 1;
            }
        });
    }

    @Test
    void theBoundDoublesWithEachTryUntilItIsTenSeconds() {
        assertThat(longestOf(Backoff.FAILURE, 1)).isEqualTo(Duration.ofMillis(250));
        assertThat(longestOf(Backoff.FAILURE, 2)).isEqualTo(Duration.ofMillis(500));
        assertThat(longestOf(Backoff.FAILURE, 6)).isEqualTo(Duration.ofSeconds(8));
        assertThat(longestOf(Backoff.FAILURE, 7)).isEqualTo(Duration.ofSeconds(10));
        assertThat(longestOf(Backoff.FAILURE, Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void afterARefusalItIsNeverMoreThanATenthOfASecond() {
        for (int tries : new int[]{0, 1, 2, 50}) {
            assertThat(longestOf(Backoff.REFUSAL, tries)).isEqualTo(Duration.ofMillis(100));
        }
    }

    @Property
    void noWaitIsNegativeOrBeyondItsBound(@ForAll @IntRange(min = 1, max = 100) int tries, @ForAll long seed) {
        assertThat(Backoff.FAILURE.delay(tries, new Random(seed))).isBetween(Duration.ZERO,
                longestOf(Backoff.FAILURE, tries));
    }
}
