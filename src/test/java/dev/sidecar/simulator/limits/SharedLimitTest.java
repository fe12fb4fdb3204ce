package dev.sidecar.simulator.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.simulator.limits.ProviderLimit.Decision.Accepted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SharedLimitTest {

    private static final long SECOND = 1_000_000_000L;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void theOtherAsksNearlyRegularlyForeverEvenWhileTheFirstIsSilent() {
        var log = new Log(new MeteredLimit(1_000, new SlidingLog(MINUTE)));
        long origin = Long.MAX_VALUE - 100 * SECOND;
        var limit = new SharedLimit(log, 20, new Random(5), origin);
        assertThat(limit.takenByOthers(origin + 6_000 * SECOND)).isEqualTo(log.times.size()).isBetween(1_950L, 2_050L);
        for (int i = 1; i < log.times.size(); i++) {
            assertThat(log.times.get(i) - log.times.get(i - 1)).isBetween(SECOND * 3 / 2 - 1, SECOND * 9 / 2);
        }
        assertThat(log.times.getFirst() - origin).isBetween(0L, 3 * SECOND);
    }

    @Test
    void whatTheOtherGotIsGone() {
        var limit = new SharedLimit(new MeteredLimit(40, new SlidingLog(MINUTE)), 20, new Random(5), 0);
        long now = 60 * SECOND - 1;
        long taken = limit.takenByOthers(now);
        assertThat(taken).isBetween(17L, 23L);
        assertThat(limit.standing(now).remaining()).isEqualTo(40 - (int) taken);
        int accepted = 0;
        while (limit.decide(Reference.ANY, now) instanceof Accepted) {
            accepted++;
        }
        assertThat(accepted + taken).isEqualTo(40);
        assertThat(limit.refusedToOthers(now)).isZero();
        // The first user's burst now stands in the other's way.
        assertThat(limit.refusedToOthers(now + 50 * SECOND)).isPositive();
    }

    @Test
    void theSameSeedMakesTheSameRequests() {
        assertThat(times(3)).isEqualTo(times(3)).isNotEqualTo(times(4));
    }

    @Property(tries = 200)
    void bothTogetherGetNoMoreThanTheLimitAndTimeNeverGoesBack(@ForAll @IntRange(min = 1, max = 9) int most,
            @ForAll @IntRange(min = 1, max = 60) int perMinute, @ForAll long origin, @ForAll long seed,
            @ForAll @Size(max = 60) List<@LongRange(max = 9_000_000_000L) Long> gaps) {
        var log = new Log(new MeteredLimit(most, new SlidingLog(MINUTE)));
        var limit = new SharedLimit(log, perMinute, new Random(seed), origin);
        long now = origin;
        long own = 0;
        for (long gap : gaps) {
            now += gap;
            own += limit.decide(Reference.ANY, now) instanceof Accepted ? 1 : 0;
        }
        assertThat(own + limit.takenByOthers(now)).isEqualTo(log.accepted.size());
        for (int i = 1; i < log.times.size(); i++) {
            assertThat(log.times.get(i) - log.times.get(i - 1)).isNotNegative();
        }
        for (int i = most; i < log.accepted.size(); i++) {
            assertThat(log.accepted.get(i) - log.accepted.get(i - most)).isGreaterThanOrEqualTo(60 * SECOND);
        }
    }

    private static List<Long> times(long seed) {
        var log = new Log(new MeteredLimit(40, new SlidingLog(MINUTE)));
        new SharedLimit(log, 20, new Random(seed), 0).takenByOthers(600 * SECOND);
        return log.times;
    }

    /** Remembers when what was asked and accepted. */
    private static final class Log implements ProviderLimit {

        final List<Long> times = new ArrayList<>();
        final List<Long> accepted = new ArrayList<>();
        private final ProviderLimit inner;

        Log(ProviderLimit inner) {
            this.inner = inner;
        }

        @Override
        public Decision decide(Request request, long nowNanos) {
            times.add(nowNanos);
            Decision decision = inner.decide(request, nowNanos);
            if (decision instanceof Accepted) {
                accepted.add(nowNanos);
            }
            return decision;
        }

        @Override
        public Standing standing(long nowNanos) {
            return inner.standing(nowNanos);
        }
    }
}
