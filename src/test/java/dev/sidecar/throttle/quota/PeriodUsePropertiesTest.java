package dev.sidecar.throttle.quota;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.tokens.TokenEstimate;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What was used in one process holds a client back in the next one for as long, or a little longer. */
class PeriodUsePropertiesTest {

    private static final long SECOND = 1_000_000_000L;
    private static final Duration PERIOD = Duration.ofMinutes(10);

    /** After so many seconds so much is used. */
    record Event(int seconds, int amount) {
    }

    @Provide
    Arbitrary<List<Event>> events() {
        return Combinators.combine(Arbitraries.integers().between(0, 60), Arbitraries.integers().between(1, 40))
                .as(Event::new).list().ofMaxSize(40);
    }

    @Property(tries = 500)
    void theNextProcessAllowsNothingSooner(@ForAll("events") List<Event> events, @ForAll boolean ofTokens,
            @ForAll @IntRange(min = 1, max = 200) int most, @ForAll @IntRange(max = 700) int later) {
        var original = quota(ofTokens, most);
        long now = 7;
        for (Event each : events) {
            now += each.seconds() * SECOND;
            use(original, ofTokens, each.amount(), now);
        }
        var restored = quota(ofTokens, most);
        restored.restore(original.uses(now), now);
        assertThat(restored.use(now)).isEqualTo(original.use(now));
        long then = now + later * SECOND;
        assertThat(restored.nanosUntil(1, then)).isGreaterThanOrEqualTo(original.nanosUntil(1, then))
                .isLessThanOrEqualTo(original.nanosUntil(1, then) + PERIOD.toNanos());
        assertThat(restored.use(then + 2 * PERIOD.toNanos())).allMatch(each -> each.used() == 0);
    }

    private static ClientQuota quota(boolean ofTokens, int most) {
        var quota = new ClientQuota();
        quota.limits(ofTokens ? List.of() : List.of(new RequestLimit(most, PERIOD)),
                ofTokens ? List.of(new TokenLimit(most, PERIOD)) : List.of(), 0);
        return quota;
    }

    private static void use(ClientQuota quota, boolean ofTokens, int amount, long now) {
        if (ofTokens) {
            quota.spent(0, amount, now);
        } else {
            for (int i = 0; i < amount; i++) {
                quota.started(true, TokenEstimate.NONE, now);
            }
        }
    }
}
