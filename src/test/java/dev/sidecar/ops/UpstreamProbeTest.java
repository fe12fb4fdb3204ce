package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.traffic.UpstreamEvidence;
import dev.sidecar.upstream.UpstreamClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.hc.core5.http.message.BasicHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When the provider counts as reachable, and how often it is asked. */
class UpstreamProbeTest {

    private final FakeProvider provider = FakeProvider.start();
    private final AtomicLong nanos = new AtomicLong();
    private final UpstreamClient client = new UpstreamClient(() -> Duration.ofSeconds(60));
    private final UpstreamEvidence evidence = new Evidences(nanos::get, InstantSource.system())
            .of(new Evidences.Id("acme", "acme"));
    private final UpstreamProbe probe = new UpstreamProbe(client, provider.baseUrl(),
            new BasicHeader("Authorization", "Bearer key"), evidence, nanos::get);

    @AfterEach
    void stop() {
        client.close();
        provider.close();
    }

    @ParameterizedTest
    @CsvSource({"200, true", "204, true", "301, true", "401, true", "404, true", "429, true", "499, true",
            "500, false", "502, false", "503, false"})
    void anyAnswerBelow500ShowsThatTheProviderIsThere(int status, boolean reachable) {
        provider.script(_ -> Answer.error(status, "scripted", "scripted"));
        probe.ask();
        assertThat(evidence.reached().state()).isEqualTo(reachable ? "reachable" : "unreachable");
    }

    @Test
    void asksForTheModelsWithTheKey() {
        probe.ask();
        assertThat(provider.requests()).singleElement().satisfies(request -> {
            assertThat(request.method() + " " + request.target()).isEqualTo("GET /v1/models");
            assertThat(request.header("Authorization")).contains("Bearer key");
        });
    }

    @Test
    void asksOverTheSameConnectionEachTime() {
        for (int i = 0; i < 5; i++) {
            probe.ask();
            nanos.addAndGet(UpstreamProbe.FRESH.toNanos());
        }
        assertThat(provider.requests()).hasSize(5);
        assertThat(provider.connections()).isEqualTo(1);
    }

    @Test
    void nothingIsKnownAndNothingAskedBeforeTheFirstProbe() {
        assertThat(evidence.reached().state()).isEqualTo("unknown");
        assertThat(provider.requests()).isEmpty();
    }

    @Test
    void aProviderThatIsDownIsUnreachableAndNoticedWhenItComesBack() {
        provider.stop();
        assertThat(isReachable()).isFalse();
        provider.restart();
        assertThat(isReachable()).as("the last result still holds").isFalse();
        nanos.addAndGet(UpstreamProbe.FRESH.toNanos());
        assertThat(isReachable()).isTrue();
    }

    @Test
    void howeverManyAskAtOnceTheProviderIsAskedOnceInAWhile() {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, 500).forEach(i -> threads.execute(probe::ask));
        }
        assertThat(provider.requests()).hasSize(1);
        nanos.addAndGet(UpstreamProbe.FRESH.toNanos() - 1);
        assertThat(isReachable()).isTrue();
        assertThat(provider.requests()).hasSize(1);
        nanos.addAndGet(1);
        assertThat(isReachable()).isTrue();
        assertThat(provider.requests()).hasSize(2);
    }

    @Test
    void aSilentProviderIsGivenUpAfterFiveSeconds() {
        provider.script(_ -> new Answer.Silent());
        var start = System.nanoTime();
        assertThat(isReachable()).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(7));
        assertThat(provider.awaitAborts(1, Duration.ofSeconds(2))).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({"401, true", "403, true", "402, true", "200, false", "404, false", "429, false", "503, false"})
    void tellsWhetherTheKeyIsRefused(int status, boolean refused) {
        provider.script(_ -> Answer.error(status, "scripted", "scripted"));
        probe.ask();
        assertThat(evidence.keyRefused().isPresent()).isEqualTo(refused);
    }

    @Test
    void aSuspicionIsLookedIntoOnceAMinuteHoweverOftenItComes() {
        IntStream.range(0, 100).forEach(_ -> probe.askSoon());
        await().until(() -> provider.requests().size() == 1);
        await().until(() -> evidence.reached().isReachable());
        nanos.addAndGet(UpstreamProbe.SUSPICION_RESTS.toNanos() - 1);
        probe.askSoon();
        nanos.addAndGet(1);
        await().until(() -> {
            probe.askSoon();
            return provider.requests().size() == 2;
        });
    }

    private boolean isReachable() {
        probe.ask();
        return evidence.reached().isReachable();
    }
}
