package dev.sidecar.ops;

import static dev.sidecar.ops.TwoProviders.ELSEWHERE;
import static dev.sidecar.ops.TwoProviders.OURS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.budget.BudgetMinute;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.budget.RetreatSnapshot;
import dev.sidecar.throttle.budget.RetreatState;
import dev.sidecar.throttle.order.KeyFigures;
import dev.sidecar.traffic.UpstreamEvidence.Source;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What /status says of each key, and of each provider. */
class KeyStatusTest {

    private final TwoProviders two = TwoProviders.ofThree();

    private List<KeyStatus> keys() {
        return two.states.keys(two.throttle.snapshot()).stream().map(KeyStatus::of).toList();
    }

    private List<ProviderStatus> providers() {
        return two.states.now().stream().map(ProviderStatus::of).toList();
    }

    @Test
    void keysComeInTheOrderOfTheFileAndNameAnAccountOnlyIfItIsAnother() {
        assertThat(keys()).extracting(KeyStatus::name).containsExactly("team-a", "team-b", "team-c", "spare");
        assertThat(keys()).extracting(KeyStatus::account).containsExactly(null, "shared", "shared", null);
        assertThat(keys()).extracting(KeyStatus::provider).containsExactly(OURS, OURS, OURS, ELSEWHERE);
        assertThat(keys()).extracting(KeyStatus::state).containsOnly("ok");
    }

    @Test
    void aKeyThatIsRefusedAtAnotherReplicaIsOutHereToo() {
        two.throttle.keyAccepted("team-a", false);
        assertThat(keys().getFirst().state()).isEqualTo("refused");
        assertThat(keys().getFirst().refusedStatus()).isNull();
        assertThat(keys().get(1).state()).isEqualTo("ok");
    }

    @Test
    void aKeyHasTheFiguresOfItsAccount() {
        two.pause(30);
        var paused = keys().stream().filter(key -> key.state().equals("paused")).findFirst().orElseThrow();
        assertThat(paused.used()).isOne();
        assertThat(paused.pausedSeconds()).isEqualTo(30);
        assertThat(paused.tokens()).isZero();
        assertThat(paused.rateRpm()).isEqualTo(40);
        assertThat(keys().getLast()).satisfies(spare -> {
            assertThat(spare.used()).isZero();
            assertThat(spare.tokens()).isEqualTo(40);
            assertThat(spare.learnedRpm()).isNull();
        });
    }

    @Test
    void aLoweredRateIsSaidWithWhatWasLearned() {
        var lowered = new RetreatSnapshot(RetreatState.RETREAT, 40, 17.26, Pacing.PACED, 0.5, OptionalDouble.of(20.04),
                Optional.empty(), Optional.empty(), Duration.ofMillis(1500), OptionalInt.empty(), 0);
        var figures = new KeyFigures(OURS, "team-a", "team-a", KeyFigures.State.PAUSED, 0,
                new BudgetMinute(20, 7, Optional.empty()), lowered, Optional.empty());
        var key = KeyStatus.of(new KeyState(figures, two.key("team-a"), false));
        assertThat(key).isEqualTo(new KeyStatus(OURS, "team-a", null, "paused", 40, 17.3, 0, 7, "RETREAT", 20.0, 1.5,
                null, null, null, null));
    }

    @Test
    void aRefusalIsSaidWithItsStatusAndItsBeginning() {
        two.refuse("team-b");
        two.key("team-a").requestAnswered(403, true, "m", "a");
        assertThat(keys()).extracting(KeyStatus::state).containsExactly("ok", "refused", "ok", "ok");
        assertThat(keys()).extracting(KeyStatus::refusedStatus).containsExactly(403, 402, null, null);
        assertThat(keys()).extracting(KeyStatus::refusedModel).containsExactly("m", null, null, null);
        assertThat(keys().get(1).refusedSince()).isNotNull();
    }

    @Test
    void keysOfAnOpenCircuitSaySo() {
        two.open(ELSEWHERE);
        assertThat(keys()).extracting(KeyStatus::state).containsExactly("ok", "ok", "ok", "circuit_open");
    }

    @Test
    void providersSayWhetherTheyServe() {
        two.open(OURS);
        two.key("team-b").failed(Source.REQUEST);
        two.key("team-b").attemptFailed("connection refused");
        two.nanos.addAndGet(Duration.ofSeconds(5).toNanos());
        assertThat(providers()).containsExactly(
                new ProviderStatus(OURS, State.CIRCUIT_OPEN, "open", 8.0, false, 5.0, "request", "connection refused",
                        0),
                new ProviderStatus(ELSEWHERE, null, "closed", null, null, null, null, null, 10));
    }

    @Test
    void theNewestEvidenceOfItsKeysSaysWhetherAProviderIsReachable() {
        two.key("team-a").failed(Source.REQUEST);
        two.nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        two.key("team-b").requestAnswered(200, true, "m", "a");
        assertThat(providers().getFirst().reachable()).isTrue();
        two.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        two.key("team-a").failed(Source.REQUEST);
        assertThat(providers().getFirst().reachable()).as("one failed connection between responses").isTrue();
        two.nanos.addAndGet(Duration.ofSeconds(3).toNanos());
        assertThat(providers().getFirst().reachable()).isFalse();
    }
}
