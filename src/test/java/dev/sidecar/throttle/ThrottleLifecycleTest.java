package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.PATIENT;
import static dev.sidecar.throttle.Desk.SECOND;
import static dev.sidecar.throttle.Desk.USUAL;
import static dev.sidecar.throttle.order.Priority.HIGH;
import static dev.sidecar.throttle.order.Priority.LOW;
import static dev.sidecar.throttle.order.Priority.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.throttle.order.Ticket;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThrottleLifecycleTest {

    private static ThrottleSettings one(int queueMax, boolean passthrough) {
        return new ThrottleSettings(1, 1, Pacing.WINDOW, queueMax, Duration.ofMinutes(10), Duration.ofMinutes(10),
                passthrough);
    }

    private static Refusal refused(Admission<String> admission) {
        assertThat(admission).isInstanceOf(Admission.Refused.class);
        return ((Admission.Refused<String>) admission).refusal();
    }

    private static Refusal refused(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        return ((Verdict.Refused) verdict).refusal();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MAX_VALUE - 5, Long.MIN_VALUE, Long.MAX_VALUE - 60_000_000_000L})
    void whoIsPushedBackBeyondItsDeadlineIsRefusedAtThatVeryMoment(long origin) {
        var desk = new Desk(one(10, false), origin);
        desk.queue(NORMAL, "served");
        desk.runUntil(SECOND);
        desk.queue(NORMAL, "pushed back", Duration.ofSeconds(61));
        desk.runUntil(2 * SECOND);
        desk.queue(HIGH, "in front");
        desk.runUntil(2 * 60 * SECOND - 1);
        assertThat(desk.names()).containsExactly("served", "pushed back", "in front");
        assertThat(desk.left.get(1).at()).isEqualTo(2 * SECOND);
        assertThat(desk.left.get(2).at()).isEqualTo(60 * SECOND);
        Refusal refusal = refused(desk.left.get(1).verdict());
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.DEADLINE_UNREACHABLE);
        assertThat(refusal.message()).contains("deadline of 61 s").contains("118 s at the earliest");
    }

    @Test
    void whatCannotStartBeforeItsDeadlineIsRefusedAtOnceWithTheTimeAfterWhichItCould() {
        var desk = new Desk(one(10, false));
        desk.queue(NORMAL, "served");
        desk.runUntil(SECOND);
        Refusal refusal = refused(desk.admit(NORMAL, Duration.ofSeconds(20)));
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.DEADLINE_UNREACHABLE);
        assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(59));
        assertThat(refusal.message()).isEqualTo("This request cannot be sent within its deadline of 20 s: with the"
                + " sidecar's budget of 1 requests per minute, and 0 others before it, it would start in 59 s at the"
                + " earliest. Try again in 59 s.");
        desk.runFor(refusal.retryAfter().plusMillis(1));
        desk.queue(NORMAL, "back", Duration.ofSeconds(20));
        desk.runFor(Duration.ofSeconds(20));
        assertThat(desk.names()).containsExactly("served", "back");
    }

    @Test
    void lowWithTwoSecondsIsRefusedWhenItsOwnPaceIsTooSlowWhileHighIsStillTaken() {
        var desk = new Desk(USUAL);
        desk.queue(LOW, "l0");
        desk.runUntil(0);
        desk.queue(LOW, "l1");
        Refusal refusal = refused(desk.admit(LOW));
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.DEADLINE_UNREACHABLE);
        assertThat(refusal.retryAfter()).isEqualTo(Duration.ofSeconds(3));
        desk.queue(HIGH, "h");
        desk.runUntil(2 * SECOND);
        assertThat(desk.names()).containsExactly("l0", "h", "l1");
    }

    @Test
    void lowIsNotRefusedWhenItsFloorServesItInTimeAndGetsItAfterTheBurst() {
        var desk = new Desk(PATIENT);
        desk.queue(HIGH, "h", 200);
        desk.queue(LOW, "l", Duration.ofSeconds(64));
        desk.runUntil(62 * SECOND);
        assertThat(desk.names().indexOf("l")).isEqualTo(40);
        assertThat(desk.left).allMatch(Desk.Left::granted);
    }

    @Test
    void fortyRequestsAreTakenFromIdleAndTheNextOneOnlyWithPatienceForAWholeWindow() {
        var desk = new Desk(USUAL);
        desk.queue(NORMAL, "n", 40);
        assertThat(refused(desk.admit(NORMAL)).reason()).isEqualTo(Refusal.Reason.DEADLINE_UNREACHABLE);
        desk.runUntil(SECOND);
        assertThat(desk.left).hasSize(40).allMatch(Desk.Left::granted);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void noPatienceIsNeverEnough(long seconds) {
        var desk = new Desk(USUAL);
        assertThat(refused(desk.admit(HIGH, Duration.ofSeconds(seconds))).reason())
                .isEqualTo(Refusal.Reason.DEADLINE_UNREACHABLE);
        assertThat(desk.throttle.size()).isZero();
    }

    @Test
    void morePatienceThanTheTimeoutDoesNotLengthenIt() {
        var desk = new Desk(USUAL);
        Ticket<String> ticket = desk.place(NORMAL, Duration.ofSeconds(Long.MAX_VALUE));
        assertThat(ticket.deadlineNanos() - ticket.arrivalNanos()).isEqualTo(60 * SECOND);
    }

    @Test
    void aFullQueueRefusesOrLetsPassAsItIsSet() {
        var desk = new Desk(one(2, false));
        desk.queue(NORMAL, "n", 2);
        Refusal refusal = refused(desk.admit(NORMAL));
        assertThat(refusal.reason()).isEqualTo(Refusal.Reason.QUEUE_FULL);
        assertThat(refusal.reason().code()).isEqualTo("queue_full");
        assertThat(refusal.message())
                .startsWith("The sidecar's queue is full: 2 requests are waiting and its size is 2.");
        assertThat(refusal.retryAfter()).isEqualTo(Duration.ofMinutes(2));
        desk.throttle.reconfigure(one(2, true));
        assertThat(desk.admit(NORMAL)).isInstanceOf(Admission.Bypassed.class);
        assertThat(desk.throttle.snapshot().refusedFull()).isEqualTo(1);
        assertThat(desk.throttle.snapshot().bypassed()).isEqualTo(1);
        assertThat(desk.throttle.snapshot().openSlots()).isEqualTo(1);
    }

    @Test
    void aQueueOfNoneStillServesWhoeverNeedNotWait() {
        var desk = new Desk(one(0, false));
        desk.queue(NORMAL, "first");
        assertThat(refused(desk.admit(NORMAL)).reason()).isEqualTo(Refusal.Reason.QUEUE_FULL);
        desk.runUntil(SECOND);
        assertThat(desk.names()).containsExactly("first");
        assertThat(refused(desk.admit(NORMAL)).reason()).isEqualTo(Refusal.Reason.QUEUE_FULL);
        desk.runUntil(61 * SECOND);
        desk.queue(NORMAL, "second");
        desk.runUntil(62 * SECOND);
        assertThat(desk.names()).containsExactly("first", "second");
    }

    @Test
    void whoIsAbandonedDepartsOnceAndCostsNothing() {
        var desk = new Desk(one(10, false));
        Ticket<String> ticket = desk.queue(NORMAL, "gone");
        desk.queue(NORMAL, "stays");
        assertThat(desk.throttle.abandon(ticket)).isTrue();
        assertThat(desk.throttle.abandon(ticket)).isFalse();
        desk.runUntil(SECOND);
        assertThat(desk.names()).containsExactly("gone", "stays");
        assertThat(desk.left.getFirst().verdict()).isInstanceOf(Verdict.Abandoned.class);
        assertThat(desk.throttle.snapshot().totalDropped()).isEqualTo(1);
        assertThat(desk.throttle.snapshot().totalDequeued()).isEqualTo(1);
    }

    @Test
    void aPlaceThatWasNeverEnqueuedIsFreeAgainAfterAbandonOrItsDeadline() {
        var desk = new Desk(USUAL);
        Ticket<String> abandoned = desk.place(NORMAL, null);
        Ticket<String> forgotten = desk.place(NORMAL, Duration.ofSeconds(5));
        assertThat(desk.throttle.size()).isEqualTo(2);
        assertThat(desk.throttle.abandon(abandoned)).isTrue();
        desk.runUntil(5 * SECOND);
        assertThat(desk.throttle.size()).isZero();
        assertThat(desk.left).isEmpty();
        desk.throttle.enqueue(forgotten, "late");
        desk.runUntil(6 * SECOND);
        assertThat(refused(desk.left.getFirst().verdict()).reason()).isEqualTo(Refusal.Reason.QUEUE_TIMEOUT);
    }

    @Test
    void aTicketIsEnqueuedOnceAndOnlyAtItsOwnThrottle() {
        var desk = new Desk(USUAL);
        Ticket<String> ticket = desk.queue(NORMAL, "n");
        assertThatIllegalStateException().isThrownBy(() -> desk.throttle.enqueue(ticket, "again"));
        assertThatIllegalArgumentException().isThrownBy(() -> new Desk(USUAL).throttle.abandon(ticket));
    }

    @Test
    void newSettingsHoldAtOnceAndLoseNobody() {
        var desk = new Desk(one(100, false));
        desk.queue(NORMAL, "n", 9);
        desk.runUntil(SECOND);
        desk.throttle.reconfigure(new ThrottleSettings(10, 10, Pacing.WINDOW, 2, Duration.ofSeconds(1),
                Duration.ofSeconds(1), false));
        assertThat(desk.throttle.size()).isEqualTo(8);
        assertThat(desk.throttle.snapshot().queueMax()).isEqualTo(2);
        assertThat(refused(desk.admit(NORMAL)).reason()).isEqualTo(Refusal.Reason.QUEUE_FULL);
        desk.runUntil(61 * SECOND);
        assertThat(desk.left).hasSize(9).allMatch(Desk.Left::granted);
    }

    @Test
    void afterCloseNobodyIsAdmittedAndEverybodyDepartsRefused() {
        var desk = new Desk(one(100, true));
        desk.queue(NORMAL, "n", 3);
        Ticket<String> placed = desk.place(HIGH, null);
        desk.throttle.close();
        desk.throttle.enqueue(placed, "placed");
        desk.runUntil(0);
        assertThat(desk.names()).containsExactlyInAnyOrder("n0", "n1", "n2", "placed");
        assertThat(desk.left).allSatisfy(l -> assertThat(refused(l.verdict()).reason())
                .isEqualTo(Refusal.Reason.SHUTTING_DOWN));
        assertThat(refused(desk.admit(HIGH)).reason()).isEqualTo(Refusal.Reason.SHUTTING_DOWN);
        assertThat(desk.throttle.size()).isZero();
    }

    @Test
    void theSnapshotSaysWhatIsSo() {
        var desk = new Desk(USUAL);
        assertThat(desk.throttle.snapshot().tokens()).isEqualTo(40);
        desk.queue(HIGH, "h", 3);
        desk.queue(LOW, "l");
        desk.runUntil(60 * MILLI);
        ThrottleSnapshot snapshot = desk.throttle.snapshot();
        assertThat(snapshot.tokens()).isBetween(36.9, 37.1);
        assertThat(snapshot.waiting()).containsEntry(LOW, 1).containsEntry(HIGH, 0).containsEntry(NORMAL, 0);
        assertThat(snapshot.size()).isEqualTo(1);
        assertThat(snapshot.totalEnqueued()).isEqualTo(4);
        assertThat(snapshot.totalDequeued()).isEqualTo(3);
        assertThat(snapshot.retreat().effectiveRpm()).isEqualTo(40);
        assertThat(snapshot.healthy()).isTrue();
    }

    @Test
    void aSlotThatNobodyEndsMakesTheBudgetUnhealthyInTheEnd() throws InterruptedException {
        var desk = new Desk(one(10, false));
        desk.queue(NORMAL, "never ends its slot");
        assertThat(desk.throttle.poll(Duration.ZERO)).isNotNull();
        desk.queue(NORMAL, "waits");
        desk.runUntil(100 * SECOND);
        assertThat(desk.throttle.snapshot().healthy()).isTrue();
        desk.runUntil(130 * SECOND);
        assertThat(desk.throttle.snapshot().healthy()).isFalse();
        assertThat(desk.throttle.poll(Duration.ZERO)).isNull();
    }

    @Test
    void settingsOutOfRangeNameTheRuleAndTheValue() {
        assertThatIllegalArgumentException().isThrownBy(() -> Desk.settings(0, 1, Pacing.AUTO))
                .withMessage("limitPerMinute must be from 1 to 1000000: 0");
        assertThatIllegalArgumentException().isThrownBy(() -> Desk.settings(1, 1_000_001, Pacing.AUTO))
                .withMessageContaining("burstCapacity").withMessageContaining("1000001");
        assertThatIllegalArgumentException().isThrownBy(() -> one(-1, true)).withMessageContaining("queueMax");
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(
                        () -> new ThrottleSettings(1, 1, Pacing.AUTO, 1, Duration.ZERO, Duration.ofSeconds(1), true))
                .withMessage("timeout must be above 0 and at most 365 days: PT0S");
    }

    @Test
    void aPriorityIsReadInAnyCaseAndAnythingUnknownIsNormal() {
        assertThat(Priority.parse(" HiGh ")).isEqualTo(HIGH);
        assertThat(Priority.parse("low")).isEqualTo(LOW);
        assertThat(Priority.parse("urgent")).isEqualTo(NORMAL);
        assertThat(Priority.parse("")).isEqualTo(NORMAL);
        assertThat(Priority.parse(null)).isEqualTo(NORMAL);
        assertThat(HIGH.label()).isEqualTo("high");
    }
}
