package dev.sidecar.ops;

import static dev.sidecar.ops.TwoProviders.ELSEWHERE;
import static dev.sidecar.ops.TwoProviders.OURS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.traffic.UpstreamEvidence.Source;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One of several providers or keys that fails is a degraded state. Only when all fail nobody is served. */
class SeveralProvidersConditionTest {

    private static final BigDecimal AT_THE_START = BigDecimal.valueOf(TwoProviders.START.getEpochSecond());

    private final TwoProviders two = TwoProviders.ofThree();

    // ---- a provider ----

    @Test
    void nothingIsWrongAtTheStart() {
        assertThat(two.condition().state()).isEqualTo(State.SERVING);
        assertThat(two.condition().checks().keyAccepted()).isTrue();
    }

    @Test
    void anOpenCircuitIsNoOutageWhileAnotherProviderServes() {
        two.key("team-b").attemptFailed("status 503");
        two.open(OURS);
        var condition = two.condition();
        assertThat(condition.causes()).containsExactly(
                new Cause.ProviderOut(OURS, State.CIRCUIT_OPEN, null, "status 503", 8.0, List.of(ELSEWHERE)));
        assertThat(condition.getSeverity()).isEqualTo(Severity.WARN);
        assertThat(condition.headline()).isEqualTo("Provider ours is out: circuit open (latest: status 503), next probe"
                + " in 8 s; elsewhere serves.");
    }

    @Test
    void anUnreachableProviderIsNoOutageWhileAnotherServes() {
        two.key("team-a").failed(Source.REQUEST);
        two.key("team-a").attemptFailed("connection refused");
        two.key("spare").requestAnswered(200, true, "m", "a");
        var condition = two.condition();
        assertThat(condition.causes()).singleElement().satisfies(cause -> {
            var out = (Cause.ProviderOut) cause;
            assertThat(out.reason()).isEqualTo(State.UPSTREAM_UNREACHABLE);
            assertThat(out.since()).isEqualByComparingTo(AT_THE_START);
        });
        assertThat(condition.headline()).isEqualTo("Provider ours is out: unreachable since 14:02 UTC (latest:"
                + " connection refused); elsewhere serves.");
        assertThat(condition.checks().ready()).isTrue();
        assertThat(condition.checks().upstreamReachable()).isTrue();
    }

    @Test
    void withoutAnyReachableProviderItIsNotReady() {
        two.key("team-a").failed(Source.PROBE);
        two.key("spare").failed(Source.PROBE);
        var condition = two.condition();
        assertThat(condition.checks().ready()).isFalse();
        assertThat(condition.state()).isEqualTo(State.UPSTREAM_UNREACHABLE);
        assertThat(condition.causes()).extracting("provider").containsExactly(OURS, ELSEWHERE);
        assertThat(condition.headline()).isEqualTo("Provider ours unreachable since 14:02 UTC.");
        assertThat(condition.detail()).contains("Provider elsewhere unreachable since 14:02 UTC.");
    }

    @Test
    void aProviderThatRefusesEveryKeyIsOutAndItsKeysAreNamed() {
        two.refuse("team-a", "team-b", "team-c");
        var condition = two.condition();
        assertThat(condition.state()).isEqualTo(State.PROVIDER_OUT);
        assertThat(condition.headline())
                .isEqualTo("Provider ours is out: it refuses every key; elsewhere serves.");
        assertThat(condition.causes()).extracting(Cause::state)
                .containsExactly(State.PROVIDER_OUT, State.KEY_OUT, State.KEY_OUT, State.KEY_OUT);
        assertThat(condition.checks().keyAccepted()).isTrue();
    }

    @Test
    void theOneThatIsAskedLastMayBeOutToo() {
        two.open(ELSEWHERE);
        assertThat(two.condition().headline()).endsWith("; ours serves.").startsWith("Provider elsewhere is out: ");
    }

    @Test
    void onlyWhenAllAreOutNobodyIsServed() {
        two.open(OURS);
        two.refuse("spare");
        var condition = two.condition();
        assertThat(condition.state()).isEqualTo(State.CIRCUIT_OPEN);
        assertThat(condition.getSeverity()).isEqualTo(Severity.BAD);
        assertThat(two.causes()).containsExactlyInAnyOrder("circuit_open", "key_refused");
        assertThat(condition.headline()).startsWith("Circuit of ours open: ");
        assertThat(condition.detail()).startsWith("No provider serves: ")
                .contains("Provider refuses key spare (402) since 14:02 UTC.");
    }

