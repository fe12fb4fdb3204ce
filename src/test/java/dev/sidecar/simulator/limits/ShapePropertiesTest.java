package dev.sidecar.simulator.limits;

import static dev.sidecar.simulator.limits.Reference.accepted;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.simulator.limits.ProviderLimit.Decision.Accepted;
import dev.sidecar.simulator.limits.Reference.Past;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Every shape against its naive reference, in windows of 60 ns, at any time of a clock that overflows. */
class ShapePropertiesTest {

    private static final Duration WINDOW = Duration.ofNanos(60);
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    /** Most of them shortly before the overflow. */
    @Provide
    Arbitrary<Long> origins() {
        return Arbitraries.oneOf(Arbitraries.longs(), Arbitraries.longs().between(0, 600).map(n -> Long.MAX_VALUE - n));
    }

    @Property(tries = 300)
    void slidingLog(@ForAll @IntRange(min = 1, max = 5) int limit, @ForAll("origins") long origin,
            @ForAll @Size(max = 60) List<@LongRange(max = 20) Long> gaps) {
        Reference reference = (past, time) -> accepted(past, time - 59, time + 1) < limit;
        List<Past> past = reference.check(new MeteredLimit(limit, new SlidingLog(WINDOW)), origin, gaps);
        for (Past one : past) {
            assertThat(accepted(past, one.time(), one.time() + 60)).isLessThanOrEqualTo(limit);
        }
    }

    @Property(tries = 300)
    void strictSlidingLog(@ForAll @IntRange(min = 1, max = 5) int limit, @ForAll("origins") long origin,
            @ForAll @Size(max = 60) List<@LongRange(max = 40) Long> gaps) {
        Reference reference = (past, time) -> past.stream().filter(p -> time - p.time() < 60).count() < limit;
        reference.check(new StrictSlidingLogLimit(limit, WINDOW), origin, gaps);
    }

    @Property(tries = 300)
    void fixedWindow(@ForAll @IntRange(min = 1, max = 5) int limit, @ForAll("origins") long origin,
            @ForAll @LongRange(min = -200, max = 200) long edge,
            @ForAll @Size(max = 60) List<@LongRange(max = 20) Long> gaps) {
        Reference reference = (past, time) -> {
            long begin = edge + Math.floorDiv(time - edge, 60L) * 60;
            return accepted(past, begin, begin + 60) < limit;
        };
        reference.check(new MeteredLimit(limit, new FixedWindow(WINDOW, origin + edge)), origin, gaps);
    }

    @Property(tries = 300)
    void subWindow(@ForAll @IntRange(min = 3, max = 17) int limit, @ForAll("origins") long origin,
            @ForAll @LongRange(min = -200, max = 200) long edge,
            @ForAll @Size(max = 60) List<@LongRange(max = 10) Long> gaps) {
        Reference reference = (past, time) -> {
            long begin = edge + Math.floorDiv(time - edge, 20L) * 20;
            return accepted(past, begin, begin + 20) < limit / 3;
        };
        reference.check(new SubWindowLimit(limit, WINDOW, 3, origin + edge), origin, gaps);
    }

    @Property(tries = 300)
    void firstHitWindow(@ForAll @IntRange(min = 1, max = 5) int limit, @ForAll("origins") long origin,
            @ForAll @Size(max = 60) List<@LongRange(max = 40) Long> gaps) {
        Reference reference = (past, time) -> {
            long begin = Long.MIN_VALUE / 2;
            for (Past one : past) {
                begin = one.time() - begin >= 60 ? one.time() : begin;
            }
            return time - begin >= 60 || accepted(past, begin, begin + 60) < limit;
        };
        reference.check(new MeteredLimit(limit, new FirstHitWindow(WINDOW)), origin, gaps);
    }

    @Property(tries = 300)
    void slidingCounter(@ForAll @IntRange(min = 1, max = 9) int limit, @ForAll("origins") long origin,
            @ForAll @LongRange(min = -200, max = 200) long edge,
            @ForAll @Size(max = 80) List<@LongRange(max = 20) Long> gaps) {
        Reference reference = (past, time) -> {
            long begin = edge + Math.floorDiv(time - edge, 60L) * 60;
            long estimateTimes60 = accepted(past, begin - 60, begin) * (60 - (time - begin))
                    + accepted(past, begin, begin + 60) * 60;
            return estimateTimes60 + 60 <= limit * 60L;
        };
        reference.check(new MeteredLimit(limit, new SlidingCounter(WINDOW, origin + edge)), origin, gaps);
    }

