package dev.sidecar.throttle.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class RateLimitSignalTest {

    private static final OptionalInt ABSENT = OptionalInt.empty();

    @Test
    void aSilentAnswerSaysOnlyItsKind() {
        assertThat(RateLimitSignal.NONE)
                .isEqualTo(new RateLimitSignal(Kind.NONE, Optional.empty(), ABSENT, ABSENT, Optional.empty()));
        assertThat(RateLimitSignal.unknown())
                .isEqualTo(new RateLimitSignal(Kind.UNKNOWN, Optional.empty(), ABSENT, ABSENT, Optional.empty()));
    }

    @Test
    void theEdgesOfEveryRangeAreAllowed() {
        var signal = new RateLimitSignal(Kind.REQUEST_RATE, Optional.of(RateLimitSignal.LONGEST_PAUSE),
                OptionalInt.of(1), OptionalInt.of(0), Optional.of(Duration.ZERO));
        assertThat(signal.pause()).contains(Duration.ofMinutes(10));
        assertThat(withPause(Duration.ZERO).pause()).contains(Duration.ZERO);
    }

    @Test
    void whatIsOutOfRangeIsRefusedByName() {
        assertThatIllegalArgumentException().isThrownBy(() -> withPause(Duration.ofNanos(-1)))
                .withMessage("pause must be from PT0S to PT10M: PT-0.000000001S");
        assertThatIllegalArgumentException().isThrownBy(() -> withPause(Duration.ofMinutes(10).plusNanos(1)))
                .withMessage("pause must be from PT0S to PT10M: PT10M0.000000001S");
        assertThatIllegalArgumentException().isThrownBy(() -> withNumbers(OptionalInt.of(0), ABSENT))
                .withMessage("limitPerMinute must be at least 1: 0");
        assertThatIllegalArgumentException().isThrownBy(() -> withNumbers(ABSENT, OptionalInt.of(-1)))
                .withMessage("remaining must not be negative: -1");
        assertThatIllegalArgumentException().isThrownBy(() -> new RateLimitSignal(Kind.NONE, Optional.empty(), ABSENT,
                ABSENT, Optional.of(Duration.ofSeconds(-1)))).withMessage("reset must not be negative: PT-1S");
    }

    private static RateLimitSignal withPause(Duration pause) {
        return new RateLimitSignal(Kind.UNKNOWN, Optional.of(pause), ABSENT, ABSENT, Optional.empty());
    }

    private static RateLimitSignal withNumbers(OptionalInt limitPerMinute, OptionalInt remaining) {
        return new RateLimitSignal(Kind.NONE, Optional.empty(), limitPerMinute, remaining, Optional.empty());
    }
}