    @Test
    void aCircuitThatTriesIsNamedAndNoOutage() {
        two.open(OURS);
        two.circuits.of(OURS).transitionToHalfOpenState();
        assertThat(two.condition().causes()).containsExactly(new Cause.CircuitHalfOpen(OURS));
        assertThat(two.condition().headline()).startsWith("Circuit of ours half open: ");
    }

    // ---- a key ----

    @Test
    void aRefusedKeyIsNamedWhileOthersServe() {
        two.refuse("team-b");
        var condition = two.condition();
        assertThat(condition.causes()).singleElement().satisfies(cause -> {
            var out = (Cause.KeyOut) cause;
            assertThat(out.provider()).isEqualTo(OURS);
            assertThat(out.key()).isEqualTo("team-b");
            assertThat(out.status()).isEqualTo(402);
            assertThat(out.since()).isEqualByComparingTo(AT_THE_START);
        });
        assertThat(condition.getSeverity()).isEqualTo(Severity.WARN);
        assertThat(condition.headline()).isEqualTo("Provider ours refuses key team-b (402) since 14:02 UTC.");
        assertThat(condition.detail()).isEqualTo("Its account has no credit. Requests use other keys.");
    }

    @Test
    void onlyWhenNoKeyIsAcceptedTheCheckSaysSo() {
        two.refuse("team-a", "team-b", "spare");
        assertThat(two.condition().checks().keyAccepted()).isTrue();
        assertThat(two.condition().state()).isEqualTo(State.PROVIDER_OUT);
        two.refuse("team-c");
        assertThat(two.condition().checks().keyAccepted()).isFalse();
        assertThat(two.condition().state()).isEqualTo(State.KEY_REFUSED);
        assertThat(two.condition().causes()).extracting("key").containsExactly("team-a", "team-b", "team-c", "spare");
    }

    @Test
    void aModelThatOneKeyMayNotUseIsSaidOfThatKey() {
        two.key("team-b").requestAnswered(403, true, "m", "a");
        assertThat(two.condition().headline())
                .isEqualTo("Provider refuses key team-b (403) for model m since 14:02 UTC.");
        assertThat(two.condition().detail()).endsWith("other keys are used for it.");
    }

    // ---- a pause ----

    @Test
    void onePauseIsBelowThatOfAll() {
        two.pause(30);
        assertThat(two.causes()).contains("key_paused").doesNotContain("paused");
        var paused = two.condition().causes().stream().filter(Cause.KeyPaused.class::isInstance).findFirst()
                .orElseThrow();
        assertThat(paused.severity()).isEqualTo(Severity.BUSY).isLessThan(State.PAUSED.severity());
        assertThat(((Cause.KeyPaused) paused).keys()).isNotEmpty().isSubsetOf("team-a", "team-b", "team-c");
        assertThat(((Cause.KeyPaused) paused).seconds()).isEqualTo(30);
    }

    @Test
    void whenEveryKeyThatCouldPayPausesNothingIsSent() {
        var single = TwoProviders.single();
        single.pause(30);
        assertThat(single.causes()).contains("paused").doesNotContain("key_paused");

        two.refuse("team-b", "team-c", "spare");
        two.throttle.keyAccepted("team-b", false);
        two.throttle.keyAccepted("team-c", false);
        two.throttle.keyAccepted("spare", false);
        two.pause(20);
        assertThat(two.causes()).contains("paused", "key_out").doesNotContain("key_paused");
    }

    // ---- one provider with one key ----

    @Test
    void aSingleProviderIsNeverMerelyOut() {
        var single = TwoProviders.single();
        single.open(OURS);
        single.refuse(OURS);
        single.nanos.addAndGet(Duration.ofSeconds(4).toNanos()); // so long a response holds
        single.key(OURS).failed(Source.REQUEST);
        assertThat(single.causes()).containsExactlyInAnyOrder("circuit_open", "key_refused", "upstream_unreachable");
        assertThat(single.condition().headline()).startsWith("Circuit open: ");
        assertThat(single.condition().causes()).filteredOn(Cause.CircuitOpen.class::isInstance)
                .extracting("provider").containsOnlyNulls();
        assertThat(single.condition().checks().keyAccepted()).isFalse();
    }

    @Test
    void afterAnEditTheConditionIsThatOfTheNewProviders() {
        two.open(OURS);
        two.put(TwoProviders.provider("new", 0, TwoProviders.key("fresh", "fresh")));
        assertThat(two.condition().state()).isEqualTo(State.SERVING);
    }
}
