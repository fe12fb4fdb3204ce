package dev.sidecar.throttle.budget;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static dev.sidecar.throttle.budget.RetreatState.NORMAL;
import static dev.sidecar.throttle.budget.RetreatState.RECOVER;
import static dev.sidecar.throttle.budget.RetreatState.RETREAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetreatTest {

    private static final long MINUTE = 60 * SECOND;

    /** Cut at {@code now}: 30 a minute, and this taken for the limit. */
    private static Retreat cut(double load, long now) {
        return Retreat.normal(40, now - MINUTE).refused(load, now - SECOND, true, now);
    }

    /** Has a learned limit of 30 and runs at it since minute 1; the first probe is due at minute 3. */
    private static Retreat atThirty() {
        Retreat retreat = cut(30, 0).at(true, MINUTE);
        assertThat(retreat.state()).isEqualTo(RECOVER);
        assertThat(retreat.level()).isEqualTo(30);
        return retreat;
    }

    private static Retreat probing(boolean paced) {
        Retreat retreat = atThirty().at(paced, 3 * MINUTE);
        assertThat(retreat.probe().running()).isTrue();
        return retreat;
    }

    @Test
    void aFewRefusalsChangeNothing() {
        Retreat retreat = Retreat.normal(40, 0).refused(39, 0, false, SECOND).refused(20, 0, false, 2 * SECOND);
        assertThat(retreat.state()).isEqualTo(NORMAL);
        assertThat(retreat.level()).isEqualTo(40);
        assertThat(retreat.limit()).isEqualTo(Retreat.UNKNOWN);
        assertThat(retreat.delay(2 * SECOND)).isEqualTo(Long.MAX_VALUE);
    }

    @ParameterizedTest
    @CsvSource({"39, 30, 39", "30, 30, 30", "24, 24, 24", "20, 20, 20"})
    void tooManyRefusalsCutTheRateByAQuarterAndFurtherWhereTheLoadSaysSo(double load, double level, double limit) {
        Retreat retreat = cut(load, 0);
        assertThat(retreat.state()).isEqualTo(RETREAT);
        assertThat(retreat.level()).isEqualTo(level);
        assertThat(retreat.limit()).isEqualTo(limit);
    }

    @Test
    void aLoadOfLessThanHalfTheRateIsNotTakenForTheLimit() {
        Retreat retreat = cut(19, 0);
        assertThat(retreat.state()).isEqualTo(RETREAT);
        assertThat(retreat.level()).isEqualTo(30);
        assertThat(retreat.limit()).isEqualTo(Retreat.UNKNOWN);
    }

    @Test
    void aWindowWithoutRefusalsEndsTheRetreatAndAnyRefusalBeginsTheWindowAnew() {
        Retreat retreat = cut(39, 0);
        assertThat(retreat.delay(0)).isEqualTo(MINUTE);
        assertThat(retreat.at(true, MINUTE - 1)).isEqualTo(retreat);
        assertThat(retreat.at(true, MINUTE).state()).isEqualTo(RECOVER);
        Retreat refused = retreat.refused(39, -SECOND, false, 30 * SECOND);
        assertThat(refused.delay(MINUTE)).isEqualTo(30 * SECOND);
        assertThat(refused.at(true, 90 * SECOND - 1).state()).isEqualTo(RETREAT);
        assertThat(refused.at(true, 90 * SECOND).state()).isEqualTo(RECOVER);
    }

    @Test
    void theRateRisesStepByStepAndBackAtTheBaseItIsNormal() {
        Retreat retreat = cut(5, 0).at(true, MINUTE);
        long now = MINUTE;
        for (double level : new double[]{30, 32, 34, 36, 38}) {
            assertThat(retreat.state()).isEqualTo(RECOVER);
            assertThat(retreat.level()).isEqualTo(level);
            assertThat(retreat.delay(now)).isEqualTo(10 * SECOND);
            assertThat(retreat.at(true, now + 10 * SECOND - 1)).isEqualTo(retreat);
            now += 10 * SECOND;
            retreat = retreat.at(true, now);
        }
        assertThat(retreat.state()).isEqualTo(NORMAL);
        assertThat(retreat.level()).isEqualTo(40);
    }

    @Test
    void itRisesNoFurtherThanWhatWasLearned() {
        Retreat retreat = cut(33, 0);
        for (long now = MINUTE; now < 3 * MINUTE; now += 10 * SECOND) {
            retreat = retreat.at(true, now);
            assertThat(retreat.state()).isEqualTo(RECOVER);
            assertThat(retreat.level()).isLessThanOrEqualTo(33);
        }
        assertThat(retreat.level()).isEqualTo(33);
        assertThat(retreat.delay(3 * MINUTE - SECOND)).isEqualTo(SECOND);
    }

    @Test
    void whatIsRefusedSoonAfterACutLowersTheEstimateOnly() {
        Retreat retreat = cut(39, 0).refused(36, SECOND, true, 10 * SECOND - 1);
        assertThat(retreat.level()).isEqualTo(30);
        assertThat(retreat.limit()).isEqualTo(36);
        assertThat(retreat.refused(28, SECOND, true, 10 * SECOND - 1).level()).isEqualTo(28);
    }

    @Test
    void whatWasSentBeforeTheCutNeverCutsAgainHoweverLateItIsRefused() {
        Retreat retreat = cut(39, 0).refused(38, 0, true, 50 * SECOND);
        assertThat(retreat.level()).isEqualTo(30);
        assertThat(retreat.limit()).isEqualTo(38);
    }

    @Test
    void whatIsStillRefusedTenSecondsAfterACutCutsAgain() {
        Retreat retreat = cut(39, 0).refused(38, 1, false, 10 * SECOND);
        assertThat(retreat.state()).isEqualTo(RETREAT);
        assertThat(retreat.level()).isEqualTo(22.5);
        assertThat(retreat.limit()).isEqualTo(38);
    }

    @Test
    void anAcceptedRequestThatWasOnItsWayAtTheCutCorrectsTheEstimate() {
        Retreat retreat = cut(30, 0);
        assertThat(retreat.accepted(33, 0, true, SECOND).limit()).isEqualTo(34);
        assertThat(retreat.accepted(33, 0, true, SECOND).level()).isEqualTo(30);
        assertThat(retreat.accepted(29, 0, true, SECOND)).isEqualTo(retreat);
        assertThat(retreat.accepted(60, 0, true, SECOND).limit()).isEqualTo(40);
        assertThat(retreat.accepted(33, 1, true, SECOND)).isEqualTo(retreat);
    }

    @Test
    void aRefusalAtTheLearnedLimitCorrectsItAndManyCutTheRate() {
        assertThat(atThirty().refused(30, 2 * MINUTE, false, 2 * MINUTE + 1).limit()).isCloseTo(29.1, within(1e-9));
        assertThat(atThirty().refused(29.5, 2 * MINUTE, false, 2 * MINUTE + 1).limit()).isEqualTo(29.5);
        assertThat(atThirty().refused(16, 2 * MINUTE, false, 2 * MINUTE + 1).limit()).isCloseTo(29.1, within(1e-9));
        Retreat cut = atThirty().refused(30, 2 * MINUTE, true, 2 * MINUTE + 1);
        assertThat(cut.state()).isEqualTo(RETREAT);
        assertThat(cut.level()).isEqualTo(22.5);
    }

    @Test
    void aCorrectedLimitIsNotProbedAtOnce() {
        Retreat corrected = atThirty().refused(30, 2 * MINUTE, false, 3 * MINUTE - SECOND);
        assertThat(corrected.at(true, 5 * MINUTE - SECOND - 1)).isEqualTo(corrected);
        assertThat(corrected.at(true, 5 * MINUTE - SECOND).probe().running()).isTrue();
    }

    @Test
    void aProbeGoesAQuarterAboveTheLearnedLimitWhenPacedAndOneAboveItOtherwise() {
        assertThat(atThirty().at(true, 3 * MINUTE - 1)).isEqualTo(atThirty());
        assertThat(probing(true).level()).isEqualTo(37.5);
        assertThat(probing(false).level()).isEqualTo(31);
        assertThat(probing(true).limit()).isEqualTo(30);
        assertThat(probing(true).state()).isEqualTo(RECOVER);
        assertThat(probing(true).delay(3 * MINUTE)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aProbeNeverGoesAboveTheBase() {
        Retreat retreat = cut(35, 0);
        for (long now = MINUTE; now <= 5 * MINUTE; now += 10 * SECOND) {
            retreat = retreat.at(true, now);
        }
        assertThat(retreat.probe().running()).isTrue();
        assertThat(retreat.level()).isEqualTo(40);
    }

    @Test
    void whatAProbeIsRefusedAtIsLearnedButNoMoreThanATenthAtOnce() {
        long now = 3 * MINUTE + 30 * SECOND;
        assertThat(probing(true).refused(32, now - 1, false, now).limit()).isEqualTo(32);
        assertThat(probing(true).refused(37, now - 1, false, now).limit()).isCloseTo(33, within(1e-9));
        assertThat(probing(true).refused(27, now - 1, false, now).level()).isEqualTo(27);
        assertThat(probing(true).refused(3, now - 1, false, now).level()).isCloseTo(29.1, within(1e-9));
        assertThat(probing(true).refused(32, now - 1, false, now).probe().running()).isFalse();
    }

    @Test
    void whatAProbeHasShownIsBelievedOnlyAfterAWholeWindow() {
        assertThat(probing(true).accepted(36, 3 * MINUTE, true, 4 * MINUTE - 1)).isEqualTo(probing(true));
        assertThat(probing(true).accepted(29, 3 * MINUTE, true, 4 * MINUTE)).isEqualTo(probing(true));
        Retreat raised = probing(true).accepted(35, 3 * MINUTE, true, 4 * MINUTE);
        assertThat(raised.limit()).isEqualTo(36);
        assertThat(raised.level()).isEqualTo(40);
        assertThat(raised.probe().running()).isTrue();
        assertThat(probing(true).accepted(38.5, 3 * MINUTE, true, 4 * MINUTE).limit()).isEqualTo(37.5);
    }

    @Test
    void aProbeThatReachesTheBaseEndsInNormal() {
        Retreat raised = probing(true).accepted(35, 3 * MINUTE, true, 4 * MINUTE);
        assertThat(raised.accepted(38, 4 * MINUTE, true, 5 * MINUTE).state()).isEqualTo(RECOVER);
        Retreat arrived = raised.accepted(38.5, 4 * MINUTE, true, 5 * MINUTE);
        assertThat(arrived.state()).isEqualTo(NORMAL);
        assertThat(arrived.level()).isEqualTo(40);
        assertThat(arrived.limit()).isEqualTo(Retreat.UNKNOWN);
    }

    @Test
    void aGainThatIsRefusedWithinItsTrialIsTakenBackHalfAndThenWholly() {
        Retreat gained = probing(true).refused(32, 3 * MINUTE, false, 4 * MINUTE);
        Retreat half = gained.refused(32, 5 * MINUTE, false, 6 * MINUTE);
        assertThat(half.limit()).isEqualTo(31);
        assertThat(half.level()).isEqualTo(31);
        Retreat back = half.refused(31, 7 * MINUTE, true, 8 * MINUTE);
        assertThat(back.state()).isEqualTo(RECOVER);
        assertThat(back.limit()).isEqualTo(30);
        assertThat(back.level()).isEqualTo(30);
    }

    @Test
    void aGainThatHasLastedIsCorrectedOnlyALittle() {
        Retreat gained = probing(true).refused(32, 3 * MINUTE, false, 4 * MINUTE);
        assertThat(gained.refused(32, 8 * MINUTE, false, 9 * MINUTE).limit()).isCloseTo(32 * 0.97, within(1e-9));
    }

    @Test
    void aBaseThatIsDisprovedOnTrialGoesBackToWhatWasLearnedBefore() {
        Retreat arrived = probing(true).accepted(35, 3 * MINUTE, true, 4 * MINUTE)
                .accepted(39, 4 * MINUTE, true, 5 * MINUTE);
        Retreat back = arrived.refused(38, 6 * MINUTE, true, 6 * MINUTE + 1);
        assertThat(back.state()).isEqualTo(RETREAT);
        assertThat(back.limit()).isEqualTo(30);
        assertThat(back.level()).isEqualTo(30);
        assertThat(arrived.refused(38, 10 * MINUTE, true, 10 * MINUTE).limit()).isEqualTo(38);
    }

    @Test
    void anotherBaseKeepsWhatWasLearnedWhereItStillRestricts() {
        Retreat retreat = cut(33, 0);
        assertThat(retreat.rebased(80, SECOND)).isEqualTo(new Retreat(RETREAT, 80, 30, 33, 0, 0, retreat.probe()));
        assertThat(retreat.rebased(31, SECOND).level()).isEqualTo(30);
        assertThat(retreat.rebased(31, SECOND).state()).isEqualTo(RETREAT);
        assertThat(retreat.rebased(20, SECOND)).isEqualTo(Retreat.normal(20, SECOND));
        assertThat(Retreat.normal(40, 0).rebased(80, SECOND)).isEqualTo(Retreat.normal(80, SECOND));
        assertThat(probing(true).rebased(32, 3 * MINUTE).level()).isEqualTo(32);
    }

    @Test
    void whatAProbeIsRefusedAtIsNeverAboveABaseThatWasLoweredMeanwhile() {
        Retreat retreat = probing(true).rebased(32, 3 * MINUTE).refused(37, 3 * MINUTE, false, 3 * MINUTE + SECOND);
        assertThat(retreat.level()).isEqualTo(32);
        assertThat(retreat.limit()).isEqualTo(32);
    }

    @Test
    void aBaseOfOneIsNotCutOnTrialEither() {
        Retreat retreat = Retreat.normal(1, 0).refused(1, 0, true, 0).at(true, MINUTE).at(true, 3 * MINUTE)
                .accepted(1, 3 * MINUTE, true, 4 * MINUTE);
        assertThat(retreat.state()).isEqualTo(NORMAL);
        assertThat(retreat.refused(1, 5 * MINUTE, true, 5 * MINUTE).level()).isEqualTo(1);
    }

    @Property(tries = 1000)
    void whateverComesTheRateStaysWithinItsBoundsAndTheStatesFollowEachOther(@ForAll long seed) {
        var random = new Random(seed);
        long origin = random.nextBoolean() ? Long.MAX_VALUE - random.nextInt(600) * SECOND : random.nextLong();
        assertThat(run(new Random(seed), origin)).isEqualTo(run(new Random(seed), 0));
    }

    /** What the states and rates were after each of some random events. */
    private static List<String> run(Random random, long origin) {
        long now = origin;
        long refusedAt = origin - MINUTE;
        Retreat retreat = Retreat.normal(1 + random.nextInt(random.nextBoolean() ? 3 : 60), now);
        List<String> story = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            Retreat before = retreat;
            now += random.nextInt(4) == 0 ? random.nextInt(100) * SECOND : random.nextInt(3000) * MILLI;
            boolean paced = random.nextBoolean();
            long sentAt = now - random.nextInt(5000) * MILLI;
            double load = random.nextInt((int) (1.5 * before.base()) + 2);
            boolean alarm = random.nextBoolean();
            switch (random.nextInt(6)) {
                case 0, 1 -> retreat = settled(before, paced, now);
                case 2 -> {
                    retreat = before.refused(load, sentAt, alarm, now);
                    refusedAt = now;
                    checkRefused(before, retreat, alarm);
                }
                case 3, 4 -> {
                    retreat = before.accepted(load, sentAt, paced, now);
                    assertThat(retreat.state()).isIn(before.state(), NORMAL);
                    assertThat(before.state() == RETREAT && retreat.state() == NORMAL).isFalse();
                }
                default -> {
                    if (random.nextInt(4) == 0) {
                        int base = 1 + random.nextInt(60);
                        retreat = before.rebased(base, now);
                        assertThat(retreat.base()).isEqualTo(base);
                        assertThat(retreat.state()).isIn(before.state(), NORMAL);
                    }
                }
            }
            assertThat(retreat.level()).as("after %s", before).isBetween(1.0, retreat.base());
            assertThat(retreat.limit()).isGreaterThanOrEqualTo(1);
            if (retreat.state() == NORMAL) {
                assertThat(retreat.level()).isEqualTo(retreat.base());
            }
            if (before.state() == RETREAT && retreat.state() == RECOVER) {
                assertThat(now - refusedAt).isGreaterThanOrEqualTo(MINUTE);
            }
            story.add(retreat.state() + " " + retreat.level() + " " + retreat.limit());
        }
        return story;
    }

    /** A moment settles in a few steps, and then there is something to wait for. */
    private static Retreat settled(Retreat before, boolean paced, long now) {
        Retreat retreat = before;
        for (int step = 0; step < 3; step++) {
            retreat = retreat.at(paced, now);
        }
        assertThat(retreat.delay(now)).isPositive();
        assertThat(retreat.at(paced, now)).isEqualTo(retreat);
        if (before.state() == NORMAL) {
            assertThat(retreat).isEqualTo(before);
        }
        return retreat;
    }

    private static void checkRefused(Retreat before, Retreat after, boolean alarm) {
        if (after.state() == before.state()) {
            return;
        }
        assertThat(alarm).isTrue();
        assertThat(after.state()).isEqualTo(RETREAT);
        assertThat(after.level()).isLessThanOrEqualTo(Math.max(1, 0.75 * before.level()));
    }
}
