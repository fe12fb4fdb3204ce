package dev.sidecar.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.traffic.UpstreamEvidence.Source;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is concluded of the provider and the key from answers, failures and probes. */
class UpstreamEvidenceTest {

    private static final Instant START = Instant.parse("2026-06-24T00:00:00Z");
    private static final String LLAMA = "meta/llama";
    private static final String QWEN = "qwen/qwen";

    private final AtomicLong nanos = new AtomicLong(-7);
    private final UpstreamEvidence evidence = new UpstreamEvidence("acme", "acme", nanos::get,
            () -> START.plusNanos(nanos.get() + 7), _ -> {
            });

    // ---- whether it can be reached ----

    @Test
    void howTheLatestAttemptFailedIsForgottenWithTheNextResponse() {
        assertThat(evidence.latestFailure()).isEmpty();
        evidence.attemptFailed("connection refused");
        evidence.requestAnswered(503, true, "m", "a");
        assertThat(evidence.latestFailure()).hasValue("connection refused");
        evidence.requestAnswered(429, true, "m", "a");
        assertThat(evidence.latestFailure()).isEmpty();
    }

    @Test
    void nothingIsKnownBeforeTheFirstSign() {
        assertThat(evidence.reached().state()).isEqualTo("unknown");
        assertThat(evidence.reached().age()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 301, 401, 404, 429})
    void anAnswerToARequestShowsThatTheProviderIsThere(int status) {
        evidence.requestAnswered(status, true, LLAMA, "a");
        nanos.addAndGet(5_000_000_000L);
        assertThat(evidence.reached().state()).isEqualTo("reachable");
        assertThat(evidence.reached().age()).isEqualTo(Duration.ofSeconds(5));
        assertThat(evidence.reached().source()).isEqualTo(Source.REQUEST);
    }

    @Test
    void anAnswerFromFiveHundredOnShowsNothingOnARequestAndAFailureOnAProbe() {
        evidence.requestAnswered(503, true, LLAMA, "a");
        assertThat(evidence.reached().state()).isEqualTo("unknown");
        evidence.probeAnswered(503);
        assertThat(evidence.reached().state()).isEqualTo("unreachable");
    }

    @Test
    void oneFailedConnectionAmongAnswersIsNotTakenForAnOutage() {
        evidence.requestAnswered(200, true, LLAMA, "a");
        evidence.failed(Source.REQUEST);
        assertThat(evidence.reached().state()).isEqualTo("reachable");
        nanos.addAndGet(1_000_000_000L);
        evidence.failed(Source.REQUEST);
        nanos.addAndGet(2_000_000_000L);
        assertThat(evidence.reached().state()).isEqualTo("unreachable");
        assertThat(evidence.reached().failsSince()).isEqualTo(START);
        evidence.requestAnswered(200, true, LLAMA, "a");
        assertThat(evidence.reached().state()).isEqualTo("reachable");
        assertThat(evidence.reached().failsSince()).isNull();
    }

    @Test
    void aFailureWithoutAnyAnswerBeforeIsAnOutage() {
        evidence.failed(Source.PROBE);
        assertThat(evidence.reached().state()).isEqualTo("unreachable");
    }

