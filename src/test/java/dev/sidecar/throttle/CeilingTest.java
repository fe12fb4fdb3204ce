package dev.sidecar.throttle;

import static dev.sidecar.throttle.Desk.MILLI;
import static dev.sidecar.throttle.Desk.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** The one promise that must never break: no more than the limit in any 60 s, counted where the provider counts. */
class CeilingTest {

    private static final long MINUTE = 60 * SECOND;

    @Property(tries = 300)
    void theProviderNeverSeesMoreThanTheLimitInAnySixtySeconds(@ForAll long seed,
            @ForAll @IntRange(min = 1, max = 120) int limit, @ForAll @IntRange(min = 1, max = 150) int burst,
            @ForAll Pacing pacing) {
        var random = new Random(seed);
        var sim = simulation(limit, burst, pacing, random);
        traffic(sim, random, limit);
        sim.runUntil(8 * MINUTE);
        assertThat(Simulation.mostWithin(sim.arrivals, MINUTE)).isLessThanOrEqualTo(limit);
        assertThat(Simulation.mostWithin(sim.sends, MINUTE)).isLessThanOrEqualTo(limit);
        assertThat(sim.sends.stream().mapToInt(sim::counted)).allMatch(counted -> counted <= limit);
    }

    @Property(tries = 300)
    void aChangedLimitHoldsForEveryGrantFromThenOn(@ForAll long seed) {
        var random = new Random(seed);
        int first = 1 + random.nextInt(80);
        var sim = simulation(first, 1 + random.nextInt(100), Pacing.WINDOW, random);
        traffic(sim, random, first);
        var limits = new TreeMap<Long, Integer>();
        limits.put(Long.MIN_VALUE, first);
        for (int i = 0; i < 5; i++) {
            long at = random.nextInt(400) * SECOND;
            int limit = 1 + random.nextInt(80);
            if (limits.putIfAbsent(at, limit) != null) {
                continue; // of two changes in one instant only the second could be told from the outside
            }
            sim.at(at, () -> sim.throttle.reconfigure(settings(limit, 1 + random.nextInt(100), Pacing.WINDOW)));
        }
        sim.runUntil(8 * MINUTE);
        for (long grant : sim.grants) {
            // In the very instant of a change the grant may have come first.
            int limit = Math.max(limits.floorEntry(grant).getValue(), limits.lowerEntry(grant).getValue());
            assertThat(sim.counted(grant)).as("sent before the grant at %s", grant).isLessThanOrEqualTo(limit);
        }
        // A slot may be handed out just before the limit is lowered and be sent just after, and arrive later still.
        List<Long> arrivals = sim.arrivals.stream().sorted().toList();
        int end = 0;
        for (int i = 0; i < arrivals.size(); i++) {
            long arrival = arrivals.get(i);
            while (end < arrivals.size() && arrivals.get(end) - arrival < MINUTE) {
                end++;
            }
            int highest = limits.subMap(limits.floorKey(arrival - 2 * SECOND), arrival + MINUTE).values().stream()
                    .mapToInt(Integer::intValue).max().orElseThrow();
            assertThat(end - i).as("arrived from %s on", arrival).isLessThanOrEqualTo(highest);
        }
    }

    @Test
    void loweringTheLimitCountsWhatWasSentBefore() {
        var desk = new Desk(settings(40, 40, Pacing.WINDOW));
        desk.queue(Priority.NORMAL, "n", 100);
        desk.runUntil(10 * SECOND);
        assertThat(desk.left).hasSize(40);
        desk.throttle.reconfigure(settings(20, 20, Pacing.WINDOW));
        desk.runUntil(60 * SECOND);
        assertThat(desk.left).hasSize(40);
        desk.runUntil(61 * SECOND);
        assertThat(desk.left.size()).isBetween(41, 60);
    }

    @Test
    void raisingTheLimitFreesTheDifferenceAtOnce() {
        var desk = new Desk(settings(20, 20, Pacing.WINDOW));
        desk.queue(Priority.NORMAL, "n", 20);
        desk.runUntil(10 * SECOND);
        desk.throttle.reconfigure(settings(40, 20, Pacing.WINDOW));
        desk.queue(Priority.NORMAL, "one more");
        desk.runUntil(10 * SECOND + 2 * MILLI);
        assertThat(desk.left).hasSize(21);
        assertThat(desk.throttle.snapshot().minute().left()).isEqualTo(19);
    }

