package dev.sidecar.simulator.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.simulator.limits.ProviderLimit.Decision.Accepted;
import dev.sidecar.simulator.limits.ProviderLimit.Decision.Refused;
import dev.sidecar.simulator.limits.ProviderLimit.Decision.WorkersBusy;
import dev.sidecar.simulator.limits.ProviderLimit.Request;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class WorkerCapLimitTest {

    private static final long SECOND = 1_000_000_000L;
    private static final Request A = new Request("/v1/chat/completions", "a");
    private static final Request B = new Request("/v1/chat/completions", "b");

    @Test
    void refusesWhatFindsNoWorkerUntilOneEnds() {
        var limit = new WorkerCapLimit(wide(), 2, 0, new Random(1), 0);
        assertThat(limit.decide(A, 0)).isInstanceOf(Accepted.class);
        assertThat(limit.decide(A, 0)).isInstanceOf(Accepted.class);
        assertThat(limit.decide(A, 60 * SECOND)).isEqualTo(new WorkersBusy(2));
        assertThat(limit.decide(B, 60 * SECOND)).as("another model").isInstanceOf(Accepted.class);
        limit.ended(A, 61 * SECOND);
        assertThat(limit.running("a")).isEqualTo(1);
        assertThat(limit.decide(A, 61 * SECOND)).isInstanceOf(Accepted.class);
        assertThat(limit.decide(A, 61 * SECOND)).isEqualTo(new WorkersBusy(2));
    }

    @Test
    void theRequestsOfAllKeysHaveTheSameWorkers() {
        var workers = new Workers(2, 0, new Random(1), 0);
        var one = new WorkerCapLimit(wide(), workers);
        var other = new WorkerCapLimit(wide(), workers);
        assertThat(one.decide(A, 0)).isInstanceOf(Accepted.class);
        assertThat(other.decide(A, 0)).isInstanceOf(Accepted.class);
        assertThat(one.decide(A, 0)).isEqualTo(new WorkersBusy(2));
        other.ended(A, 0);
        assertThat(one.decide(A, 0)).isInstanceOf(Accepted.class);
    }

    @Test
    void speaksAsTheProviderDoes() {
        assertThat(new WorkersBusy(32).message())
                .isEqualTo("ResourceExhausted: Worker local total request limit reached (32/32)");
    }

    @Test
    void theKeysRateIsAskedFirstAndUsedUpByWhatTheWorkersRefuse() {
        var limit = new WorkerCapLimit(new MeteredLimit(3, new SlidingLog(Duration.ofMinutes(1))), 1, 0, new Random(1),
                0);
        assertThat(limit.decide(A, 0)).isInstanceOf(Accepted.class);
        assertThat(limit.decide(A, 0)).isInstanceOf(WorkersBusy.class);
        assertThat(limit.standing(0).remaining()).isEqualTo(1);
        assertThat(limit.decide(A, 0)).isInstanceOf(WorkersBusy.class);
        assertThat(limit.decide(A, 0)).isEqualTo(new Refused(Duration.ofMinutes(1)));
        limit.ended(A, 0);
        assertThat(limit.decide(A, 0)).as("a free worker, but no rate").isInstanceOf(Refused.class);
    }

    @Test
    void whatDidNotRunCannotEnd() {
        var limit = new WorkerCapLimit(wide(), 2, 0, new Random(1), 0);
        limit.decide(A, 0);
        limit.ended(A, 1);
        assertThatThrownBy(() -> limit.ended(A, 2)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("model a");
    }

    @Property(tries = 100)
    void ownAndOthersNeverExceedTheWorkersAndNobodyIsRefusedWithoutCause(@ForAll long origin, @ForAll long seed,
            @ForAll @IntRange(max = 8) int others, @ForAll @IntRange(min = 1, max = 60) int everySeconds) {
        var limit = new WorkerCapLimit(wide(), 8, others, new Random(seed), origin);
        // The crowd depends on its seed and the time alone, so a second one is the reference.
        var crowd = new Crowd(others, 8, Duration.ofSeconds(10), new Random(seed), origin);
        var random = new Random(~seed);
        var running = new ArrayDeque<Request>();
        for (long second = 0; second < 1200; second += everySeconds) {
            long now = origin + second * SECOND;
            if (random.nextInt(3) == 0 && !running.isEmpty()) {
                limit.ended(running.removeFirst(), now);
            }
            boolean free = crowd.present(now) + running.size() < 8;
            assertThat(limit.decide(A, now) instanceof Accepted).isEqualTo(free);
            if (free) {
                running.add(A);
            }
        }
    }

    @Test
    void theCrowdVariesAroundWhatItIsSaidToBe() {
        var crowd = new Crowd(24, 32, Duration.ofSeconds(10), new Random(3), Long.MAX_VALUE - 500 * SECOND);
        var seen = new HashSet<Integer>();
        double sum = 0;
        for (long second = 0; second < 20_000; second++) {
            int present = crowd.present(Long.MAX_VALUE - 500 * SECOND + second * SECOND);
            assertThat(present).isBetween(0, 32);
            seen.add(present);
            sum += present;
        }
        // By Erlang's formula 2.6 % of those who come find 32 of 32 busy, so 23.4 are there on average.
        assertThat(sum / 20_000).isBetween(22.5, 24.3);
        assertThat(seen).contains(15, 20, 24, 30, 32);
    }

    @Test
    void whereNobodyElseIsNobodyComes() {
        assertThat(new Crowd(0, 32, Duration.ofSeconds(10), new Random(3), 0).present(1_000_000 * SECOND)).isZero();
        assertThatThrownBy(() -> new Crowd(33, 32, Duration.ofSeconds(10), new Random(3), 0))
                .hasMessage("offered must be between 0 and 32, got 33");
        assertThat(List.of(0, 32)).allSatisfy(
                n -> assertThat(new Crowd(n, 32, Duration.ofSeconds(10), new Random(3), 0).present(0)).isEqualTo(n));
    }

    private static ProviderLimit wide() {
        return new MeteredLimit(1_000_000, new SlidingLog(Duration.ofMinutes(1)));
    }
}
