package dev.sidecar.simulator.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.simulator.limits.ProviderLimit.Decision;
import dev.sidecar.simulator.limits.ProviderLimit.Decision.Accepted;
import dev.sidecar.simulator.limits.ProviderLimit.Decision.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SlidingLogTest {

    private static final ProviderLimit.Request ANY = new ProviderLimit.Request("/v1/chat/completions", "m");
    private static final long SECOND = 1_000_000_000L;

    private final ProviderLimit limit = new MeteredLimit(2, new SlidingLog(Duration.ofSeconds(60)));

    @Test
    void refusesTheRequestAboveTheLimitAndSaysUntilWhen() {
        assertThat(limit.decide(ANY, 0)).isInstanceOf(Accepted.class);
        assertThat(limit.decide(ANY, 10 * SECOND)).isInstanceOf(Accepted.class);
        assertThat(limit.decide(ANY, 25 * SECOND)).isEqualTo(new Refused(Duration.ofSeconds(35)));
    }

    @Test
    void acceptsAgainExactlyWhenTheOldestLeavesTheWindow() {
        limit.decide(ANY, 0);
        limit.decide(ANY, 10 * SECOND);
        assertThat(limit.decide(ANY, 60 * SECOND - 1)).isEqualTo(new Refused(Duration.ofNanos(1)));
        assertThat(limit.decide(ANY, 60 * SECOND)).isInstanceOf(Accepted.class);
        assertThat(limit.decide(ANY, 60 * SECOND)).isEqualTo(new Refused(Duration.ofSeconds(10)));
    }

    @Test
    void refusedRequestsDoNotCount() {
        limit.decide(ANY, 0);
        limit.decide(ANY, 0);
        for (long second = 1; second < 60; second++) {
            assertThat(limit.decide(ANY, second * SECOND)).isInstanceOf(Refused.class);
        }
        assertThat(limit.decide(ANY, 60 * SECOND)).isInstanceOf(Accepted.class);
        assertThat(limit.decide(ANY, 60 * SECOND)).isInstanceOf(Accepted.class);
    }

    @Test
    void aClockThatOverflowsDoesNotMatter() {
        long nearTheEnd = Long.MAX_VALUE - 5 * SECOND;
        limit.decide(ANY, nearTheEnd);
        limit.decide(ANY, nearTheEnd);
        assertThat(limit.decide(ANY, nearTheEnd + 20 * SECOND)).isEqualTo(new Refused(Duration.ofSeconds(40)));
        assertThat(limit.decide(ANY, nearTheEnd + 60 * SECOND)).isInstanceOf(Accepted.class);
    }

    @Test
    void namesWhatItCannotWorkWith() {
        assertThatThrownBy(() -> new MeteredLimit(0, new SlidingLog(Duration.ofSeconds(60))))
                .hasMessageContaining("got 0");
        assertThatThrownBy(() -> new MeteredLimit(1, new SlidingLog(Duration.ZERO))).hasMessageContaining("got PT0S");
    }

    @Property(tries = 200)
    void neverMoreThanTheLimitInAnyWindowAndNeverARefusalWithoutCause(@ForAll @IntRange(min = 1, max = 5) int most,
            @ForAll @Size(max = 60) List<@LongRange(max = 20) Long> gaps) {
        ProviderLimit tried = new MeteredLimit(most, new SlidingLog(Duration.ofNanos(60)));
        List<Long> accepted = new ArrayList<>();
        long now = 0;
        for (long gap : gaps) {
            now += gap;
            long time = now;
            long inWindow = accepted.stream().filter(at -> time - at < 60).count();
            Decision decision = tried.decide(ANY, now);
            assertThat(decision instanceof Accepted).isEqualTo(inWindow < most);
            if (decision instanceof Refused(Duration retryAfter)) {
                long oldest = accepted.get(accepted.size() - most);
                assertThat(now + retryAfter.toNanos()).isEqualTo(oldest + 60);
            } else {
                accepted.add(now);
            }
        }
    }
}
