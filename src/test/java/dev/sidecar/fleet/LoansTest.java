package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.LaneSettings;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.pool.AccountId;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LoansTest {

    private static final AccountId ACCOUNT = new AccountId("only", "only");

    private long now = 1_000_000_000_000L;
    private final ThrottleSettings settings = new ThrottleSettings(2, 2, Pacing.WINDOW, 10, Duration.ofSeconds(60),
            Duration.ofSeconds(60), false);
    private final Throttle<String> queue = new Throttle<>(settings, List.of(LaneSettings.of(settings.budget())),
            () -> now);
    private final Loans loans = new Loans(queue, Timing.USUAL);

    private int free() {
        return Objects.requireNonNull(queue.use(ACCOUNT)).free();
    }

    private void after(long nanos) {
        now += nanos;
        loans.at(now);
    }

    @Test
    void aSeatIsLentOnlyWhileOneIsFree() {
        assertThat(loans.lend("1", ACCOUNT, now)).isTrue();
        assertThat(loans.lend("1", ACCOUNT, now)).isTrue(); // the same again
        assertThat(free()).isEqualTo(1);
        assertThat(loans.lend("2", ACCOUNT, now)).isTrue();
        assertThat(loans.lend("3", ACCOUNT, now)).isFalse();
    }

    @Test
    void whatComesBackUnusedIsFree() {
        loans.lend("1", ACCOUNT, now);
        loans.back("1");
        loans.back("1");
        assertThat(free()).isEqualTo(2);
    }

    @Test
    void whatWasSentCountsFromTheReport() {
        loans.lend("1", ACCOUNT, now);
        after(1_000_000_000L);
        loans.sent("1", now);
        loans.answered("1", now);
        after(BudgetRule.PERIOD - 1);
        assertThat(free()).isEqualTo(1);
        after(1);
        assertThat(free()).isEqualTo(2);
        assertThat(loans.size()).isZero();
    }

    @Test
    void whatNobodyReportsCountsFromTheTimeWhenItCanNoLongerBeSent() {
        loans.lend("1", ACCOUNT, now);
        after(Timing.USUAL.lapse());
        after(BudgetRule.SPAN - 1);
        assertThat(free()).isEqualTo(1);
        after(1);
        assertThat(free()).isEqualTo(2);
    }

    @Test
    void aReportThatIsTooLateCountsAsWell() {
        loans.lend("1", ACCOUNT, now);
        after(Timing.USUAL.lapse());
        after(30_000_000_000L);
        loans.sent("1", now);
        after(BudgetRule.SPAN - 1);
        assertThat(free()).isEqualTo(1);
        after(1);
        assertThat(free()).isEqualTo(2);
    }

    @Test
    void nothingIsRememberedForEver() {
        loans.lend("1", ACCOUNT, now);
        after(Timing.USUAL.lapse());
        after(2 * BudgetRule.SPAN);
        assertThat(loans.size()).isZero();
        assertThat(queue.snapshot().openSlots()).isZero();
    }
}
