package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.KeyFigures;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.traffic.UpstreamEvidence;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** When a refused key pays again, in virtual time. */
class KeyWatchTest {

    private static final KeyFigures.State OK = KeyFigures.State.OK;
    private static final KeyFigures.State REFUSED = KeyFigures.State.REFUSED;

    private static final Evidences.Id A = new Evidences.Id("acme", "a");

    private final AtomicLong nanos = new AtomicLong(-3);
    private final Throttle<String> throttle = new Throttle<>(new ThrottleSettings(40, 40, Pacing.WINDOW, 10,
            Duration.ofMinutes(10), Duration.ofMinutes(10), false), accounts(), nanos::get);
    private final Evidences evidences = new Evidences(nanos::get, InstantSource.system());
    private final UpstreamEvidence a = evidences.of(A);
    private final AtomicInteger probes = new AtomicInteger();
    private int probeStatus = 200;
    private final KeyWatch watch = new KeyWatch(throttle, key -> {
        probes.incrementAndGet();
        key.probeAnswered(probeStatus);
    }, Runnable::run, nanos::get);

    {
        evidences.keys(List.of(A));
        evidences.whenKeyChanges(watch::changed);
    }

    private static Map<String, BudgetSettings> accounts() {
        Map<String, BudgetSettings> accounts = new LinkedHashMap<>();
        accounts.put("a", new BudgetSettings(40, 40, Pacing.WINDOW));
        accounts.put("b", new BudgetSettings(40, 40, Pacing.WINDOW));
        return accounts;
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        watch.look();
    }

    private List<KeyFigures.State> states() {
        return throttle.snapshot().keys().stream().map(KeyFigures::state).toList();
    }

    @Test
    void aKeyWithoutCreditIsOutAtOnceAndIsTriedAfterItsRest() {
        a.requestAnswered(402, true, "m", "client");
        assertThat(states()).containsExactly(REFUSED, OK);
        pass(KeyWatch.REST.minusNanos(1));
        assertThat(states()).containsExactly(REFUSED, OK);
        assertThat(probes).hasValue(0);
        pass(Duration.ofNanos(1));
        assertThat(probes).hasValue(1);
        assertThat(states()).containsExactly(OK, OK);
    }

    @Test
    void onTrialTheNextRequestDecides() {
        a.requestAnswered(402, true, "m", "client");
        pass(KeyWatch.REST);
        a.requestAnswered(402, true, "m", "client");
        assertThat(states()).containsExactly(REFUSED, OK);
        pass(KeyWatch.REST);
        a.requestAnswered(200, true, "m", "client");
        assertThat(states()).containsExactly(OK, OK);
        assertThat(a.keyRefused()).isEmpty();
        pass(KeyWatch.REST.multipliedBy(2));
        assertThat(probes).hasValue(2);
    }

    @Test
    void aKeyWhoseProbeIsRefusedRestsAgain() {
        probeStatus = 401;
        a.requestAnswered(402, true, "m", "client");
        pass(KeyWatch.REST);
        assertThat(states()).containsExactly(REFUSED, OK);
        pass(Duration.ofSeconds(1));
        assertThat(probes).as("once a rest").hasValue(1);
        probeStatus = 200;
        pass(KeyWatch.REST);
        assertThat(probes).hasValue(2);
        assertThat(states()).containsExactly(OK, OK);
        assertThat(a.keyRefused()).isEmpty();
    }

    /** It may call models and not list them. */
    @Test
    void aKeyWhoseProbeIsForbiddenIsOnTrialAfterItsRest() {
        probeStatus = 403;
        a.requestAnswered(403, true, "m", "client");
        a.requestAnswered(403, true, "m", "another");
        assertThat(states()).containsExactly(REFUSED, OK);
        pass(KeyWatch.REST);
        assertThat(states()).containsExactly(OK, OK);
        a.requestAnswered(403, true, "m", "client");
        assertThat(states()).as("the next request decides").containsExactly(REFUSED, OK);
        pass(KeyWatch.REST);
        a.requestAnswered(200, true, "m", "client");
        assertThat(a.keyRefused()).isEmpty();
        assertThat(states()).containsExactly(OK, OK);
    }

    @Test
    void aFurtherRefusalDoesNotProlongTheRest() {
        a.requestAnswered(402, true, "m", "client");
        pass(KeyWatch.REST.dividedBy(2));
        a.requestAnswered(402, true, "m", "client");
        pass(KeyWatch.REST.dividedBy(2));
        assertThat(states()).containsExactly(OK, OK);
        a.requestAnswered(402, true, "m", "client");
        pass(KeyWatch.REST.minusNanos(1));
        assertThat(states()).as("on trial it begins a new rest").containsExactly(REFUSED, OK);
    }

    @Test
    void aKeyThatIsGoneIsNotTriedAgain() {
        a.requestAnswered(402, true, "m", "client");
        evidences.keys(List.of(new Evidences.Id("acme", "b")));
        watch.keys(evidences.all());
        a.requestAnswered(402, true, "m", "client"); // one that was under way
        pass(KeyWatch.REST);
        assertThat(probes).hasValue(0);
    }

    @Test
    void whatIsSaidOfAnEarlierValueOfAKeyDoesNotConcernTheNewOne() {
        evidences.forget(A);
        a.requestAnswered(402, true, "m", "client");
        assertThat(states()).containsExactly(OK, OK);
        assertThat(evidences.of(A).keyRefused()).isEmpty();
    }

    @Test
    void oneClientsRefusalsTakeNoKeyOutAndThoseOfTwoDo() {
        a.requestAnswered(401, true, "m", "client");
        a.requestAnswered(401, true, "m", "client");
        assertThat(states()).containsExactly(OK, OK);
        a.requestAnswered(200, true, "m", "another");
        a.requestAnswered(401, true, "m", "client");
        assertThat(states()).containsExactly(OK, OK);
        a.requestAnswered(401, true, "m", "another");
        assertThat(states()).containsExactly(REFUSED, OK);
    }
}
