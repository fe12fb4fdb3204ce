package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.providers.AccountLimit;
import dev.sidecar.providers.AuthForm;
import dev.sidecar.providers.ModelMap;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.Providers;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.traffic.UpstreamEvidence;
import dev.sidecar.traffic.UpstreamEvidence.Source;
import dev.sidecar.upstream.UpstreamClient;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which of several providers are asked whether they are there. */
class ProbesTest {

    private final FakeProvider ours = FakeProvider.start();
    private final FakeProvider elsewhere = FakeProvider.start();
    private final AtomicLong nanos = new AtomicLong();
    private final UpstreamClient client = new UpstreamClient(() -> Duration.ofSeconds(60));
    private final Evidences evidences = new Evidences(nanos::get, InstantSource.system());
    private final Probes probes = new Probes(client, evidences, nanos::get);

    @AfterEach
    void stop() {
        client.close();
        ours.close();
        elsewhere.close();
    }

    private static Provider provider(String name, FakeProvider at) {
        return new Provider(name, UpstreamAddress.of(URI.create(at.baseUrl())), AuthForm.BEARER,
                List.of(TwoProviders.key(name + "-a", name + "-a"), TwoProviders.key(name + "-b", name + "-b")),
                List.of(new AccountLimit(name + "-a", 40, 0), new AccountLimit(name + "-b", 40, 0)),
                ModelMap.EVERYTHING, Duration.ZERO);
    }

    private UpstreamEvidence evidence(String provider, String key) {
        return evidences.of(new Evidences.Id(provider, key));
    }

    @Test
    void theNextIsAskedOnlyIfTheFirstCannotBeReached() {
        probes.providers(new Providers(List.of(provider("ours", ours), provider("elsewhere", elsewhere))));
        probes.ask();
        assertThat(ours.requests()).hasSize(1);
        assertThat(elsewhere.requests()).isEmpty();
        ours.stop();
        nanos.addAndGet(UpstreamProbe.FRESH.toNanos());
        probes.ask();
        assertThat(elsewhere.requests()).hasSize(1);
    }

    @Test
    void oneThatCouldNotBeReachedIsAskedAgainWhileTheOtherServes() {
        probes.providers(new Providers(List.of(provider("ours", ours), provider("elsewhere", elsewhere))));
        evidence("ours", "ours-a").requestAnswered(200, true, "m", "a");
        evidence("elsewhere", "elsewhere-b").failed(Source.REQUEST);
        nanos.addAndGet(1);
        probes.look();
        await().until(() -> evidence("elsewhere", "elsewhere-a").reached().isReachable());
        assertThat(elsewhere.requests()).hasSize(1);
        assertThat(ours.requests()).isEmpty();
        nanos.addAndGet(UpstreamProbe.SUSPICION_RESTS.toNanos());
        probes.look(); // the newest evidence is that of the probe, with another key
        probes.askNow(evidence("elsewhere", "elsewhere-b"));
        assertThat(elsewhere.requests()).hasSize(2);
    }

    @Test
    void aSingleProviderIsLeftToItsRequests() {
        probes.providers(new Providers(List.of(provider("ours", ours))));
        evidence("ours", "ours-a").failed(Source.REQUEST);
        probes.look();
        probes.askNow(evidence("ours", "ours-b"));
        assertThat(ours.requests()).hasSize(1);
    }
}
