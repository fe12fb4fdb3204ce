package dev.sidecar.throttle.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TokenEstimatesTest {

    private static final OptionalLong UNSTATED = OptionalLong.empty();
    private final TokenEstimates estimates = new TokenEstimates();

    @Test
    void whatIsNotKnownTakesAQuarterOfTheLimitAtMost() {
        assertThat(estimates.of("ci", "m", 400, UNSTATED).of(10_000)).isEqualTo(100 + 2_500);
        assertThat(estimates.of("ci", "m", 400, OptionalLong.of(50)).of(10_000)).isEqualTo(100 + 50);
        assertThat(estimates.of("ci", "m", 400, OptionalLong.of(1_000_000)).of(10_000)).isEqualTo(100 + 2_500);
    }

    @Test
    void itLearnsWhatNineOfTenResponsesTake() {
        for (int output = 1; output <= 10; output++) {
            estimates.learn("ci", "m", 400, new TokenUsage(100, output * 10L));
        }
        assertThat(estimates.of("ci", "m", 400, UNSTATED).of(10_000)).isEqualTo(100 + 90);
        assertThat(estimates.of("ci", "m", 400, OptionalLong.of(1_000_000)).of(10_000)).isEqualTo(100 + 90);
        assertThat(estimates.of("ci", "m", 400, OptionalLong.of(20)).of(10_000)).isEqualTo(100 + 20);
    }

    @Test
    void itFollowsResponsesThatBecomeShorter() {
        for (int i = 0; i < 100; i++) {
            estimates.learn("ci", "m", 400, new TokenUsage(100, 9_000));
        }
        for (int i = 0; i < RecentOutputs.MOST; i++) {
            estimates.learn("ci", "m", 400, new TokenUsage(100, 7));
        }
        assertThat(estimates.of("ci", "m", 400, UNSTATED).of(100_000)).isEqualTo(107);
    }

    @Test
    void itLearnsHowManyTokensAModelMakesOfTheBytes() {
        for (int i = 0; i < 50; i++) {
            int bytes = i % 2 == 0 ? 1_000 : 3_000;
            estimates.learn("ci", "m", bytes, new TokenUsage(bytes / 2, 10));
        }
        assertThat(estimates.of("ci", "m", 2_000, OptionalLong.of(0)).input()).isBetween(990L, 1_010L);
    }

    @Test
    void bytesThatAreNoTextDoNotMakeALongPromptSmall() {
        estimates.learn("ci", "m", 60, new TokenUsage(4, 10));
        assertThat(estimates.of("ci", "m", 4_060, OptionalLong.of(0)).input()).isBetween(990L, 1_010L);
        for (int i = 0; i < 100; i++) {
            int bytes = 60 + 50 * i;
            estimates.learn("ci", "m", bytes, new TokenUsage(4 + (bytes - 60) / 3, 10));
        }
        assertThat(estimates.of("ci", "m", 30_060, OptionalLong.of(0)).input()).isBetween(9_500L, 10_500L);
    }

    @Test
    void aNewClientIsTakenForOneLikeTheOthersOfItsModel() {
        estimates.learn("ci", "m", 1_000, new TokenUsage(500, 10));
        assertThat(estimates.of("new", "m", 1_000, UNSTATED).of(100_000)).isEqualTo(510);
        assertThat(estimates.of("new", "other", 1_000, UNSTATED).of(100_000)).isEqualTo(250 + 25_000);
    }

    @Test
    void noRequestReservesMoreThanTheLimit() {
        assertThat(estimates.of("ci", "m", Long.MAX_VALUE / 8, UNSTATED).of(1_000)).isEqualTo(1_000);
        assertThat(new TokenEstimate(Long.MAX_VALUE, OptionalLong.of(Long.MAX_VALUE), OptionalLong.of(Long.MAX_VALUE))
                .of(1_000)).isEqualTo(1_000);
        assertThat(TokenEstimate.NONE.of(1_000)).isZero();
    }

    @Test
    void absurdNumbersOfAProviderDoNoHarm() {
        estimates.learn("ci", "m", 1, new TokenUsage(Long.MAX_VALUE, Long.MAX_VALUE));
        assertThat(estimates.of("ci", "m", 100, UNSTATED).of(1_000)).isEqualTo(1_000);
        assertThat(estimates.of("ci", "m", 100, UNSTATED).input()).isBetween(1L, 200L);
        assertThat(new TokenUsage(Long.MAX_VALUE, 5).total()).isEqualTo(Long.MAX_VALUE);
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenUsage(-1, 5)).withMessageContaining("-1");
    }

    @Test
    void itRemembersSoManyAndNoMore() {
        for (int i = 0; i < 5_000; i++) {
            estimates.learn("client " + i, "model " + i, 10, new TokenUsage(1, 1));
        }
        assertThat(estimates.remembered()).isEqualTo(TokenEstimates.MOST);
        assertThat(estimates.of("client 4999", "model 4999", 10, UNSTATED).usual()).hasValue(1);
    }
}
