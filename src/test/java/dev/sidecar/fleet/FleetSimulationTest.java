package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.fleet.FleetSimulation.Node;
import dev.sidecar.fleet.Follower.Mode;
import dev.sidecar.throttle.budget.BudgetRule;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FleetSimulationTest {

    private static final int LIMIT = 60;

    private final FleetSimulation fleet = new FleetSimulation(1, LIMIT, false);

    private double useOf(Duration time, double limit) {
        int before = fleet.provider.arrivals;
        fleet.run(time);
        return (fleet.provider.arrivals - before) / (limit * time.toNanos() / BudgetRule.PERIOD);
    }

    @Test
    void unevenReplicasUseTheWholeLimitTogether() {
        Node busy = fleet.start(40, 0);
        Node idle = fleet.start(0, 0);
        Node some = fleet.start(2, 0);
        fleet.run(Duration.ofMinutes(3));
        assertThat(useOf(Duration.ofMinutes(20), LIMIT)).isBetween(0.97, 1.0);
        assertThat(fleet.provider.violations).isZero();
        assertThat(busy.part() + idle.part() + some.part()).isEqualTo(LIMIT);
        assertThat(busy.granted).isGreaterThan(LIMIT / 3 * 20);
    }

    @Test
    void aLoneRequestGoesInSomeMillisecondsAtTheLeaderAndAtAFollower() {
        for (Node each : List.of(fleet.start(0, 0), fleet.start(0, 0))) {
            fleet.run(Duration.ofSeconds(20));
            each.keepWaiting = 1;
            while (each.granted == 0) {
                fleet.run(Duration.ofMillis(1));
            }
            each.keepWaiting = 0;
            assertThat(each.longestWaitMillis).isLessThan(10);
        }
    }

    @Test
    void withoutRedisEachSendsItsPartAndAllOfIt() {
        Node first = fleet.start(20, 0);
        Node second = fleet.start(20, 0);
        fleet.run(Duration.ofMinutes(3));
        fleet.redis.up = false;
        fleet.run(Duration.ofSeconds(70));
        assertThat(first.mode()).isEqualTo(Mode.ALONE);
        assertThat(second.mode()).isEqualTo(Mode.ALONE);
        assertThat(useOf(Duration.ofMinutes(20), LIMIT)).isBetween(0.95, 1.0);
        assertThat(fleet.provider.violations).isZero();
    }

    @Test
    void theyAreTogetherAgainWithinFiveSecondsOfRedis() {
        Node first = fleet.start(5, 0);
        Node second = fleet.start(5, 0);
        fleet.run(Duration.ofMinutes(1));
        fleet.redis.up = false;
        fleet.run(Duration.ofSeconds(30));
        fleet.redis.restartEmpty();
        fleet.run(Duration.ofSeconds(5));
        assertThat(first.mode()).isEqualTo(Mode.SHARED);
        assertThat(second.mode()).isEqualTo(Mode.SHARED);
    }

    @Test
    void aReplicaThatLeavesHandsOverItsPartAtOnce() {
        Node stays = fleet.start(20, 0);
        Node leaves = fleet.start(20, 0);
        fleet.run(Duration.ofMinutes(3));
        assertThat(stays.part()).isEqualTo(LIMIT / 2);
        leaves.leave();
        fleet.run(Duration.ofSeconds(10));
        assertThat(leaves.alive).isFalse();
        assertThat(stays.part()).isEqualTo(LIMIT);
    }

    @Test
    void thePartOfAKilledReplicaIsItsOwnForTenMinutes() {
        Node stays = fleet.start(20, 0);
        Node dies = fleet.start(20, 0);
        fleet.run(Duration.ofMinutes(3));
        dies.kill();
        fleet.run(Duration.ofMinutes(9));
        assertThat(stays.part()).isEqualTo(LIMIT / 2);
        fleet.run(Duration.ofMinutes(2));
        assertThat(stays.part()).isEqualTo(LIMIT);
        assertThat(fleet.provider.violations).isZero();
    }

    @Test
    void aKilledReplicaThatComesBackWithItsFolderHasItsPartAgain() {
        Node stays = fleet.start(20, 0);
        Node dies = fleet.start(20, 0);
        fleet.run(Duration.ofMinutes(3));
        dies.kill();
        fleet.run(Duration.ofSeconds(20));
        dies.startAgain();
        fleet.run(Duration.ofSeconds(10));
        assertThat(stays.part() + dies.part()).isEqualTo(LIMIT);
        assertThat(dies.mode()).isEqualTo(Mode.SHARED);
        fleet.run(Duration.ofMinutes(3));
        assertThat(fleet.provider.violations).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 106, 285})
    void noFaultExceedsTheLimitOrAnswersTwice(long seed) {
        var outcome = FleetHours.run(seed, Duration.ofMinutes(20));
        assertThat(outcome.violations()).isZero();
        assertThat(outcome.answeredTwice()).isZero();
        assertThat(outcome.neverShared()).isZero();
    }
}
