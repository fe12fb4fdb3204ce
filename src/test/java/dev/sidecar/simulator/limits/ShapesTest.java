package dev.sidecar.simulator.limits;

import static dev.sidecar.simulator.limits.Reference.ANY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sidecar.simulator.limits.ProviderLimit.Decision.Accepted;
import dev.sidecar.simulator.limits.ProviderLimit.Decision.Refused;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shapes with their real sizes: 40 a minute. */
class ShapesTest {

    private static final long SECOND = 1_000_000_000L;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    static List<Shape> shapes() {
        return Shapes.all(40);
    }

    @Test
    void allHaveNames() {
        assertThat(shapes()).extracting(Shape::name).containsExactly("sliding-log", "strict-sliding-log",
                "fixed-window", "first-hit-window", "sliding-counter", "token-bucket", "token-bucket-7",
                "token-bucket-2", "sub-window", "moving", "shared-sliding-log", "worker-cap-sliding-log");
    }

    /** Asks as a caller would who knows everything: not before the provider would say yes. */
    @ParameterizedTest
    @MethodSource("shapes")
    void aCallerWhoAsksAtTheRightMomentsGetsWhatIsAllowed(Shape shape) {
        long origin = Long.MAX_VALUE - 3600 * SECOND;
        var limit = shape.start(new Random(7), origin);
        long time = origin;
        long accepted = 0;
        long taken = 0;
        var from = Duration.ofMinutes(10);
        var to = Duration.ofMinutes(110);
        boolean measuring = false;
        while (time - origin < to.toNanos()) {
            if (!measuring && time - origin >= from.toNanos()) {
                measuring = true;
                taken = limit.takenByOthers(time);
                accepted = 0;
            }
            // The strict shape counts refused requests too, so this caller looks before it asks.
            if (limit.standing(time).remaining() == 0) {
                time += SECOND / 100;
                continue;
            }
            if (limit.decide(ANY, time) instanceof Accepted) {
                accepted++;
                limit.ended(ANY, time);
            }
        }
        double allowed = shape.allowed(from, to) - (limit.takenByOthers(time) - taken);
        // The sliding counter takes every request for a little later than it was; workers may be busy.
        double least = shape.name().startsWith("worker-cap")
                ? 0.7
                : shape.name().equals("sliding-counter") ? 0.93 : 0.99;
        assertThat(accepted / allowed).as(shape.name()).isBetween(least, 1.015);
    }

    @Test
    void fixedWindowsLetTwoBurstsMeetAtAnEdge() {
        var limit = new MeteredLimit(40, new FixedWindow(MINUTE, 100 * SECOND));
        assertThat(acceptedAt(limit, 99 * SECOND, 50)).isEqualTo(40);
        assertThat(limit.decide(ANY, 99 * SECOND)).isEqualTo(new Refused(Duration.ofSeconds(1)));
        assertThat(acceptedAt(limit, 100 * SECOND, 50)).isEqualTo(40);
        assertThat(limit.decide(ANY, 100 * SECOND)).isEqualTo(new Refused(MINUTE));
    }

    @Test
    void aCallerWhoDoesNotWaitStaysLockedOutOfTheStrictShape() {
        var limit = new StrictSlidingLogLimit(40, MINUTE);
        assertThat(acceptedAt(limit, 0, 40)).isEqualTo(40);
        for (long second = 1; second <= 600; second++) {
            assertThat(limit.decide(ANY, second * SECOND)).isInstanceOf(Refused.class);
        }
        assertThat(limit.decide(ANY, 601 * SECOND)).isEqualTo(new Refused(Duration.ofSeconds(60 - 39)));
        assertThat(limit.decide(ANY, 622 * SECOND)).isInstanceOf(Accepted.class);
    }

    @Test
    void aFirstHitWindowWaitsForItsFirstRequest() {
        var limit = new MeteredLimit(2, new FirstHitWindow(MINUTE));
        assertThat(acceptedAt(limit, 30 * SECOND, 3)).isEqualTo(2);
        assertThat(limit.decide(ANY, 89 * SECOND)).isEqualTo(new Refused(Duration.ofSeconds(1)));
        assertThat(acceptedAt(limit, 500 * SECOND, 3)).isEqualTo(2);
        assertThat(limit.decide(ANY, 559 * SECOND)).isEqualTo(new Refused(Duration.ofSeconds(1)));
    }

