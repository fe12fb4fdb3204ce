package dev.sidecar.throttle.budget;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ForeignUsageTest {

    private static final long MINUTE = 60 * SECOND;

    @Property(tries = 500)
    void aSingleUserIsNeverTakenForTwo(@ForAll long seed, @ForAll Shape shape) {
        var world = new World(shape, new Random(seed));
        world.ownTraffic(8 * MINUTE);
        world.run();
        assertThat(world.observations).isPositive();
        assertThat(world.most).isZero();
    }

    @Property(tries = 500)
    void theEstimateIsNeverMoreThanOthersSentInAMinute(@ForAll long seed, @ForAll Shape shape) {
        var world = new World(shape, new Random(seed));
        world.ownTraffic(8 * MINUTE);
        world.otherTraffic(8 * MINUTE);
        world.run();
        assertThat(world.most).isLessThanOrEqualTo(world.mostOthersInAMinute());
    }

    @ParameterizedTest
    @EnumSource
    void aSteadySecondUserIsSeenWithinThreeMinutesAndForgottenAfterItLeaves(Shape shape) {
        var world = new World(shape, new Random(1));
        world.limit = 40;
        world.slowestAnswer = 5 * SECOND;
        // A bucket that gives back as much as both take shows nothing: then nobody is in anybody's way.
        world.ownEvery(MINUTE / (shape == Shape.BUCKET ? 36 : 27), 0, 12 * MINUTE);
        world.othersEvery(MINUTE / 13, 2 * MINUTE, 6 * MINUTE);
        world.run();
        assertThat(world.estimateAt(2 * MINUTE - SECOND)).isZero();
        for (long at = 5 * MINUTE; at < 6 * MINUTE; at += 5 * SECOND) {
            assertThat(world.estimateAt(at)).as("after %d s", at / SECOND).isBetween(7, 14);
        }
        assertThat(world.estimateAt(8 * MINUTE + 10 * SECOND)).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aBurstOfSomebodyElseIsSeenAtOnce(Shape shape) {
        var world = new World(shape, new Random(2));
        world.limit = 60;
        world.slowestAnswer = SECOND / 2;
        world.ownEvery(3 * SECOND, 0, 4 * MINUTE);
        world.othersEvery(100 * MILLI, 150 * SECOND, 152 * SECOND);
        world.run();
        assertThat(world.estimateAt(149 * SECOND)).isZero();
        assertThat(world.estimateAt(158 * SECOND)).isBetween(12, 20);
    }

    @Test
    void anAnswerThatALaterOneOvertookChangesNothing() {
        var state = ForeignUsage.unseen(0, 0).observe(40, 40, Optional.empty(), 10 * SECOND, 1, 11 * SECOND);
        state = state.observe(38, 40, Optional.empty(), 13 * SECOND, 2, 14 * SECOND);
        var overtaken = state.observe(0, 40, Optional.empty(), 12 * SECOND, 2, 14 * SECOND);
        assertThat(overtaken).isEqualTo(state);
        assertThat(overtaken.othersPerMinute(14 * SECOND)).isZero();
    }

    @Test
    void aRequestThatArrivesAfterTheRenewalIsNoBaseForALaterOneThatArrivedBefore() {
        var state = ForeignUsage.unseen(0, 0).observe(20, 60, Optional.empty(), 20 * SECOND, 40, 21 * SECOND);
        state = state.observe(59, 60, Optional.empty(), 59 * SECOND + 500 * MILLI, 42, 60 * SECOND + 400 * MILLI);
        state = state.observe(19, 60, Optional.empty(), 59 * SECOND + 900 * MILLI, 42, 60 * SECOND + 500 * MILLI);
        assertThat(state.othersPerMinute(61 * SECOND)).isZero();
    }

    @Test
    void whatWasOnItsWayAtTheFirstReadingIsNotSomebodyElses() {
        var state = ForeignUsage.unseen(0, 0).observe(39, 40, Optional.empty(), 5 * SECOND, 1, 6 * SECOND);
        state = state.observe(38, 40, Optional.empty(), 9 * SECOND, 22, 9 * SECOND + 900 * MILLI);
        state = state.observe(49, 50, Optional.empty(), 10 * SECOND, 23, 10 * SECOND + 200 * MILLI);
        state = state.observe(27, 50, Optional.empty(), 12 * SECOND, 24, 12 * SECOND + 500 * MILLI);
        assertThat(state.othersPerMinute(13 * SECOND)).isZero();
    }

    @Test
    void aChangedLimitIsNotTakenForAFall() {
        var state = ForeignUsage.unseen(0, 0).observe(40, 40, Optional.empty(), 10 * SECOND, 1, 11 * SECOND);
        state = state.observe(10, 20, Optional.empty(), 20 * SECOND, 2, 21 * SECOND);
        assertThat(state.othersPerMinute(21 * SECOND)).isZero();
        state = state.observe(3, 20, Optional.empty(), 30 * SECOND, 3, 31 * SECOND);
        assertThat(state.othersPerMinute(31 * SECOND)).isBetween(4, 6);
    }

    @Test
    void whatWasSeenIsForgottenAfterAMinute() {
        var state = ForeignUsage.unseen(0, 0).observe(40, 40, Optional.empty(), 10 * SECOND, 1, 11 * SECOND);
        state = state.observe(20, 40, Optional.empty(), 30 * SECOND, 2, 31 * SECOND);
        assertThat(state.othersPerMinute(90 * SECOND)).isBetween(17, 19);
        assertThat(state.othersPerMinute(91 * SECOND)).isZero();
    }

    @Test
    void theClockMayWrapAround() {
        long origin = Long.MAX_VALUE - 20 * SECOND;
        var state = ForeignUsage.unseen(0, origin).observe(40, 40, Optional.empty(), origin + 10 * SECOND, 1,
                origin + 11 * SECOND);
        state = state.observe(20, 40, Optional.empty(), origin + 30 * SECOND, 2, origin + 31 * SECOND);
        assertThat(state.othersPerMinute(origin + 40 * SECOND)).isBetween(17, 19);
    }

    @Test
    void whatIsKeptStaysSmall() {
        var world = new World(Shape.BUCKET, new Random(3));
        world.limit = 6000;
        world.ownEvery(10 * MILLI, 0, 6 * MINUTE);
        world.run();
        assertThat(world.state.sends()).hasSizeLessThan(200);
        assertThat(world.state.readings()).hasSizeLessThan(70);
    }

    enum Shape {
        FIXED, SLIDING, BUCKET;

        private Provider provider(int limit, long phase) {
            return switch (this) {
                case FIXED -> new FixedWindow(limit, phase);
                case SLIDING -> new SlidingLog(limit);
                case BUCKET -> new Bucket(limit);
            };
        }
    }

    /** Counts a request, if there is room for it, and says what is left and when it is full again. */
    private interface Provider {

        Left count(long at);
    }

    private record Left(int remaining, Duration reset) {
    }

    private static final class FixedWindow implements Provider {

        private final int limit;
        private final long phase;
        private long window = Long.MIN_VALUE;
        private int used;

        FixedWindow(int limit, long phase) {
            this.limit = limit;
            this.phase = phase;
        }

        @Override
        public Left count(long at) {
            if (Math.floorDiv(at + phase, MINUTE) != window) {
                window = Math.floorDiv(at + phase, MINUTE);
                used = 0;
            }
            used = Math.min(limit, used + 1);
            return new Left(limit - used, Duration.ofNanos(MINUTE - Math.floorMod(at + phase, MINUTE)));
        }
    }

    private static final class SlidingLog implements Provider {

        private final int limit;
        private final List<Long> log = new ArrayList<>();

        SlidingLog(int limit) {
            this.limit = limit;
        }

        @Override
        public Left count(long at) {
            log.removeIf(each -> at - each >= MINUTE);
            if (log.size() < limit) {
                log.add(at);
            }
            return new Left(limit - log.size(), Duration.ofNanos(log.getLast() + MINUTE - at));
        }
    }

    private static final class Bucket implements Provider {

        private final int limit;
        private double level;
        private long last;

        Bucket(int limit) {
            this.limit = limit;
            this.level = limit;
        }

        @Override
        public Left count(long at) {
            level = Math.min(limit, level + (at - last) * (limit / (double) MINUTE));
            last = at;
            level = level >= 1 ? level - 1 : level;
            return new Left((int) level, Duration.ofNanos((long) ((limit - level) * MINUTE / limit)));
        }
    }

    /** A provider, we and perhaps somebody else, in virtual time; requests and answers overtake each other. */
    private static final class World {

        private static final Comparator<Event> BY_TIME = Comparator.comparingLong(Event::at);

        private final Random random;
        private final Shape shape;
        private final PriorityQueue<Event> events = new PriorityQueue<>(BY_TIME);
        private final List<Long> others = new ArrayList<>();
        private final List<ForeignUsage> states = new ArrayList<>();
        private final List<Long> times = new ArrayList<>();
        private final long origin;
        int limit;
        long slowestAnswer;
        long usualWay;
        ForeignUsage state;
        int observations;
        int most;
        private Provider provider = new SlidingLog(1);
        private long now;
        private long ownSends;

        private record Event(long at, Runnable what) {
        }

        World(Shape shape, Random random) {
            this.shape = shape;
            this.random = random;
            this.limit = List.of(3, 10, 40, 60, 300).get(random.nextInt(5));
            this.slowestAnswer = List.of(SECOND / 5, 5 * SECOND, MINUTE).get(random.nextInt(3));
            this.usualWay = random.nextBoolean() ? 80 * MILLI : 2 * SECOND;
            this.origin = random.nextInt(100) * MINUTE;
            this.state = ForeignUsage.unseen(0, origin);
        }

        /** Bursts, steady streams and pauses, also above the limit. */
        void ownTraffic(long until) {
            long at = 0;
            while (at < until) {
                long end = at + random.nextInt(90) * SECOND;
                switch (random.nextInt(3)) {
                    case 0 -> ownEvery(MINUTE / limit * (50 + random.nextInt(200)) / 100, at, end);
                    case 1 -> ownEvery(25 * MILLI, at, at + random.nextInt(limit) * 25L * MILLI);
                    default -> at = end;
                }
                at = end;
            }
            ownEvery(5 * SECOND, at, at + MINUTE);
        }

        void otherTraffic(long until) {
            long at = 0;
            while (at < until) {
                long end = at + random.nextInt(120) * SECOND;
                othersEvery(random.nextInt(4) == 0
                        ? 20 * MILLI * (1 + random.nextInt(50))
                        : MINUTE / limit * (100 + random.nextInt(900)) / 100, at, end);
                at = end + random.nextInt(120) * SECOND;
            }
        }

        void ownEvery(long distance, long from, long until) {
            for (long at = from; at < until; at += distance) {
                events.add(new Event(origin + at, () -> send()));
            }
        }

        void othersEvery(long distance, long from, long until) {
            for (long at = from; at < until; at += distance) {
                others.add(origin + at);
            }
        }

        void run() {
            provider = shape.provider(limit, random.nextLong(MINUTE));
            others.sort(Comparator.naturalOrder());
            for (long at : others) {
                events.add(new Event(at, () -> provider.count(at)));
            }
            while (!events.isEmpty()) {
                Event event = events.remove();
                now = event.at();
                event.what().run();
            }
        }

        private void send() {
            long sentAt = now;
            ownSends++;
            long way = 5 * MILLI + Math.min(900 * MILLI, (long) (-Math.log(1 - random.nextDouble()) * usualWay));
            events.add(new Event(now + way, () -> {
                Left left = provider.count(now);
                long answer = (long) (random.nextDouble() * slowestAnswer);
                events.add(new Event(now + answer, () -> answered(left, sentAt)));
            }));
        }

        private void answered(Left left, long sentAt) {
            Optional<Duration> reset = Optional.of(left.reset());
            state = state.observe(left.remaining(), limit, reset, sentAt, ownSends, now);
            observations++;
            most = Math.max(most, state.othersPerMinute(now));
            states.add(state);
            times.add(now);
        }

        int estimateAt(long at) {
            int last = 0;
            while (last + 1 < times.size() && times.get(last + 1) <= origin + at) {
                last++;
            }
            return states.get(last).othersPerMinute(origin + at);
        }

        /** A minute and the moments that requests are under way. */
        int mostOthersInAMinute() {
            int count = 0;
            for (long from : others) {
                count = Math.max(count, (int) others.stream()
                        .filter(each -> each >= from && each - from <= MINUTE + ForeignUsage.GRACE).count());
            }
            return count;
        }
    }
}
