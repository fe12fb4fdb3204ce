package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.BudgetRule;
import dev.sidecar.throttle.budget.BypassAllowance;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RateLimitSignal;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.order.ThrottleSnapshot;
import dev.sidecar.throttle.order.Verdict;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes beside a full queue is the sidecar's own doing: it teaches nothing, and it takes little from who waits. */
class BesideAFullQueueTest {

    private static final long MINUTE = 60 * SECOND;

    private static ThrottleSettings settings(int limit, int queueMax) {
        return new ThrottleSettings(limit, limit, Pacing.AUTO, queueMax, Duration.ofSeconds(150),
                Duration.ofSeconds(150), true);
    }

    /** The trial: twice a second before a queue of twenty, and a provider that allows 40 in any minute. */
    @Test
    void itTeachesNoFalseLimitAndCostsNoAnswers() {
        var random = new SplittableRandom(1);
        var sim = new Simulation(settings(40, 20), 0, () -> 2 * MILLI, () -> 50 * MILLI + random.nextLong(200 * MILLI),
                () -> 100 * MILLI);
        var accepted = new ArrayDeque<Long>();
        long[] answers = new long[1];
        sim.provider = () -> {
            while (!accepted.isEmpty() && sim.now() - accepted.getFirst() >= MINUTE) {
                accepted.removeFirst();
            }
            if (accepted.size() >= 40) {
                return Slot::refused;
            }
            accepted.addLast(sim.now());
            answers[0]++;
            return Slot::succeeded;
        };
        for (long at = 0; at < 15 * MINUTE; at += SECOND / 2) {
            sim.arrive(at, Priority.NORMAL);
        }
        sim.runUntil(15 * MINUTE);
        ThrottleSnapshot end = sim.throttle.snapshot();
        assertThat(end.bypassed()).isPositive();
        assertThat(answers[0]).isGreaterThanOrEqualTo(590);
        assertThat(end.retreat().learnedRpm()).isEmpty();
        assertThat(end.retreat().effectiveRpm()).isEqualTo(40);
        assertThat(end.totalDropped()).as("waited in vain").isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {100 * MILLI, 5 * SECOND})
    void aRefusalIsNoEvidenceAndIsNoLongerCounted(long after) {
        var desk = full(new Desk(settings(40, 0)));
        for (int i = 0; i < 3; i++) {
            bypass(desk).sent();
        }
        Slot slot = bypass(desk);
        slot.sent();
        assertThat(desk.throttle.snapshot().minute().used()).isEqualTo(44);
        desk.clock.advance(after);
        slot.refused();
        ThrottleSnapshot then = desk.throttle.snapshot();
        assertThat(then.minute().used()).isEqualTo(43);
        assertThat(then.retreat().evidence()).isEmpty();
        assertThat(then.retreat().refusedShare()).isZero();
        assertThat(then.retreat().paused()).isZero();
        assertThat(then.openSlots()).isEqualTo(3);
    }

    @Test
    void aRefusalOfOneWithASlotIsNoEvidenceAsLongAsTheyCount() {
        var desk = new Desk(settings(40, 0));
        Slot first = grant(desk);
        first.sent();
        fill(desk, 39);
        Slot beside = bypass(desk);
        beside.sent();
        beside.succeeded();
        first.refused();
        assertThat(desk.throttle.snapshot().retreat().evidence()).isEmpty();
        desk.clock.advance(MINUTE + 10 * SECOND);
        grant(desk).refused();
        assertThat(desk.throttle.snapshot().retreat().evidence()).isPresent();
    }

    @Test
    void anAcceptedOneRaisesNothing() {
        var desk = full(new Desk(settings(40, 0)));
        Slot slot = bypass(desk);
        slot.sent();
        slot.succeeded();
        assertThat(desk.throttle.snapshot().minute().used()).isEqualTo(41);
        assertThat(desk.throttle.snapshot().retreat().refusedShare()).isZero();
    }

    @Test
    void thePauseThatItsRefusalAsksForHoldsForAll() {
        var desk = full(new Desk(settings(40, 0)));
        Slot slot = bypass(desk);
        slot.sent();
        slot.refused(wait(Duration.ofMinutes(10)));
        assertThat(desk.throttle.snapshot().retreat().paused()).isEqualTo(Duration.ofMinutes(10));
        desk.clock.advance(10 * MINUTE - 1);
        assertThat(refusal(desk.admit(Priority.HIGH))).isEqualTo(Refusal.Reason.QUEUE_FULL);
        desk.clock.advance(1);
        full(desk);
        bypass(desk);
    }

