package dev.sidecar.throttle.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.LimitSpan.Kind;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What held the budget down, as spans of time. */
class LimitHistoryTest {

    private static final long SECOND = 1_000_000_000L;

    /** Near the overflow of the clock. */
    private long now = Long.MAX_VALUE - 20 * SECOND;
    private final LimitHistory history = new LimitHistory();

    @Test
    void nothingIsToldOfAFreeBudget() {
        history.note(Retreat.normal(40, now), now, now);
        assertThat(history.spans(now)).isEmpty();
    }

    @Test
    void aPauseReachesIntoTheFutureAndThenIntoThePast() {
        note(40, 30);
        assertThat(history.spans(now)).containsExactly(pause(0, 30));
        pass(10);
        assertThat(history.spans(now)).containsExactly(pause(-10, 20));
        pass(60);
        assertThat(history.spans(now)).containsExactly(pause(-70, -40));
        pass(21);
        assertThat(history.spans(now)).isEmpty();
    }

    @Test
    void aPauseThatIsMadeLongerStaysOne() {
        note(40, 30);
        pass(10);
        note(40, 40);
        assertThat(history.spans(now)).containsExactly(pause(-10, 40));
    }

    @Test
    void aPauseAfterAnotherIsASecondOne() {
        note(40, 5);
        pass(10);
        note(40, 5);
        assertThat(history.spans(now)).containsExactly(pause(-10, -5), pause(0, 5));
    }

    @Test
    void aCutRateHasNoEndUntilItChanges() {
        note(40, 0);
        pass(5);
        note(30, 0);
        pass(10);
        assertThat(history.spans(now)).containsExactly(span(Kind.RETREAT, -10, null, 30));
        note(20, 0);
        pass(10);
        assertThat(history.spans(now)).containsExactly(span(Kind.RETREAT, -20, -10., 30),
                span(Kind.RETREAT, -10, null, 20));
        history.note(Retreat.normal(40, now), now, now);
        pass(1);
        assertThat(history.spans(now)).containsExactly(span(Kind.RETREAT, -21, -11., 30),
                span(Kind.RETREAT, -11, -1., 20));
    }

    @Test
    void aLearnedLimitStandsBesideTheRate() {
        history.note(new Retreat(RetreatState.RECOVER, 40, 30, 33, now, now, Probe.none(now)), now, now);
        pass(3);
        assertThat(history.spans(now)).containsExactly(span(Kind.RECOVER, -3, null, 30),
                span(Kind.LEARNED, -3, null, 33));
    }

    @Test
    void aRateThatNeverRestsTakesNoMoreThanItsPlace() {
        for (int i = 0; i < 1_000; i++) {
            note(10 + i % 20, 0);
            now += SECOND / 100;
        }
        assertThat(history.spans(now)).hasSize(LimitHistory.MOST + 1);
    }

    private void note(double level, long pauseSeconds) {
        var retreat = level == 40
                ? Retreat.normal(40, now)
                : new Retreat(RetreatState.RETREAT, 40, level, Retreat.UNKNOWN, now, now, Probe.none(now));
        history.note(retreat, now + pauseSeconds * SECOND, now);
    }

    private void pass(long seconds) {
        now += seconds * SECOND;
    }

    private static LimitSpan pause(long from, double to) {
        return span(Kind.PAUSE, from, to, 0);
    }

    private static LimitSpan span(Kind kind, long from, @Nullable Double to, double rpm) {
        return new LimitSpan(kind, Duration.ofSeconds(from),
                Optional.ofNullable(to).map(seconds -> Duration.ofMillis((long) (seconds * 1_000))), rpm);
    }
}
