package dev.sidecar.simulator.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class NetworkDelayTest {

    private static final long MILLI = 1_000_000;
    private static final int MANY = 500_000;

    @Test
    void isFiftyMillisecondsAndAnExponentialTimeWithRareSpikes() {
        long[] delays = delays(1);
        assertThat(Arrays.stream(delays).min().orElseThrow()).isGreaterThanOrEqualTo(50 * MILLI);
        assertThat(Arrays.stream(delays).average().orElseThrow() / MILLI).isBetween(129.5, 131.0);
        // The median of an exponential time is ln 2 of its mean.
        assertThat(Arrays.stream(delays).filter(delay -> delay < 50 * MILLI + 55_452_000).count() * 1.0 / MANY)
                .isBetween(0.495, 0.505);
        // exp(-13) of 500,000 are beyond 13 means without a spike: about one, against 100 spikes, many of them higher.
        long high = Arrays.stream(delays).filter(delay -> delay > (50 + 13 * 80) * MILLI).count();
        assertThat(high).isBetween(40L, 110L);
        assertThat(Arrays.stream(delays).max().orElseThrow() / MILLI).isBetween(1_900L, 3_000L);
    }

    @Test
    void theSameSeedMakesTheSameDelays() {
        assertThat(delays(2)).isEqualTo(delays(2)).isNotEqualTo(delays(3));
    }

    private static long[] delays(long seed) {
        var delay = new NetworkDelay(new Random(seed));
        return LongStream.generate(delay::nextNanos).limit(MANY).toArray();
    }
}