    @Test
    void afterARefusalNothingGoesForTwoWindows() {
        var bypasses = new BypassAllowance();
        bypasses.granted(0);
        bypasses.refused(SECOND);
        assertThat(bypasses.mayGo(40, SECOND + 2 * BudgetRule.SPAN - 1)).isFalse();
        assertThat(bypasses.mayGo(40, SECOND + 2 * BudgetRule.SPAN)).isTrue();
        bypasses.refused(10 * MINUTE);
        assertThat(bypasses.mayGo(40, 11 * MINUTE)).as("one with a slot was refused").isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 40, 61})
    void aQuarterOfTheLimitGoesInAMinuteAndOneAtLeast(int limit) {
        var bypasses = new BypassAllowance();
        int quarter = Math.max(1, limit / 4);
        for (int i = 0; i < quarter; i++) {
            assertThat(bypasses.mayGo(limit, i)).isTrue();
            bypasses.granted(i);
        }
        assertThat(bypasses.mayGo(limit, BudgetRule.SPAN - 1)).isFalse();
        assertThat(bypasses.mayGo(limit, BudgetRule.SPAN)).isTrue();
        bypasses.granted(BudgetRule.SPAN);
        assertThat(bypasses.mayGo(limit, BudgetRule.SPAN)).isFalse();
    }

    @Test
    void whoFindsNoPlaceThereEitherIsRefused() {
        var desk = full(new Desk(settings(40, 0)));
        for (int i = 0; i < 10; i++) {
            bypass(desk).sent();
        }
        assertThat(refusal(desk.admit(Priority.HIGH))).isEqualTo(Refusal.Reason.QUEUE_FULL);
        assertThat(desk.throttle.snapshot().bypassed()).isEqualTo(10);
    }

    @Test
    void nothingGoesToAModelOfWhichTheWorkersAreTaken() {
        var desk = new Desk(settings(40, 1));
        var queued = (Admission.Queued<String>) desk.throttle.admit(Priority.NORMAL, null, "busy");
        desk.throttle.enqueue(queued.ticket(), "first");
        assertThat(desk.leave()).isNotNull();
        desk.throttle.workerCapReached(queued.ticket());
        desk.place(Priority.NORMAL, null);
        assertThat(refusal(desk.throttle.admit(Priority.NORMAL, null, "busy"))).isEqualTo(Refusal.Reason.QUEUE_FULL);
        assertThat(desk.throttle.admit(Priority.NORMAL, null, "idle")).isInstanceOf(Admission.Bypassed.class);
    }

    /** A queue of nobody is full when there is no slot at once. */
    private static Desk full(Desk desk) {
        fill(desk, desk.throttle.snapshot().minute().left());
        return desk;
    }

    private static void fill(Desk desk, int count) {
        for (int i = 0; i < count; i++) {
            Slot slot = grant(desk);
            slot.sent();
            slot.succeeded();
        }
    }

    private static Slot grant(Desk desk) {
        desk.clock.advance(25 * MILLI);
        desk.queue(Priority.NORMAL, "who");
        Next<String> next = desk.throttle.next();
        assertThat(next).isInstanceOf(Next.Depart.class);
        Verdict verdict = ((Next.Depart<String>) next).departure().verdict();
        assertThat(verdict).isInstanceOf(Verdict.Granted.class);
        return ((Verdict.Granted) verdict).slot();
    }

    private static Slot bypass(Desk desk) {
        Admission<String> admission = desk.admit(Priority.NORMAL);
        assertThat(admission).isInstanceOf(Admission.Bypassed.class);
        return ((Admission.Bypassed<String>) admission).slot();
    }

    private static Refusal.Reason refusal(Admission<String> admission) {
        assertThat(admission).isInstanceOf(Admission.Refused.class);
        return ((Admission.Refused<String>) admission).refusal().reason();
    }

    private static RateLimitSignal wait(Duration pause) {
        return new RateLimitSignal(RateLimitSignal.Kind.REQUEST_RATE, Optional.of(pause), OptionalInt.empty(),
                OptionalInt.empty(), Optional.empty());
    }
}
