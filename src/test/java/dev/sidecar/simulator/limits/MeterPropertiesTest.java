package dev.sidecar.simulator.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Every meter against a sum over the plain past, in windows of 60 ns, at any time of a clock that overflows. */
class MeterPropertiesTest {

    private static final Duration WINDOW = Duration.ofNanos(60);
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();

    /** This much was used this long after the last. */
    record Step(long gap, long amount) {
    }

    /** What was used, at times from 0. */
    record Use(long time, long amount) {
    }

    /** What a meter must say, told from all that was used before. */
    @FunctionalInterface
    interface Expected {

        long used(List<Use> past, long time);
    }

    /** Most of them shortly before the overflow. */
    @Provide
    Arbitrary<Long> origins() {
        return Arbitraries.oneOf(Arbitraries.longs(), Arbitraries.longs().between(0, 600).map(n -> Long.MAX_VALUE - n));
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(Arbitraries.longs().between(0, 40), Arbitraries.longs().between(0, 30_000))
                .as(Step::new).list().ofMaxSize(40);
    }

    @Property(tries = 200)
    void slidingLog(@ForAll("origins") long origin, @ForAll("steps") List<Step> steps,
            @ForAll @LongRange(max = 60_000) long most) {
        check(new SlidingLog(WINDOW), origin, steps, most, (past, time) -> sum(past, time - 59, time));
    }

    @Property(tries = 200)
    void fixedWindow(@ForAll("origins") long origin, @ForAll @LongRange(min = -200, max = 200) long edge,
            @ForAll("steps") List<Step> steps, @ForAll @LongRange(max = 60_000) long most) {
        check(new FixedWindow(WINDOW, origin + edge), origin, steps, most,
                (past, time) -> sum(past, begin(time, edge), time));
    }

    @Property(tries = 200)
    void firstHitWindow(@ForAll("origins") long origin, @ForAll("steps") List<Step> steps,
            @ForAll @LongRange(max = 60_000) long most) {
        check(new FirstHitWindow(WINDOW), origin, steps, most, (past, time) -> {
            long begin = Long.MIN_VALUE / 2;
            for (Use each : past) {
                begin = each.amount() > 0 && each.time() - begin >= 60 ? each.time() : begin;
            }
            return time - begin >= 60 ? 0 : sum(past, begin, time);
        });
    }

    @Property(tries = 200)
    void slidingCounter(@ForAll("origins") long origin, @ForAll @LongRange(min = -200, max = 200) long edge,
            @ForAll("steps") List<Step> steps, @ForAll @LongRange(max = 60_000) long most) {
        check(new SlidingCounter(WINDOW, origin + edge), origin, steps, most, (past, time) -> {
            long begin = begin(time, edge);
            double before = sum(past, begin - 60, begin - 1);
            return (long) Math.ceil(before * (60 - (time - begin)) / 60) + sum(past, begin, time);
        });
    }

    @Property(tries = 200)
    void tokenBucket(@ForAll @IntRange(min = 1, max = 1_000_000) int perMinute, @ForAll("origins") long origin,
            @ForAll("steps") List<Step> steps, @ForAll @LongRange(max = 60_000) long most) {
        // Gaps of seconds, so that something flows back.
        var slow = steps.stream().map(step -> new Step(step.gap() * MINUTE / 600, step.amount())).toList();
        check(new TokenBucket(perMinute), origin, slow, most, (past, time) -> {
            long missing = 0;
            long last = 0;
            for (Use each : past) {
                missing = Math.max(0, missing - (each.time() - last) * perMinute) + each.amount() * MINUTE;
                last = each.time();
            }
            return Math.ceilDiv(Math.max(0, missing - (time - last) * perMinute), MINUTE);
        });
    }

    /** A wait must end at the very nanosecond from which so little counts. */
    private static void check(Meter meter, long origin, List<Step> steps, long most, Expected expected) {
        List<Use> past = new ArrayList<>();
        long time = 0;
        for (Step step : steps) {
            time += step.gap();
            assertThat(meter.used(origin + time)).as("at %d after %s", time, past)
                    .isEqualTo(expected.used(past, time));
            long wait = meter.untilAtMost(most, origin + time);
            assertThat(expected.used(past, time + wait)).as("%d after %d, %s", wait, time, past)
                    .isLessThanOrEqualTo(most);
            if (wait > 0) {
                assertThat(expected.used(past, time + wait - 1)).as("just before %d after %d, %s", wait, time, past)
                        .isGreaterThan(most);
            }
            meter.add(step.amount(), origin + time);
            past.add(new Use(time, step.amount()));
        }
    }

    private static long sum(List<Use> past, long from, long to) {
        return past.stream().filter(each -> each.time() >= from && each.time() <= to).mapToLong(Use::amount).sum();
    }

    private static long begin(long time, long edge) {
        return edge + Math.floorDiv(time - edge, 60L) * 60;
    }
}
