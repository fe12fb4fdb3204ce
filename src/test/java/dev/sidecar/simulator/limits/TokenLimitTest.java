package dev.sidecar.simulator.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.simulator.limits.ProviderLimit.Decision.Accepted;
import dev.sidecar.simulator.limits.ProviderLimit.Decision.Refused;
import dev.sidecar.simulator.limits.ProviderLimit.Standing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** 1,000 tokens a minute, counted at each moment. */
class TokenLimitTest {

    private static final long SECOND = 1_000_000_000L;

    static List<TokenShape> shapes() {
        return TokenShapes.all(1000);
    }

    @Test
    void everyWayIsThereAtEveryMoment() {
        assertThat(shapes()).hasSize(12).extracting(TokenShape::toString).contains("sliding-log at arrival",
                "fixed-window at both", "sliding-counter at end", "token-bucket at arrival");
    }

    @Test
    void allCountsAtArrival() {
        var limit = log(TokenMoment.ARRIVAL);
        assertThat(limit.decide(300, 400, 0)).isInstanceOf(Accepted.class);
        assertThat(limit.used(0)).isEqualTo(700);
        assertThat(limit.decide(300, 1, SECOND)).isEqualTo(new Refused(Duration.ofSeconds(59)));
        assertThat(limit.decide(100, 200, SECOND)).isInstanceOf(Accepted.class);
        limit.ended(300, 400, 2 * SECOND);
        assertThat(limit.standing(2 * SECOND)).isEqualTo(new Standing(1000, 0, Duration.ofSeconds(59)));
    }

    @Test
    void theOutputCountsWhenTheResponseHasEnded() {
        var limit = log(TokenMoment.BOTH);
        assertThat(limit.decide(300, 400, 0)).isInstanceOf(Accepted.class);
        assertThat(limit.decide(700, 5000, 0)).as("nobody knows its output").isInstanceOf(Accepted.class);
        assertThat(limit.decide(1, 1, 0)).isInstanceOf(Refused.class);
        limit.ended(300, 400, 5 * SECOND);
        limit.ended(700, 5000, 10 * SECOND);
        assertThat(limit.used(10 * SECOND)).as("more than the limit").isEqualTo(6400);
        assertThat(limit.standing(10 * SECOND)).isEqualTo(new Standing(1000, 0, Duration.ofSeconds(60)));
        assertThat(limit.decide(1, 1, 60 * SECOND)).isEqualTo(new Refused(Duration.ofSeconds(10)));
        assertThat(limit.decide(1, 1, 70 * SECOND)).isInstanceOf(Accepted.class);
    }

    @Test
    void aLimitThatCountsAtTheEndRefusesWhenItIsUsedUp() {
        var limit = log(TokenMoment.END);
        for (int i = 0; i < 5; i++) {
            assertThat(limit.decide(900, 90, 0)).isInstanceOf(Accepted.class);
        }
        limit.ended(900, 99, SECOND);
        assertThat(limit.decide(900, 90, SECOND)).as("999 of 1000 are used").isInstanceOf(Accepted.class);
        limit.ended(1, 0, 2 * SECOND);
        assertThat(limit.decide(900, 90, 3 * SECOND)).isEqualTo(new Refused(Duration.ofSeconds(58)));
    }

    @Test
    void whoLeavesEarlyIsChargedWhatWasProduced() {
        var limit = log(TokenMoment.BOTH);
        limit.decide(100, 500, 0);
        limit.ended(100, 20, SECOND);
        assertThat(limit.used(SECOND)).isEqualTo(120);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aRequestLargerThanTheLimitIsAcceptedWhileNothingIsUsed(TokenShape shape) {
        var limit = shape.start(new Random(3), 0);
        assertThat(limit.decide(5000, 5000, 0)).isInstanceOf(Accepted.class);
        limit.ended(5000, 5000, 0);
        assertThat(limit.used(0)).isEqualTo(10_000);
        var refused = (Refused) limit.decide(5000, 5000, SECOND);
        long again = SECOND + refused.retryAfter().toNanos();
        assertThat(limit.decide(5000, 5000, again - 1)).isEqualTo(new Refused(Duration.ofNanos(1)));
        assertThat(limit.decide(5000, 5000, again)).isInstanceOf(Accepted.class);
    }

    @ParameterizedTest
    @EnumSource
    void aRefusedRequestCostsNothing(TokenMoment moment) {
        var limit = log(moment);
        limit.decide(500, 500, 0);
        limit.ended(500, 500, 0);
        for (int second = 1; second < 60; second++) {
            assertThat(limit.decide(10, 10, second * SECOND)).isInstanceOf(Refused.class);
        }
        assertThat(limit.used(59 * SECOND)).isEqualTo(1000);
        assertThat(limit.used(60 * SECOND)).isZero();
    }

    @Test
    void namesWhatItCannotWorkWith() {
        assertThatThrownBy(() -> TokenShapes.named("leaky", 1, TokenMoment.END))
                .hasMessage("shape must be one of " + TokenShapes.names() + ", got leaky");
        assertThatThrownBy(() -> TokenShapes.named("sliding-log", 10_000_001, TokenMoment.END))
                .hasMessage("tokens must be between 1 and 10000000, got 10000001");
    }

    @Property(tries = 200)
    void noMoreThanTheLimitCountsInAMinuteWhereEverythingIsKnownAtArrival(
            @ForAll @IntRange(min = 1, max = 1_000_000) int most, @ForAll long origin, @ForAll long seed) {
        var limit = TokenShapes.named("sliding-log", most, TokenMoment.ARRIVAL).start(new Random(seed), origin);
        var random = new Random(seed);
        List<long[]> accepted = new ArrayList<>();
        long time = 0;
        for (int i = 0; i < 50; i++) {
            time += random.nextLong(10 * SECOND);
            long now = time;
            long tokens = random.nextLong(1, most + 2L);
            long used = accepted.stream().filter(each -> now - each[0] < 60 * SECOND).mapToLong(each -> each[1]).sum();
            boolean accept = limit.decide(tokens, 0, origin + time) instanceof Accepted;
            assertThat(accept).isEqualTo(used == 0 || used + tokens <= most);
            if (accept) {
                accepted.add(new long[]{time, tokens});
            }
        }
    }

    private static TokenLimit log(TokenMoment moment) {
        return TokenShapes.named("sliding-log", 1000, moment).start(new Random(1), 0);
    }
}
