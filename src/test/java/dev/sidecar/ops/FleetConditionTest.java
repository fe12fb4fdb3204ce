package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.fleet.FleetStatus;
import dev.sidecar.fleet.FleetStatus.Mode;
import dev.sidecar.fleet.FleetView;
import dev.sidecar.fleet.ReplicaFigures;
import dev.sidecar.ops.WholeQueue.Seen;
import dev.sidecar.throttle.order.Admission;
import dev.sidecar.throttle.order.Outlook;
import dev.sidecar.throttle.order.Priority;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a fleet adds to the state of a sidecar. */
class FleetConditionTest {

    private final TwoProviders two = TwoProviders.ofThree();
    /** As the leader has it. */
    private final TwoProviders fleet = TwoProviders.ofThree();

    FleetConditionTest() {
        two.key("team-a").requestAnswered(200, true, "m", "a");
    }

    private static FleetStatus status(Mode mode, boolean without) {
        return new FleetStatus(mode, "a", "", List.of(new ReplicaFigures("a", 2, 1, without ? 0 : 14)), 0, false,
                without);
    }

    @ParameterizedTest
    @EnumSource(names = {"SHARED", "REJOINING"})
    void whoIsLedOrAboutToBeIsNothingToSay(Mode mode) {
        two.fleet = Optional.of(status(mode, false));
        assertThat(two.condition().causes()).isEmpty();
        assertThat(two.condition().checks().ready()).isTrue();
    }

    @Test
    void aReplicaThatIsAloneIsAWarningAndStaysReady() {
        two.fleet = Optional.of(status(Mode.ALONE, false));
        var condition = two.condition();
        assertThat(condition.state()).isEqualTo(State.FLEET_ALONE);
        assertThat(condition.getSeverity()).isEqualTo(Severity.WARN);
        assertThat(condition.causes()).containsExactly(new Cause.FleetAlone("a", 14));
        assertThat(condition.checks().ready()).isTrue();
    }

    @Test
    void aReplicaWithoutAPartIsNotReady() {
        two.fleet = Optional.of(status(Mode.ALONE, true));
        var condition = two.condition();
        assertThat(condition.state()).isEqualTo(State.NO_SHARE);
        assertThat(condition.getSeverity()).isEqualTo(Severity.BAD);
        assertThat(condition.causes()).containsExactly(new Cause.NoShare("a"));
        assertThat(condition.checks().ready()).isFalse();
    }

    @Test
    void whoWaitsAndWhatPausesIsThatOfTheWholeFleet() {
        fleet.pause(30);
        wait(fleet, 3);
        wait(two, 1);
        two.fleet = Optional.of(status(Mode.SHARED, false));
        var condition = two.conditions().of(seen());
        assertThat(condition.causes()).anySatisfy(
                cause -> assertThat(cause).isInstanceOfSatisfying(Cause.KeyPaused.class,
                        paused -> assertThat(paused.keys()).containsExactly("team-a")))
                .anySatisfy(cause -> assertThat(cause).isInstanceOfSatisfying(Cause.Waiting.class,
                        waiting -> assertThat(waiting.waiting()).isEqualTo(3)));
    }

    @Test
    void theLengthOfTheQueueIsThatOfTheReplica() {
        wait(fleet, 460);
        two.fleet = Optional.of(status(Mode.SHARED, false));
        assertThat(two.conditions().of(seen()).checks().queueHealthy()).isTrue();
        wait(two, 460);
        assertThat(two.conditions().of(seen()).checks().queueHealthy()).isFalse();
        assertThat(two.conditions().of(seen()).causes()).contains(new Cause.QueueNearlyFull(460, 500));
    }

    private Seen seen() {
        return new Seen(two.throttle.snapshot(),
                Optional.of(new FleetView(fleet.throttle.snapshot(), new Outlook(List.of(), List.of()))));
    }

    private static void wait(TwoProviders some, int requests) {
        for (int i = 0; i < requests; i++) {
            var queued = (Admission.Queued<String>) some.throttle.admit(Priority.NORMAL, null);
            some.throttle.enqueue(queued.ticket(), "r" + i);
        }
    }
}
