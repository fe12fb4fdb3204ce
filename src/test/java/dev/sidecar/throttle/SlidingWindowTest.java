package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static dev.sidecar.throttle.order.Priority.HIGH;
import static dev.sidecar.throttle.order.Priority.LOW;
import static dev.sidecar.throttle.order.Priority.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Pacing;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlidingWindowTest {

    private static final long INTERVAL = 60 * SECOND / 40;

    @Test
    void fromIdleTheBurstCapacityGoesAtOnceWithTheSmallGapBetween() {
        var desk = new Desk(Desk.settings(40, 40, Pacing.WINDOW));
        desk.queue(NORMAL, "n", 100);
        desk.runUntil(60 * SECOND - 1);
        assertThat(desk.grantTimes()).hasSize(40);
        for (int i = 0; i < 40; i++) {
            assertThat(desk.grantTimes().get(i)).isEqualTo(i * 25L * MILLI);
        }
    }

    @Test
    void afterABurstTheFollowingWindowsAreSpreadEvenly() {
        var desk = new Desk(Desk.settings(40, 40, Pacing.WINDOW));
        desk.queue(NORMAL, "n", 400);
        desk.runFor(Duration.ofMinutes(8));
        List<Long> times = desk.grantTimes();
        for (int i = 45; i < times.size(); i++) {
            assertThat(times.get(i) - times.get(i - 1)).isBetween(INTERVAL - 50 * MILLI, INTERVAL + 300 * MILLI);
        }
        assertThat(times.size()).isGreaterThanOrEqualTo(40 * 8);
    }

    @Test
    void aSmallBurstCapacityIsNeverExceededAtOnce() {
        var desk = new Desk(Desk.settings(40, 10, Pacing.WINDOW));
        desk.queue(NORMAL, "n", 400);
        desk.runFor(Duration.ofMinutes(10));
        List<Long> times = desk.grantTimes();
        assertThat(times.get(9)).isEqualTo(9 * 25 * MILLI);
        assertThat(times.get(10)).isGreaterThan(SECOND);
        for (int i = 10; i < times.size(); i++) {
            assertThat(times.get(i) - times.get(i - 10)).isGreaterThan(SECOND);
        }
        assertThat(times.size()).isGreaterThanOrEqualTo(40 * 10 * 97 / 100);
    }

    @Test
    void aLoneRequestWithBudgetLeftGoesAtOnce() {
        var desk = new Desk(Desk.settings(40, 40, Pacing.WINDOW));
        for (int i = 0; i < 40; i++) {
            desk.queue(i % 2 == 0 ? HIGH : NORMAL, "r" + i);
            desk.runFor(Duration.ofMillis(25));
            assertThat(desk.left).hasSize(i + 1);
        }
    }

    @Test
    void lowIsPacedEvenFromIdle() {
        var desk = new Desk(Desk.settings(40, 40, Pacing.WINDOW));
        desk.queue(LOW, "l", 100);
        desk.runFor(Duration.ofMinutes(2));
        List<Long> times = desk.grantTimes();
        for (int i = 1; i < times.size(); i++) {
            assertThat(times.get(i) - times.get(i - 1)).isGreaterThanOrEqualTo(INTERVAL);
        }
        assertThat(times.size()).isEqualTo(81);
    }

    @Test
    void pacedSendsOneByOneAtNinetySevenAndAHalfPercent() {
        var desk = new Desk(Desk.settings(40, 40, Pacing.PACED));
        desk.queue(NORMAL, "n", 500);
        desk.runFor(Duration.ofMinutes(10));
        List<Long> times = desk.grantTimes();
        assertThat(times.getFirst()).isZero();
        for (int i = 1; i < times.size(); i++) {
            assertThat(times.get(i) - times.get(i - 1)).isBetween(1538 * MILLI, 1539 * MILLI);
        }
        assertThat(times).hasSize(390);
    }
}