    @Property(tries = 60)
    void underFullDemandEveryProviderSeesNoneTooManyAndAlmostAllItAllows(@ForAll long seed,
            @ForAll @IntRange(min = 1, max = 200) int burstPercent, @ForAll boolean paced) {
        var random = new Random(seed);
        int limit = List.of(5, 10, 40, 60, 300).get(random.nextInt(5));
        int burst = Math.max(1, limit * burstPercent / 100);
        var settings = settings(limit, burst, paced ? Pacing.PACED : Pacing.WINDOW);
        var sim = new Simulation(settings, 0, () -> random.nextInt(20) * MILLI, () -> random.nextInt(50) * MILLI,
                () -> random.nextInt(2000) * MILLI);
        for (int i = 0; i < limit * 12; i++) {
            sim.arrive(0, Priority.NORMAL);
        }
        sim.runUntil(10 * MINUTE);
        assertThat(Simulation.mostWithin(sim.arrivals, MINUTE)).as("sliding log").isLessThanOrEqualTo(limit);
        for (int phase = 0; phase < 60; phase += 7) {
            long shift = phase * SECOND;
            assertThat(sim.arrivals.stream().map(a -> Math.floorDiv(a + shift, MINUTE)).distinct()
                    .mapToLong(w -> sim.arrivals.stream().filter(a -> Math.floorDiv(a + shift, MINUTE) == w).count())
                    .max().orElseThrow()).as("fixed window, phase %d s", phase).isLessThanOrEqualTo(limit);
        }
        assertThat(sim.arrivals.size()).isGreaterThanOrEqualTo(limit * 10 * 97 / 100);
        if (paced) {
            assertThat(refusedByGcra(sim.arrivals, limit)).as("GCRA that tolerates 100 ms").isZero();
        }
    }

    @Test
    void aStreamOfLowAloneUsesTheWholeBudgetToo() {
        var sim = new Simulation(settings(40, 40, Pacing.WINDOW), 0, () -> 3 * MILLI, () -> 0, () -> SECOND);
        for (int i = 0; i < 500; i++) {
            sim.arrive(0, Priority.LOW);
        }
        sim.runUntil(11 * MINUTE);
        assertThat(sim.sends.stream().filter(s -> s >= MINUTE).count()).isGreaterThanOrEqualTo(10 * 40 * 97 / 100);
    }

    @Test
    void aBypassCountsSoThatLaterSlotsComeLater() {
        var settings = new ThrottleSettings(2, 2, Pacing.WINDOW, 1, Duration.ofDays(1), Duration.ofDays(1), true);
        var desk = new Desk(settings);
        desk.queue(Priority.NORMAL, "first");
        var slot = ((Admission.Bypassed<String>) desk.admit(Priority.LOW)).slot();
        slot.sent();
        desk.runUntil(0);
        desk.queue(Priority.NORMAL, "second");
        desk.runUntil(60 * SECOND - 1);
        assertThat(desk.names()).containsExactly("first");
        desk.runUntil(60 * SECOND);
        assertThat(desk.names()).containsExactly("first", "second");
        assertThat(desk.throttle.snapshot().bypassed()).isEqualTo(1);
    }

    private static Simulation simulation(int limit, int burst, Pacing pacing, Random random) {
        long origin = random.nextBoolean() ? Long.MAX_VALUE - random.nextInt(400) * SECOND : random.nextLong();
        return new Simulation(settings(limit, burst, pacing), origin,
                () -> random.nextInt(10) == 0 ? -1 - random.nextInt(900) * MILLI : random.nextInt(901) * MILLI,
                () -> random.nextInt(601) * MILLI,
                () -> random.nextBoolean() ? 0 : random.nextInt(2000) * MILLI);
    }

    private static void traffic(Simulation sim, Random random, int limit) {
        long at = 0;
        while (at < 8 * MINUTE) {
            at += switch (random.nextInt(3)) {
                case 0 -> random.nextInt(90) * SECOND;
                case 1 -> (long) random.nextInt(4000) * MILLI;
                default -> 0;
            };
            int together = random.nextInt(4) == 0 ? random.nextInt(2 * limit) : 1;
            for (int i = 0; i < together; i++) {
                sim.arrive(at, List.of(Priority.values()).get(random.nextInt(3)));
            }
        }
    }

    private static ThrottleSettings settings(int limit, int burst, Pacing pacing) {
        return new ThrottleSettings(limit, burst, pacing, 100_000, Duration.ofDays(1), Duration.ofDays(1), false);
    }

    /** A provider that refills continuously, with room for one request and 100 ms. */
    private static long refusedByGcra(List<Long> arrivals, int limit) {
        long emission = MINUTE / limit;
        long due = Long.MIN_VALUE / 2;
        long refused = 0;
        for (long arrival : arrivals.stream().sorted().toList()) {
            if (arrival < due - 100 * MILLI) {
                refused++;
            } else {
                due = Math.max(due, arrival) + emission;
            }
        }
        return refused;
    }
}
