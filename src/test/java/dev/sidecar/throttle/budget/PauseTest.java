package dev.sidecar.throttle.budget;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PauseTest {

    private static final long INTERVAL = 1500 * MILLI;

    @Test
    void beforeAnyRefusalThereIsNone() {
        assertThat(Pause.none(7).until()).isEqualTo(7);
    }

    @Test
    void itLastsAsLongAsTheProviderAsks() {
        Pause pause = Pause.none(0).asked(30 * SECOND, 10 * SECOND);
        assertThat(pause.until()).isEqualTo(40 * SECOND);
    }

    @Test
    void aShorterWishNeverEndsALongerPause() {
        Pause pause = Pause.none(0).asked(30 * SECOND, 0).asked(2 * SECOND, SECOND);
        assertThat(pause.until()).isEqualTo(30 * SECOND);
        assertThat(pause.asked(0, 50 * SECOND).until()).isEqualTo(50 * SECOND);
    }

    @Test
    void theFirstRefusalThatSurprisesStopsNothingAndFromThenOnThePauseDoubles() {
        Pause pause = Pause.none(0).refused(9 * SECOND, false, INTERVAL, 10 * SECOND);
        assertThat(pause.until()).isEqualTo(10 * SECOND);
        pause = pause.refused(11 * SECOND, false, INTERVAL, 12 * SECOND);
        assertThat(pause.until()).isEqualTo(12 * SECOND + 4 * INTERVAL);
        pause = pause.refused(20 * SECOND, false, INTERVAL, 21 * SECOND);
        assertThat(pause.until()).isEqualTo(21 * SECOND + 8 * INTERVAL);
    }

    @Test
    void aRefusalThatWasToBeExpectedStopsForTwoIntervalsAtOnce() {
        Pause pause = Pause.none(0).refused(9 * SECOND, true, INTERVAL, 10 * SECOND);
        assertThat(pause.until()).isEqualTo(10 * SECOND + 2 * INTERVAL);
        pause = pause.refused(14 * SECOND, true, INTERVAL, 15 * SECOND);
        assertThat(pause.until()).isEqualTo(15 * SECOND + 4 * INTERVAL);
    }

    @Test
    void whatWasOnItsWayWhenThePauseBeganDoesNotDoubleIt() {
        Pause first = Pause.none(0).refused(9 * SECOND, true, INTERVAL, 10 * SECOND);
        assertThat(first.refused(8 * SECOND, true, INTERVAL, 11 * SECOND)).isEqualTo(first);
        assertThat(first.refused(10 * SECOND, true, INTERVAL, 12 * SECOND)).isEqualTo(first);
        assertThat(first.refused(10 * SECOND + 1, true, INTERVAL, 12 * SECOND)).isNotEqualTo(first);
    }

    @Test
    void itNeverDoublesBeyondAMinute() {
        Pause pause = Pause.none(0);
        long now = 0;
        for (int i = 0; i < 70; i++) {
            now += 2 * SECOND;
            pause = pause.refused(now - 1, true, 61_538_461_539L, now);
            assertThat(pause.until()).isBetween(now, now + 60 * SECOND);
        }
        assertThat(pause.until()).isEqualTo(now + 60 * SECOND);
    }

    @Test
    void anAcceptedRequestThatWasSentAfterwardsEndsTheDoubling() {
        Pause refused = Pause.none(0).refused(0, true, INTERVAL, SECOND).refused(2 * SECOND, true, INTERVAL,
                3 * SECOND);
        assertThat(refused.accepted(3 * SECOND)).isEqualTo(refused);
        Pause accepted = refused.accepted(3 * SECOND + 1);
        assertThat(accepted.until()).isEqualTo(refused.until());
        assertThat(accepted.refused(20 * SECOND, true, INTERVAL, 21 * SECOND).until())
                .isEqualTo(21 * SECOND + 2 * INTERVAL);
    }

    @Test
    void whatTheProviderAskedForEndsTheDoublingToo() {
        Pause pause = Pause.none(0).refused(0, true, INTERVAL, SECOND).refused(2 * SECOND, true, INTERVAL, 3 * SECOND)
                .asked(SECOND, 30 * SECOND).refused(40 * SECOND, true, INTERVAL, 41 * SECOND);
        assertThat(pause.until()).isEqualTo(41 * SECOND + 2 * INTERVAL);
    }

    @Property(tries = 500)
    void itNeverEndsEarlierThanItSaidAndTheOriginOfTheClockDoesNotMatter(@ForAll long seed, @ForAll long origin) {
        long[] origins = {0, origin, Long.MAX_VALUE - new Random(seed).nextInt(60) * SECOND};
        List<List<Long>> ends = new ArrayList<>();
        for (long each : origins) {
            ends.add(ends(new Random(seed), each));
        }
        assertThat(ends.get(1)).isEqualTo(ends.get(0));
        assertThat(ends.get(2)).isEqualTo(ends.get(0));
    }

    /** When the pause ends after each of some random events, from the origin. */
    private static List<Long> ends(Random random, long origin) {
        List<Long> ends = new ArrayList<>();
        Pause pause = Pause.none(origin);
        long now = origin;
        for (int i = 0; i < 60; i++) {
            now += random.nextInt(5000) * MILLI;
            long sentAt = now - random.nextInt(5000) * MILLI;
            Pause next = switch (random.nextInt(3)) {
                case 0 -> pause.asked(random.nextInt(600) * SECOND, now);
                case 1 -> pause.refused(sentAt, random.nextBoolean(), 1 + random.nextInt(60_000) * MILLI, now);
                default -> pause.accepted(sentAt);
            };
            assertThat(next.until() - pause.until()).isNotNegative();
            assertThat(next.until() - now).isLessThanOrEqualTo(600 * SECOND);
            pause = next;
            ends.add(pause.until() - origin);
        }
        return ends;
    }
}
