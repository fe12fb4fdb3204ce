package dev.sidecar.throttle.budget;

import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeTest {

    private static final long MINUTE = 60 * SECOND;

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 90_000_000_000L, Long.MIN_VALUE})
    void theFirstComesTwoMinutesAfterTheLimitWasLearned(long learnedAt) {
        Probe probe = Probe.none(learnedAt - MINUTE).postponed(learnedAt);
        assertThat(probe.isDue(learnedAt + 2 * MINUTE - 1)).isFalse();
        assertThat(probe.isDue(learnedAt + 2 * MINUTE)).isTrue();
    }

    @Test
    void whileOneRunsNoneIsDue() {
        Probe probe = Probe.none(0).started(30, MINUTE);
        assertThat(probe.running()).isTrue();
        assertThat(probe.isDue(60 * MINUTE)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 30_000_000_000L, Long.MIN_VALUE})
    void whatWasAcceptedIsBelievedAfterAWholeWindow(long startedAt) {
        Probe probe = Probe.none(startedAt - MINUTE).started(30, startedAt);
        assertThat(probe.hasRunForAWindow(startedAt + MINUTE - 1)).isFalse();
        assertThat(probe.hasRunForAWindow(startedAt + MINUTE)).isTrue();
        Probe raised = probe.raised(startedAt + MINUTE);
        assertThat(raised.hasRunForAWindow(startedAt + 2 * MINUTE - 1)).isFalse();
        assertThat(raised.hasRunForAWindow(startedAt + 2 * MINUTE)).isTrue();
        assertThat(raised.from()).isEqualTo(30);
    }

    @Test
    void onceDisprovedOnlyAfterThreeWindowsAndUntilItIsTrustedAgain() {
        Probe doubtful = Probe.none(0).disproved(true, 0).started(30, 10 * MINUTE);
        assertThat(doubtful.hasRunForAWindow(13 * MINUTE - 1)).isFalse();
        assertThat(doubtful.hasRunForAWindow(13 * MINUTE)).isTrue();
        assertThat(doubtful.trusted().hasRunForAWindow(11 * MINUTE)).isTrue();
    }

    @Test
    void whatIsInVainComesTwiceAsRarelyEachTimeUpToEightMinutes() {
        Probe probe = Probe.none(0).postponed(0);
        long now = 0;
        for (long minutes : new long[]{2, 4, 8, 8, 8}) {
            assertThat(probe.dueAt() - now).isEqualTo(minutes * MINUTE);
            now = probe.dueAt();
            probe = probe.started(30, now).ended(30, now + SECOND);
            now += SECOND;
            assertThat(probe.running()).isFalse();
            assertThat(probe.isOnTrial(now)).isFalse();
        }
    }

    @Test
    void aLimitThatRoseMuchIsProbedAgainSoon() {
        Probe rare = Probe.none(0).started(30, 0).ended(30, 0).started(30, 0).ended(30, 0);
        assertThat(rare.every()).isEqualTo(8 * MINUTE);
        assertThat(rare.started(30, 0).ended(36, 0).dueAt()).isEqualTo(8 * MINUTE);
        assertThat(rare.started(30, 0).ended(36.1, 0).dueAt()).isEqualTo(2 * MINUTE);
    }

    @Test
    void whatWasGainedIsOnTrialForFiveMinutes() {
        Probe gained = Probe.none(0).started(30, MINUTE).ended(31, 2 * MINUTE);
        assertThat(gained.isOnTrial(2 * MINUTE)).isTrue();
        assertThat(gained.isOnTrial(7 * MINUTE - 1)).isTrue();
        assertThat(gained.isOnTrial(7 * MINUTE)).isFalse();
        assertThat(gained.started(31, 3 * MINUTE).isOnTrial(3 * MINUTE)).isFalse();
        assertThat(Probe.none(0).started(30, MINUTE).arrived(2 * MINUTE).isOnTrial(3 * MINUTE)).isTrue();
    }

    @Test
    void whatIsDisprovedInPartStaysOnTrialWhatIsDisprovedWhollyDoesNot() {
        Probe gained = Probe.none(0).started(30, 0).ended(31, MINUTE);
        assertThat(gained.disproved(false, 2 * MINUTE).isOnTrial(3 * MINUTE)).isTrue();
        assertThat(gained.disproved(true, 2 * MINUTE).isOnTrial(3 * MINUTE)).isFalse();
        assertThat(gained.disproved(true, 2 * MINUTE).dueAt() - 2 * MINUTE).isEqualTo(8 * MINUTE);
    }
}