    @Property(tries = 300)
    void tokenBucket(@ForAll @IntRange(min = 1, max = 7) int capacity,
            @ForAll @IntRange(min = 1, max = 90) int perMinute,
            @ForAll("origins") long origin,
            @ForAll @Size(max = 60) List<@LongRange(max = 12_000_000_000L) Long> gaps) {
        // Since any accepted request, and with this one, no more than what was in the bucket and what flowed in.
        Reference reference = (past, time) -> capacity > 0
                && past.stream().filter(Past::accepted).map(Past::time).distinct()
                        .allMatch(since -> (accepted(past, since, time + 1) + 1) * MINUTE <= capacity * MINUTE
                                + perMinute * (time - since));
        reference.check(new TokenBucketLimit(capacity, perMinute), origin, gaps);
    }

    @Property(tries = 300)
    void movingLimit(@ForAll @IntRange(min = 1, max = 6) int first, @ForAll @IntRange(min = 1, max = 6) int second,
            @ForAll("origins") long origin, @ForAll @Size(max = 60) List<@LongRange(max = 20) Long> gaps) {
        Duration change = Duration.ofNanos(150);
        var schedule = new Schedule(List.of(new Schedule.Step(Duration.ZERO, first),
                new Schedule.Step(change, second), new Schedule.Step(change.multipliedBy(2), first)));
        var limit = new MovingLimit(new MeteredLimit(first, new SlidingLog(WINDOW)), schedule, origin);
        List<Past> past = new ArrayList<>();
        long time = 0;
        for (long gap : gaps) {
            time += gap;
            int most = time >= 150 && time < 300 ? second : first;
            boolean accept = accepted(past, time - 59, time + 1) < most;
            assertThat(limit.decide(Reference.ANY, origin + time) instanceof Accepted).isEqualTo(accept);
            past.add(new Past(time, accept));
        }
    }

    @Property(tries = 300)
    void everyResizableShapeCountsOnAfterItsLimitMoved(@ForAll @IntRange(min = 1, max = 9) int before,
            @ForAll @IntRange(min = 1, max = 9) int after, @ForAll("origins") long origin,
            @ForAll @IntRange(min = 1, max = 60) int then) {
        for (Resizable shape : List.of(new MeteredLimit(before, new SlidingLog(WINDOW)),
                new MeteredLimit(before, new FixedWindow(WINDOW, origin)),
                new MeteredLimit(before, new FirstHitWindow(WINDOW)),
                new MeteredLimit(before, new SlidingCounter(WINDOW, origin)))) {
            for (int i = 0; i < before; i++) {
                assertThat(shape.decide(Reference.ANY, origin)).isInstanceOf(Accepted.class);
            }
            shape.resize(after);
            assertThat(shape.standing(origin).remaining()).isEqualTo(Math.max(0, after - before));
            for (int i = 0; i < after - before; i++) {
                assertThat(shape.decide(Reference.ANY, origin)).isInstanceOf(Accepted.class);
            }
            var refused = (ProviderLimit.Decision.Refused) shape.decide(Reference.ANY, origin);
            long again = origin + refused.retryAfter().toNanos();
            assertThat(shape.decide(Reference.ANY, again - 1)).isInstanceOf(ProviderLimit.Decision.Refused.class);
            assertThat(shape.decide(Reference.ANY, again)).as("%s after %s", shape, refused)
                    .isInstanceOf(Accepted.class);
            assertThat(shape.standing(again + then).limit()).isEqualTo(after);
        }
    }

    @Property(tries = 100)
    void whatAShapeTellsToBeLeftIsLetInAtOnceAndNoMore(@ForAll @IntRange(min = 6, max = 60) int limit,
            @ForAll("origins") long origin, @ForAll @Size(max = 80) List<@LongRange(max = 9_000_000_000L) Long> gaps,
            @ForAll long seed) {
        for (Shape shape : Shapes.all(limit).subList(0, 10)) {
            var started = shape.start(new Random(seed), origin);
            long time = origin;
            for (long gap : gaps) {
                started.decide(Reference.ANY, time += gap);
            }
            int remaining = started.standing(time).remaining();
            Duration untilFull = started.standing(time).untilFull();
            for (int i = 0; i < remaining; i++) {
                assertThat(started.decide(Reference.ANY, time)).as(shape.name()).isInstanceOf(Accepted.class);
            }
            assertThat(started.decide(Reference.ANY, time)).as(shape.name()).isNotInstanceOf(Accepted.class);
            assertThat(untilFull.isZero()).as(shape.name()).isEqualTo(gaps.isEmpty());
            long full = time + started.standing(time).untilFull().toNanos();
            assertThat(started.standing(full - 1).untilFull()).as(shape.name()).isPositive();
            assertThat(started.standing(full).untilFull()).as(shape.name()).isZero();
        }
    }
}