    @Test
    void aSlidingCounterWeighsThePreviousWindow() {
        var limit = new MeteredLimit(40, new SlidingCounter(MINUTE, 0));
        assertThat(acceptedAt(limit, 10 * SECOND, 50)).isEqualTo(40);
        assertThat(acceptedAt(limit, 60 * SECOND, 50)).isZero();
        assertThat(limit.decide(ANY, 60 * SECOND)).isEqualTo(new Refused(Duration.ofMillis(1500)));
        assertThat(acceptedAt(limit, 75 * SECOND, 50)).isEqualTo(10);
        assertThat(acceptedAt(limit, 105 * SECOND, 50)).isEqualTo(20);
    }

    @Test
    void aBucketLetsItsCapacityThroughAndThenItsRate() {
        var limit = new TokenBucketLimit(7, 40);
        assertThat(acceptedAt(limit, -5, 50)).isEqualTo(7);
        assertThat(limit.decide(ANY, -5)).isEqualTo(new Refused(Duration.ofMillis(1500)));
        assertThat(acceptedAt(limit, 6 * SECOND - 5, 50)).isEqualTo(4);
        assertThat(acceptedAt(limit, 6000 * SECOND, 50)).isEqualTo(7);
    }

    @Test
    void fortyAMinuteInPartsOfTenSecondsAreThirtySix() {
        var limit = new SubWindowLimit(40, MINUTE, 6, 0);
        int accepted = 0;
        for (long second = 0; second < 60; second++) {
            accepted += acceptedAt(limit, second * SECOND, 40);
        }
        assertThat(accepted).isEqualTo(36).isEqualTo(SubWindowLimit.allowed(40, 6));
        assertThat(limit.standing(60 * SECOND)).isEqualTo(new ProviderLimit.Standing(40, 6, Duration.ZERO));
        assertThatThrownBy(() -> new SubWindowLimit(5, MINUTE, 6, 0))
                .hasMessage("limit must be at least 6, one for each part, got 5");
    }

    @Test
    void aLimitThatFallsHoldsAtOnceForWhatIsBehind() {
        var limit = Shapes.moving(40, Duration.ofSeconds(90)).start(new Random(1), 0);
        assertThat(acceptedAt(limit, 0, 50)).isEqualTo(40);
        assertThat(acceptedAt(limit, 60 * SECOND, 30)).isEqualTo(30);
        assertThat(acceptedAt(limit, 90 * SECOND, 50)).isZero();
        assertThat(limit.decide(ANY, 90 * SECOND)).isEqualTo(new Refused(Duration.ofSeconds(30)));
        assertThat(acceptedAt(limit, 120 * SECOND, 50)).isEqualTo(25);
        assertThat(acceptedAt(limit, 180 * SECOND, 50)).isEqualTo(40);
        assertThat(limit.standing(180 * SECOND)).isEqualTo(new ProviderLimit.Standing(40, 0, MINUTE));
    }

    @Test
    void aScheduleAddsUpOverItsSteps() {
        var schedule = Shapes.moving(40, Duration.ofMinutes(10)).rate();
        assertThat(schedule.at(Duration.ofMinutes(10).minusNanos(1))).isEqualTo(40);
        assertThat(schedule.at(Duration.ofMinutes(10))).isEqualTo(25);
        assertThat(schedule.at(Duration.ofDays(1))).isEqualTo(40);
        assertThat(schedule.between(Duration.ofMinutes(5), Duration.ofMinutes(21))).isCloseTo(5 * 40 + 10 * 25 + 40,
                within(1e-6));
        assertThat(schedule.between(Duration.ofMinutes(12), Duration.ofMinutes(13))).isCloseTo(25, within(1e-6));
        assertThat(Schedule.always(40).between(MINUTE, MINUTE)).isZero();
        assertThatThrownBy(() -> new Schedule(List.of())).hasMessageContaining("first step");
        assertThatThrownBy(() -> new Schedule(List.of(new Schedule.Step(Duration.ZERO, 1),
                new Schedule.Step(Duration.ZERO, 2)))).hasMessageContaining("later than the one before");
    }

    @Test
    void namesWhatItCannotWorkWith() {
        assertThatThrownBy(() -> new MeteredLimit(0, new FixedWindow(MINUTE, 0)))
                .hasMessage("limit must be between 1 and 1000000, got 0");
        assertThatThrownBy(() -> new MeteredLimit(1, new SlidingCounter(Duration.ofHours(2), 0)))
                .hasMessageContaining("got PT2H");
        assertThatThrownBy(() -> new TokenBucketLimit(1_000_001, 40)).hasMessageContaining("capacity")
                .hasMessageContaining("got 1000001");
    }

    private static int acceptedAt(ProviderLimit limit, long time, int asked) {
        int accepted = 0;
        for (int i = 0; i < asked; i++) {
            accepted += limit.decide(ANY, time) instanceof Accepted ? 1 : 0;
        }
        return accepted;
    }
}