    // ---- whether the key is accepted ----

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aRefusalForOneModelIsNoProof(int status) {
        for (int i = 0; i < 100; i++) {
            assertThat(evidence.requestAnswered(status, true, LLAMA, "a")).as("worth a probe").isTrue();
        }
        assertThat(evidence.keyRefused()).isEmpty();
        assertThat(evidence.modelRefused()).contains(new KeyRefusal(status, LLAMA, START));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 402, 403})
    void whatDoesNotCountIsNoProofAndWorthAProbe(int status) {
        for (var client : List.of("a", "b")) {
            assertThat(evidence.requestAnswered(status, false, LLAMA, client)).isTrue();
            assertThat(evidence.requestAnswered(status, false, QWEN, client)).isTrue();
        }
        assertThat(evidence.keyRefused()).isEmpty();
        evidence.probeAnswered(401);
        assertThat(evidence.keyRefused()).isPresent();
        assertThat(evidence.requestAnswered(status, false, LLAMA, "a")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void thatAndARefusedProbeIs(int status) {
        evidence.requestAnswered(status, true, LLAMA, "a");
        nanos.addAndGet(1_000_000_000L);
        evidence.probeAnswered(status);
        assertThat(evidence.keyRefused()).contains(new KeyRefusal(status, null, START));
        assertThat(evidence.modelRefused()).isEmpty();
        assertThat(evidence.requestAnswered(status, true, LLAMA, "a")).as("worth a probe").isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void aRefusedProbeIsAProofBeforeTheFirstRequest(int status) {
        evidence.probeAnswered(status);
        assertThat(evidence.keyRefused()).isPresent();
    }

    @Test
    void refusalsForTwoModelsAreAProofUnlessOneIsServedBetween() {
        evidence.requestAnswered(403, true, LLAMA, "a");
        evidence.requestAnswered(200, true, "another", "a");
        evidence.requestAnswered(403, true, QWEN, "a");
        assertThat(evidence.keyRefused()).isEmpty();
        evidence.requestAnswered(500, true, LLAMA, "a");
        evidence.requestAnswered(403, true, LLAMA, "a");
        assertThat(evidence.keyRefused()).isPresent();
    }

    @Test
    void noCreditIsAProofForAllModels() {
        evidence.requestAnswered(402, true, LLAMA, "a");
        assertThat(evidence.keyRefused()).contains(new KeyRefusal(402, null, START));
    }

    @Test
    void aServedRequestClearsItAndAListOfModelsForEverybodyDoesNot() {
        evidence.requestAnswered(401, true, LLAMA, "a");
        evidence.requestAnswered(401, true, QWEN, "a");
        evidence.probeAnswered(200);
        evidence.requestAnswered(200, false, null, "a"); // a GET, which may be open to everybody too
        assertThat(evidence.keyRefused()).isPresent();
        evidence.requestAnswered(200, true, LLAMA, "a");
        assertThat(evidence.keyRefused()).isEmpty();
        assertThat(evidence.modelRefused()).isEmpty();
    }

    @Test
    void aProbeThatWasRefusedAndIsNoMoreClearsIt() {
        evidence.requestAnswered(401, true, LLAMA, "a");
        evidence.probeAnswered(401);
        evidence.probeAnswered(200);
        assertThat(evidence.keyRefused()).isEmpty();
        assertThat(evidence.modelRefused()).isEmpty();
    }

    @Test
    void aKeyThatMayCallModelsAndNotListThemIsAccepted() {
        evidence.probeAnswered(403);
        evidence.requestAnswered(200, true, LLAMA, "a");
        assertThat(evidence.keyRefused()).isEmpty();
        evidence.probeAnswered(403);
        evidence.probeAnswered(401);
        assertThat(evidence.keyRefused()).as("requests are served all the same").isEmpty();
        evidence.requestAnswered(403, true, LLAMA, "a");
        assertThat(evidence.keyRefused()).isPresent();
    }

    @Test
    void aProbeThatIsAnsweredForbiddenProvesNothingWhileRequestsAreServed() {
        evidence.requestAnswered(200, true, LLAMA, "a");
        evidence.probeAnswered(403);
        assertThat(evidence.keyRefused()).isEmpty();
    }

    @Test
    void aKeyThatIsRevokedIsSeenByTheNextProbe() {
        evidence.requestAnswered(200, true, LLAMA, "a");
        evidence.probeAnswered(401);
        assertThat(evidence.keyRefused()).isPresent();
    }

    @Test
    void otherErrorsSayNothingOfTheKey() {
        for (int status : new int[]{400, 404, 409, 422, 429, 500, 503}) {
            assertThat(evidence.requestAnswered(status, true, LLAMA, "a")).isFalse();
            evidence.probeAnswered(status);
        }
        assertThat(evidence.keyRefused()).isEmpty();
        assertThat(evidence.modelRefused()).isEmpty();
    }
}
