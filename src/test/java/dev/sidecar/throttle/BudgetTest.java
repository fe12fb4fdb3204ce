package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static dev.sidecar.throttle.order.Priority.NORMAL;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.Slot;
import dev.sidecar.throttle.count.TimestampRing;
import dev.sidecar.throttle.order.Next;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Verdict;
import org.junit.jupiter.api.Test;

class BudgetTest {

    private final Desk desk = new Desk(Desk.settings(2, 2, Pacing.AUTO));

    private Slot grant() {
        desk.queue(NORMAL, "n");
        var departure = ((Next.Depart<String>) desk.throttle.next()).departure();
        return ((Verdict.Granted) departure.verdict()).slot();
    }

    private int left() {
        return desk.throttle.snapshot().minute().left();
    }

    @Test
    void aSlotEndsOnceWhicheverEndingComesFirst() {
        Slot slot = grant();
        assertThat(slot.isEnded()).isFalse();
        assertThat(slot.succeeded()).isTrue();
        assertThat(slot.succeeded()).isFalse();
        assertThat(slot.refused()).isFalse();
        assertThat(slot.giveBack()).isFalse();
        slot.sent();
        assertThat(slot.isEnded()).isTrue();
        assertThat(left()).isEqualTo(1);
        assertThat(desk.throttle.snapshot().retreat().pacing()).isEqualTo(Pacing.WINDOW);
    }

    @Test
    void aSlotGivenBackUnsentReturnsTheBudgetAndItsPlaceInTime() {
        assertThat(grant().giveBack()).isTrue();
        assertThat(left()).isEqualTo(2);
        assertThat(desk.throttle.snapshot().tokens()).isEqualTo(2);
        desk.throttle.reconfigure(Desk.settings(2, 2, Pacing.PACED));
        grant().giveBack();
        grant();
    }

    @Test
    void aSlotGivenBackAfterItWasSentStaysUsed() {
        Slot slot = grant();
        slot.sent();
        assertThat(slot.giveBack()).isTrue();
        assertThat(left()).isEqualTo(1);
    }

    @Test
    void aSlotCountsFromItsSendNotFromItsGrant() {
        Slot slot = grant();
        desk.clock.advance(50 * SECOND);
        slot.sent();
        desk.clock.advance(60_600 * MILLI - 1);
        assertThat(left()).isEqualTo(1);
        desk.clock.advance(1);
        assertThat(left()).isEqualTo(2);
    }

    @Test
    void aLargeBodyIsUsedWhileItIsWrittenAndCountsForLongerAfterwards() {
        var desk = new Desk(Desk.settings(1, 1, Pacing.WINDOW));
        desk.queue(Priority.HIGH, "upload");
        var departure = ((Next.Depart<String>) desk.throttle.next()).departure();
        Slot slot = ((Verdict.Granted) departure.verdict()).slot();
        slot.writing();
        desk.clock.advance(90 * Desk.SECOND);
        assertThat(desk.throttle.snapshot().minute().used()).isEqualTo(1);
        slot.sent();
        slot.writing();
        desk.clock.advance(60 * Desk.SECOND + 60 * Desk.SECOND - 1);
        assertThat(desk.throttle.snapshot().minute().used()).isEqualTo(1);
        desk.clock.advance(1);
        assertThat(desk.throttle.snapshot().minute().used()).isZero();
    }

    @Test
    void theNextGrantWaitsAMomentForTheOneBeforeToBeSent() {
        desk.throttle.reconfigure(Desk.settings(100_000, 10, Pacing.WINDOW));
        Slot first = grant();
        desk.queue(NORMAL, "second");
        desk.clock.advance(15_000);
        assertThat(desk.leave()).isNull();
        first.sent();
        assertThat(desk.leave()).isNotNull();
        grantAfterWaiting();
    }

    private void grantAfterWaiting() {
        desk.clock.advance(MILLI);
        grant();
        desk.queue(NORMAL, "not forever");
        desk.clock.advance(60 * SECOND / 100_000 / 2);
        assertThat(desk.leave()).isNotNull();
    }

    @Test
    void refusalsInsideTheLimitTurnAutoIntoPacedForGood() {
        refuse(grant());
        assertThat(pacing()).as("one may be chance").isEqualTo(Pacing.WINDOW);
        desk.clock.advance(SECOND);
        refuse(grant());
        assertThat(pacing()).isEqualTo(Pacing.PACED);
        desk.throttle.reconfigure(Desk.settings(3, 3, Pacing.AUTO));
        assertThat(pacing()).isEqualTo(Pacing.PACED);
        desk.throttle.reconfigure(Desk.settings(3, 3, Pacing.WINDOW));
        assertThat(pacing()).isEqualTo(Pacing.WINDOW);
    }

    @Test
    void refusalsDoNotChangeAFixedPacing() {
        desk.throttle.reconfigure(Desk.settings(3, 3, Pacing.WINDOW));
        refuse(grant());
        desk.clock.advance(SECOND);
        refuse(grant());
        assertThat(pacing()).isEqualTo(Pacing.WINDOW);
    }

    private Pacing pacing() {
        return desk.throttle.snapshot().retreat().pacing();
    }

    private static void refuse(Slot slot) {
        slot.sent();
        slot.refused();
    }

    @Test
    void drainingLeavesNothingUntilTheWindowHasPassed() {
        desk.throttle.drain();
        assertThat(left()).isZero();
        desk.throttle.drain();
        desk.clock.advance(60_600 * MILLI - 1);
        assertThat(left()).isZero();
        desk.clock.advance(1);
        assertThat(left()).isEqualTo(2);
    }

    @Test
    void theRingOfStampsGrowsAndShrinksAndKeepsItsOrder() {
        var ring = new TimestampRing();
        for (int round = 0; round < 3; round++) {
            for (long i = 0; i < 100_000; i++) {
                ring.append(i);
            }
            ring.append(5);
            assertThat(ring.get(ring.size() - 1)).isEqualTo(99_999);
            for (int i = 0; i < 100_000; i++) {
                assertThat(ring.get(0)).isEqualTo(i);
                ring.dropOldest();
            }
            ring.dropOldest();
            assertThat(ring.size()).isZero();
            assertThat(ring.room()).isLessThanOrEqualTo(64);
        }
    }
}
