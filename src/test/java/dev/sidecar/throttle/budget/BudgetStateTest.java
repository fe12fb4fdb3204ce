package dev.sidecar.throttle.budget;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetStateTest {

    private static final BudgetSettings FIVE = new BudgetSettings(5, 5, Pacing.WINDOW);

    private final Budget budget = new Budget(FIVE, 0);

    private static Budget restored(BudgetState state, long now) {
        var budget = new Budget(FIVE, now);
        budget.restore(state, now);
        return budget;
    }

    @Test
    void agesAreSinceTheLatestPossibleArrivalOldestFirst() {
        BudgetSlot answered = budget.grant(false, 0, 0);
        answered.sent(0);
        answered.succeeded(RateLimitSignal.NONE, 200 * MILLI);
        budget.grant(false, 0, SECOND).sent(SECOND);
        budget.grant(false, 0, SECOND).writing(SECOND);
        assertThat(budget.state(SECOND + 100 * MILLI).ages()).containsExactly(Duration.ofMillis(900),
                Duration.ofMillis(-500), BudgetState.SENT_NOW);
    }

    @Test
    void whatWasSentCountsUntilItsMinuteIsOver() {
        budget.grant(false, 0, 0).sent(0);
        var next = restored(budget.state(10 * SECOND), 1000 * SECOND);
        assertThat(next.window().left(1050 * SECOND + 599 * MILLI)).isEqualTo(4);
        assertThat(next.window().left(1050 * SECOND + 600 * MILLI)).isEqualTo(5);
        assertThat(next.openSlots()).isZero();
    }

    @Test
    void aSlotInHandCountsAsSentNow() {
        budget.grant(false, 0, 0);
        var next = restored(budget.state(10 * SECOND), 0);
        assertThat(next.window().left(60_599 * MILLI)).isEqualTo(4);
        assertThat(next.window().left(60_600 * MILLI)).isEqualTo(5);
    }

    @Test
    void aPauseGoesOnForWhatIsLeftOfIt() {
        var state = new BudgetState(List.of(), budget.state(0).learned(), Duration.ofSeconds(7),
                budget.state(0).pace(), List.of());
        var next = restored(state.after(Duration.ofSeconds(2)), 0);
        assertThat(next.window().delay(false, 1, false, 4 * SECOND)).isEqualTo(SECOND);
        assertThat(state.after(Duration.ofSeconds(8)).pausedFor()).isZero();
    }

    @Test
    void aLearnedRateGoesOnAndTheOperatorsLimitStaysItsCeiling() {
        for (int i = 0; i < 4; i++) {
            BudgetSlot slot = budget.grant(false, 0, i * SECOND);
            slot.sent(i * SECOND);
            slot.refused(RateLimitSignal.unknown(), i * SECOND);
        }
        var learned = budget.retreat(4 * SECOND);
        assertThat(learned.effectiveRpm()).isLessThan(5);
        assertThat(restored(budget.state(4 * SECOND), 0).retreat(0).effectiveRpm()).isEqualTo(learned.effectiveRpm());

        var lower = new Budget(new BudgetSettings(2, 2, Pacing.WINDOW), 0);
        lower.restore(budget.state(4 * SECOND), 0);
        assertThat(lower.window().rule().limit()).isLessThanOrEqualTo(2);
    }

    @Test
    void aFullWindowCountsForAWindow() {
        budget.fill(0);
        assertThat(budget.window().left(60_599 * MILLI)).isZero();
        assertThat(budget.window().left(60_600 * MILLI)).isEqualTo(5);
        assertThat(budget.window().delay(false, 1, false, 60_600 * MILLI)).isLessThanOrEqualTo(0);
    }

    @Test
    void requestsThatNoLongerCountAreLeftOut() {
        budget.grant(false, 0, 0).sent(0);
        budget.grant(false, 0, SECOND).sent(SECOND);
        var state = budget.state(2 * SECOND);
        assertThat(state.after(Duration.ofMillis(58_600)).ages()).containsExactly(Duration.ofSeconds(59));
        assertThat(state.withAges(List.of(Duration.ZERO, Duration.ofSeconds(3))).ages())
                .containsExactly(Duration.ofSeconds(3), Duration.ZERO);
    }
}
