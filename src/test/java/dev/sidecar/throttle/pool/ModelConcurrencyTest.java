package dev.sidecar.throttle.pool;

import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.SlidingWindow;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConcurrencyTest {

    private final ModelConcurrency governor = new ModelConcurrency();

    private void start(String model, int count) {
        for (int i = 0; i < count; i++) {
            governor.started(model);
        }
    }

    /** One of those in flight ends with a refusal. */
    private void refuse(String model, long now) {
        governor.finished(model);
        governor.refused(model, now);
    }

    @Test
    void aModelThatWasNeverRefusedIsNeverFull() {
        start("m", 1000);
        assertThat(governor.isFull("m")).isFalse();
        assertThat(governor.isFull(null)).isFalse();
        assertThat(governor.nanosToChange(0)).isEqualTo(SlidingWindow.NEVER);
    }

    @Test
    void theFirstRefusalCapsItAtWhatIsInFlightBesideIt() {
        start("m", 5);
        refuse("m", 0);
        assertThat(governor.cap("m")).isEqualTo(4);
        assertThat(governor.isFull("m")).isTrue();
        governor.finished("m");
        assertThat(governor.isFull("m")).isFalse();
        assertThat(governor.isFull("another")).isFalse();
    }

    @Test
    void aRefusalThatFindsItsCapReachedByOthersLowersItByOne() {
        start("m", 4);
        refuse("m", 0);
        start("m", 1);
        refuse("m", SECOND);
        assertThat(governor.cap("m")).isEqualTo(2);
        start("m", 2);
        refuse("m", 2 * SECOND);
        assertThat(governor.inFlight("m")).isEqualTo(4);
        assertThat(governor.cap("m")).isEqualTo(1);
        refuse("m", 3 * SECOND);
        assertThat(governor.cap("m")).isEqualTo(1);
    }

    @Test
    void oneMoreIsTriedAfterEveryTenSecondsWithoutARefusal() {
        start("m", 5);
        refuse("m", 0);
        assertThat(governor.advance(10 * SECOND - 1)).isFalse();
        assertThat(governor.nanosToChange(10 * SECOND - 1)).isEqualTo(1);
        assertThat(governor.advance(10 * SECOND)).isTrue();
        assertThat(governor.cap("m")).isEqualTo(5);
        assertThat(governor.isFull("m")).isFalse();
        governor.started("m");
        refuse("m", 15 * SECOND);
        governor.advance(24 * SECOND);
        assertThat(governor.cap("m")).isEqualTo(4);
        governor.advance(25 * SECOND);
        assertThat(governor.cap("m")).isEqualTo(5);
    }

    @Test
    void aCapThatDoesNotBindIsForgottenAfterAMinuteAndOneThatBindsGrowsOn() {
        start("idle", 2);
        refuse("idle", 0);
        start("busy", 2);
        refuse("busy", 0);
        start("busy", 20);
        governor.advance(60 * SECOND - 1);
        assertThat(governor.capped()).containsExactly("idle", "busy");
        governor.advance(60 * SECOND);
        assertThat(governor.capped()).containsExactly("busy");
        assertThat(governor.cap("busy")).isEqualTo(7);
        governor.advance(70 * SECOND);
        assertThat(governor.cap("busy")).isEqualTo(8);
    }

    @Test
    void whoIsRefusedAloneRestsOneSecondAndTwiceAsLongEachTimeUpToThirty() {
        long now = 0;
        for (long rest : new long[]{1, 2, 4, 8, 16, 30, 30}) {
            governor.advance(now);
            assertThat(governor.isFull("m")).isFalse();
            governor.started("m");
            refuse("m", now);
            assertThat(governor.cap("m")).isEqualTo(1);
            assertThat(governor.cooling("m", now)).isEqualTo(rest * SECOND);
            governor.advance(now + rest * SECOND - 1);
            assertThat(governor.isFull("m")).isTrue();
            now += rest * SECOND;
        }
    }

    @Test
    void afterTenQuietSecondsTheRestBeginsAtOneSecondAgain() {
        governor.started("m");
        refuse("m", 0);
        governor.advance(SECOND);
        governor.started("m");
        refuse("m", SECOND);
        assertThat(governor.cooling("m", SECOND)).isEqualTo(2 * SECOND);
        governor.advance(13 * SECOND);
        assertThat(governor.cap("m")).isEqualTo(2);
        governor.started("m");
        refuse("m", 14 * SECOND);
        assertThat(governor.cooling("m", 14 * SECOND)).isEqualTo(SECOND);
    }

    @Test
    void timeAsleepDoesNotCountAsQuiet() {
        start("m", 1);
        for (long now : new long[]{0, 1, 3, 7, 15}) {
            governor.advance(now * SECOND);
            refuse("m", now * SECOND);
            governor.started("m");
        }
        governor.finished("m");
        governor.advance(40 * SECOND);
        assertThat(governor.cap("m")).as("16 s of rest after 15 s, and not yet 10 s more").isEqualTo(1);
        governor.advance(41 * SECOND);
        assertThat(governor.cap("m")).isEqualTo(2);
    }

    @Test
    void atMostSixtyFourModelsAreCappedAndTheOneWhoseRefusalIsLongestAgoIsLetGo() {
        for (int i = 0; i < ModelConcurrency.MOST; i++) {
            governor.started("m" + i);
            refuse("m" + i, i);
        }
        governor.started("m0");
        refuse("m0", 100);
        governor.started("one more");
        refuse("one more", 101);
        assertThat(governor.capped()).hasSize(64).contains("m0", "one more").doesNotContain("m1");
        assertThat(governor.isFull("m1")).isFalse();
    }

    @Property(tries = 50)
    void countsAreKeptOnlyForWhatIsInFlight(@ForAll @IntRange(min = 1, max = 500) int models) {
        var many = new ModelConcurrency();
        for (int i = 0; i < models; i++) {
            many.started("m" + i);
            many.started("m" + i);
        }
        assertThat(many.modelsInFlight()).isEqualTo(models);
        for (int i = 0; i < models; i++) {
            many.finished("m" + i);
            assertThat(many.inFlight("m" + i)).isEqualTo(1);
            many.finished("m" + i);
            many.finished("m" + i);
        }
        assertThat(many.modelsInFlight()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MAX_VALUE - 5, Long.MIN_VALUE, Long.MAX_VALUE - 15_000_000_000L})
    void theClockMayWrapAround(long origin) {
        start("m", 3);
        refuse("m", origin);
        governor.advance(origin + 9 * SECOND);
        assertThat(governor.cap("m")).isEqualTo(2);
        governor.advance(origin + 20 * SECOND);
        assertThat(governor.cap("m")).isEqualTo(4);
        governor.advance(origin + 60 * SECOND);
        assertThat(governor.capped()).isEmpty();
    }
}
