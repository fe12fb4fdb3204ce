package dev.sidecar.throttle.budget;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.RateLimitSignal.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AdaptiveLimitTest {

    private static final long MINUTE = 60 * SECOND;
    private static final long INTERVAL = 1500 * MILLI;

    private final AdaptiveLimit auto = new AdaptiveLimit(settings(40, Pacing.AUTO), 0);

    private static BudgetSettings settings(int limit, Pacing pacing) {
        return new BudgetSettings(limit, limit, pacing);
    }

    private static RateLimitSignal signal(Kind kind, Duration pause) {
        return new RateLimitSignal(kind, Optional.of(pause), OptionalInt.empty(), OptionalInt.empty(),
                Optional.empty());
    }

    private static RateLimitSignal silent(Kind kind) {
        return new RateLimitSignal(kind, Optional.empty(), OptionalInt.empty(), OptionalInt.empty(), Optional.empty());
    }

    private static void accept(AdaptiveLimit limit, int count, long now) {
        for (int i = 0; i < count; i++) {
            limit.accepted(10, now, RateLimitSignal.NONE, now);
        }
    }

    /** A refusal inside the limit, without a word. */
    private static void refuse(AdaptiveLimit limit, long now) {
        limit.refused(39, now, true, RateLimitSignal.unknown(), INTERVAL, now);
    }

    private static RetreatState state(AdaptiveLimit limit, long now) {
        return limit.snapshot(now).state();
    }

    @Test
    void oneRefusalMayBeChance() {
        refuse(auto, SECOND);
        assertThat(auto.isPaced()).isFalse();
        assertThat(auto.level()).isEqualTo(40);
        assertThat(state(auto, SECOND)).isEqualTo(RetreatState.NORMAL);
    }

    @Test
    void twoOfFewAnswersInAMinuteMeanPacedAndRetreat() {
        accept(auto, 37, SECOND);
        refuse(auto, 2 * SECOND);
        refuse(auto, 3 * SECOND);
        assertThat(auto.isPaced()).isTrue();
        assertThat(auto.level()).isEqualTo(30);
        assertThat(state(auto, 3 * SECOND)).isEqualTo(RetreatState.RETREAT);
    }

    @Test
    void twoOfFortyAreNotMoreThanFivePercent() {
        accept(auto, 38, SECOND);
        refuse(auto, 2 * SECOND);
        refuse(auto, 3 * SECOND);
        assertThat(auto.isPaced()).isFalse();
        assertThat(state(auto, 3 * SECOND)).isEqualTo(RetreatState.NORMAL);
        refuse(auto, 4 * SECOND);
        assertThat(auto.isPaced()).isTrue();
        assertThat(state(auto, 4 * SECOND)).isEqualTo(RetreatState.RETREAT);
    }

    @Test
    void afterARetreatItTakesThreeToBeginTheNext() {
        refuse(auto, 0);
        refuse(auto, SECOND);
        auto.at(61 * SECOND);
        refuse(auto, 62 * SECOND);
        refuse(auto, 63 * SECOND);
        assertThat(state(auto, 63 * SECOND)).isEqualTo(RetreatState.RECOVER);
        refuse(auto, 64 * SECOND);
        assertThat(state(auto, 64 * SECOND)).isEqualTo(RetreatState.RETREAT);
    }

    @Test
    void aMinuteLaterARefusalIsForgotten() {
        refuse(auto, 0);
        refuse(auto, MINUTE);
        assertThat(auto.isPaced()).isFalse();
        assertThat(state(auto, MINUTE)).isEqualTo(RetreatState.NORMAL);
    }

    @Test
    void fourWithinTenMinutesHoweverRareMeanPacedButNoRetreat() {
        for (int i = 1; i <= 4; i++) {
            assertThat(auto.isPaced()).isFalse();
            refuse(auto, 2L * i * MINUTE);
        }
        assertThat(auto.isPaced()).isTrue();
        assertThat(auto.level()).isEqualTo(40);
        assertThat(state(auto, 8 * MINUTE)).isEqualTo(RetreatState.NORMAL);
    }

    @Test
    void fourInALongerTimeMeanNothing() {
        for (int i = 1; i <= 20; i++) {
            refuse(auto, 4L * i * MINUTE);
        }
        assertThat(auto.isPaced()).isFalse();
        assertThat(state(auto, 80 * MINUTE)).isEqualTo(RetreatState.NORMAL);
    }

    @Test
    void whatIsRefusedAboveTheLimitDoesNotChangeThePacing() {
        for (int i = 0; i < 10; i++) {
            auto.refused(45, i * SECOND, false, RateLimitSignal.unknown(), INTERVAL, i * SECOND);
        }
        assertThat(auto.isPaced()).isFalse();
        assertThat(state(auto, 9 * SECOND)).isEqualTo(RetreatState.RETREAT);
    }

    @Test
    void whenThePacingIsFixedRareRefusalsInsideTheLimitMeanRetreat() {
        for (Pacing fixed : List.of(Pacing.WINDOW, Pacing.PACED)) {
            var limit = new AdaptiveLimit(settings(40, fixed), 0);
            for (int i = 1; i <= 4; i++) {
                assertThat(state(limit, 2L * i * MINUTE)).isEqualTo(RetreatState.NORMAL);
                refuse(limit, 2L * i * MINUTE);
            }
            assertThat(limit.isPaced()).isEqualTo(fixed == Pacing.PACED);
            assertThat(state(limit, 8 * MINUTE)).isEqualTo(RetreatState.RETREAT);
        }
    }

    @Test
    void onceAutoIsPacedItStaysSoUntilThePacingIsSetAnew() {
        refuse(auto, 0);
        refuse(auto, SECOND);
        for (long now = 10 * SECOND; now < 10 * MINUTE; now += 10 * SECOND) {
            auto.at(now);
            accept(auto, 5, now);
        }
        assertThat(auto.isPaced()).isTrue();
        auto.reconfigure(settings(50, Pacing.AUTO), 10 * MINUTE);
        assertThat(auto.isPaced()).isTrue();
        auto.reconfigure(settings(50, Pacing.WINDOW), 10 * MINUTE);
        assertThat(auto.isPaced()).isFalse();
        auto.reconfigure(settings(50, Pacing.AUTO), 10 * MINUTE);
        assertThat(auto.isPaced()).isFalse();
    }

    @Test
    void aRefusalForTokensOnlyPauses() {
        for (int i = 0; i < 10; i++) {
            auto.refused(39, i * SECOND, true, signal(Kind.TOKEN_RATE, Duration.ofSeconds(20)), INTERVAL, i * SECOND);
        }
        assertThat(auto.isPaced()).isFalse();
        assertThat(auto.level()).isEqualTo(40);
        assertThat(auto.pausedUntil()).isEqualTo(29 * SECOND);
        RetreatSnapshot snapshot = auto.snapshot(9 * SECOND);
        assertThat(snapshot.state()).isEqualTo(RetreatState.NORMAL);
        assertThat(snapshot.refusedShare()).isZero();
        assertThat(snapshot.evidence()).isEmpty();
        assertThat(snapshot.paused()).isEqualTo(Duration.ofSeconds(20));
    }

    @Test
    void aRefusalForTokensWithoutATimePausesForLongerAndLonger() {
        auto.refused(9, 0, true, silent(Kind.TOKEN_RATE), INTERVAL, SECOND);
        auto.refused(9, 2 * SECOND, true, silent(Kind.TOKEN_RATE), INTERVAL, 3 * SECOND);
        assertThat(auto.pausedUntil()).isEqualTo(3 * SECOND + 4 * INTERVAL);
        auto.refused(9, 10 * SECOND, true, silent(Kind.TOKEN_RATE), INTERVAL, 11 * SECOND);
        assertThat(auto.pausedUntil()).isEqualTo(11 * SECOND + 8 * INTERVAL);
    }

    private static RateLimitSignal stating(int limitPerMinute) {
        return new RateLimitSignal(Kind.NONE, Optional.empty(), OptionalInt.of(limitPerMinute), OptionalInt.empty(),
                Optional.empty());
    }

    @Test
    void whatAHeaderStatedHoldsForTwoWindowsAndThreeAnswersWithoutIt() {
        auto.accepted(0, 0, stating(3), 0);
        assertThat(auto.level()).isEqualTo(3);
        accept(auto, 100, 2 * MINUTE - 1);
        assertThat(auto.level()).isEqualTo(3);
        accept(auto, 1, 2 * MINUTE);
        assertThat(auto.level()).isEqualTo(40);
        assertThat(auto.snapshot(2 * MINUTE).statedRpm()).isEmpty();
    }

    @Test
    void afterAnHourOfSilenceItStillTakesThreeAnswers() {
        auto.accepted(0, 0, stating(3), 0);
        auto.at(60 * MINUTE);
        accept(auto, 2, 60 * MINUTE);
        assertThat(auto.level()).isEqualTo(3);
        auto.accepted(0, 60 * MINUTE, stating(3), 60 * MINUTE);
        accept(auto, 2, 63 * MINUTE);
        assertThat(auto.level()).isEqualTo(3);
        accept(auto, 1, 63 * MINUTE);
        assertThat(auto.level()).isEqualTo(40);
    }

    @Test
    void whatIsRepeatedNeverExpires() {
        for (long now = 0; now < 120 * MINUTE; now += MINUTE) {
            auto.accepted(0, now, stating(3), now);
            accept(auto, 2, now);
            assertThat(auto.level()).isEqualTo(3);
        }
    }

    @Test
    void anotherLimitOfTheOperatorsDropsWhatAHeaderStatedAndTheSameDoesNot() {
        auto.accepted(0, 0, stating(3), 0);
        auto.reconfigure(settings(40, Pacing.AUTO), SECOND);
        assertThat(auto.level()).isEqualTo(3);
        auto.reconfigure(settings(50, Pacing.AUTO), SECOND);
        assertThat(auto.level()).isEqualTo(50);
        assertThat(auto.snapshot(SECOND).statedRpm()).isEmpty();
    }

    @Test
    void theProvidersOwnTimeIsThePause() {
        auto.refused(39, 0, true, signal(Kind.REQUEST_RATE, Duration.ofMinutes(10)), INTERVAL, SECOND);
        assertThat(auto.pausedUntil()).isEqualTo(SECOND + 10 * MINUTE);
        auto.refused(39, 0, true, signal(Kind.REQUEST_RATE, Duration.ZERO), INTERVAL, 2 * SECOND);
        assertThat(auto.pausedUntil()).isEqualTo(SECOND + 10 * MINUTE);
        assertThat(auto.snapshot(MINUTE).paused()).isEqualTo(Duration.ofSeconds(541));
        assertThat(auto.snapshot(12 * MINUTE).paused()).isZero();
    }

    @Test
    void withoutATimeTheFirstRefusalPausesOnlyWhileRetreatingAndEachFurtherTwiceAsLong() {
        refuse(auto, SECOND);
        assertThat(auto.pausedUntil()).isEqualTo(SECOND);
        refuse(auto, 2 * SECOND);
        assertThat(auto.pausedUntil()).isEqualTo(2 * SECOND + 4 * INTERVAL);
        accept(auto, 1, 10 * SECOND);
        refuse(auto, 20 * SECOND);
        assertThat(state(auto, 20 * SECOND)).isEqualTo(RetreatState.RETREAT);
        assertThat(auto.pausedUntil()).isEqualTo(20 * SECOND + 2 * INTERVAL);
        refuse(auto, 30 * SECOND);
        assertThat(auto.pausedUntil()).isEqualTo(30 * SECOND + 4 * INTERVAL);
    }

    @Test
    void theLoadLeavesOutWhatWasRefusedItself() {
        auto.refused(30, 1, true, RateLimitSignal.unknown(), INTERVAL, 10);
        auto.refused(31, 2, true, RateLimitSignal.unknown(), INTERVAL, 11);
        var evidence = auto.snapshot(SECOND).evidence().orElseThrow();
        assertThat(evidence.accepted()).isEqualTo(30);
        assertThat(evidence.kind()).isEqualTo(Kind.UNKNOWN);
        assertThat(evidence.age()).isEqualTo(Duration.ofNanos(SECOND - 11));
        assertThat(auto.snapshot(SECOND).learnedRpm()).hasValue(30);
    }

    @Test
    void theSnapshotTellsWhereItStands() {
        RetreatSnapshot before = auto.snapshot(0);
        assertThat(before).isEqualTo(new RetreatSnapshot(RetreatState.NORMAL, 40, 40, Pacing.WINDOW, 0,
                before.learnedRpm(), Optional.empty(), Optional.empty(), Duration.ZERO, OptionalInt.empty(), 0));
        assertThat(before.learnedRpm()).isEmpty();
        refuse(auto, 0);
        refuse(auto, SECOND);
        RetreatSnapshot after = auto.snapshot(2 * SECOND);
        assertThat(after.refusedShare()).isEqualTo(1);
        assertThat(after.baseRpm()).isEqualTo(40);
        assertThat(after.effectiveRpm()).isEqualTo(30);
        assertThat(after.pacing()).isEqualTo(Pacing.PACED);
        assertThat(after.nextProbe()).contains(Duration.ofSeconds(119));
    }

    /** Forty are sent at once; this many arrive in time, the answers come in any order. */
    @Property(tries = 300)
    void aRefusedBurstIsOneRefusalHoweverItsAnswersAreMixed(@ForAll long seed,
            @ForAll @IntRange(min = 22, max = 37) int real) {
        var random = new Random(seed);
        var limit = new AdaptiveLimit(settings(40, Pacing.AUTO), 0);
        List<Integer> byArrival = inAnyOrder(40, random.nextInt(6), random);
        long now = 2 * SECOND;
        long firstRefusal = 0;
        for (int each : inAnyOrder(40, 40, random)) {
            long sentAt = 25L * each * MILLI;
            now += MILLI;
            if (byArrival.indexOf(each) < real) {
                limit.accepted(each, sentAt, RateLimitSignal.NONE, now);
            } else {
                limit.refused(each, sentAt, true, RateLimitSignal.unknown(), INTERVAL, now);
                firstRefusal = firstRefusal == 0 ? now : firstRefusal;
            }
        }
        assertThat(limit.pausedUntil()).isEqualTo(firstRefusal);
        assertThat(limit.isPaced()).isTrue();
        RetreatSnapshot after = limit.snapshot(now);
        assertThat(after.state()).isEqualTo(RetreatState.RETREAT);
        assertThat(after.learnedRpm().orElseThrow()).isBetween(real - 5.0, (double) real);
        assertThat(after.effectiveRpm()).isBetween(Math.min(30, real - 6.0), Math.min(30.0, real));
    }

    /** The numbers up to this, each at most this far from its place. */
    private static List<Integer> inAnyOrder(int count, int disorder, Random random) {
        List<Integer> numbers = new ArrayList<>();
        List<Double> places = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(i);
            places.add(i + random.nextDouble() * disorder);
        }
        numbers.sort((a, b) -> Double.compare(places.get(a), places.get(b)));
        return numbers;
    }
}
