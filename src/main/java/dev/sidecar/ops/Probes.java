package dev.sidecar.ops;

import dev.sidecar.providers.Provider;
import dev.sidecar.providers.ProviderKey;
import dev.sidecar.providers.Providers;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.traffic.UpstreamEvidence;
import dev.sidecar.traffic.UpstreamEvidence.Reached;
import dev.sidecar.upstream.UpstreamClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hc.core5.http.message.BasicHeader;

/** A probe for each key of each provider. Thread-safe. */
public final class Probes {

    /** How often to call {@link #look}. */
    public static final Duration EVERY = Duration.ofSeconds(5);

    private final UpstreamClient client;
    private final Evidences evidences;
    private final NanoClock clock;
    private volatile Map<Evidences.Id, UpstreamProbe> probes = Map.of();

    public Probes(UpstreamClient client, Evidences evidences, NanoClock clock) {
        this.client = client;
        this.evidences = evidences;
        this.clock = clock;
    }

    /** These are asked from now on. */
    public void providers(Providers providers) {
        Map<Evidences.Id, UpstreamProbe> all = new LinkedHashMap<>();
        for (var provider : providers.all()) {
            for (var key : provider.keys()) {
                var id = new Evidences.Id(provider.name(), key.name());
                all.put(id, probe(provider, key, evidences.of(id)));
            }
        }
        probes = all;
    }

    private UpstreamProbe probe(Provider provider, ProviderKey key, UpstreamEvidence evidence) {
        var secret = key.secret();
        return new UpstreamProbe(client, provider.address().baseUrl(),
                secret == null
                        ? null
                        : new BasicHeader(provider.auth().field(), provider.auth().value(secret), true),
                evidence, clock);
    }

    /** Asks one provider after the other, with the first key of each, until one is reachable. Not more often than a probe may. */
    public void ask() {
        String asked = null;
        for (var each : probes.entrySet()) {
            if (!each.getKey().provider().equals(asked)) {
                asked = each.getKey().provider();
                each.getValue().ask();
                if (evidences.of(each.getKey()).reached().isReachable()) {
                    return;
                }
            }
        }
    }

    /**
     * Asks those of several providers that could not be reached, once a minute and without waiting. While others serve, no
     * request might find out that they are back.
     */
    public void look() {
        var all = probes;
        var ofEach = all.keySet().stream().collect(Collectors.groupingBy(Evidences.Id::provider));
        if (ofEach.size() > 1) {
            ofEach.values().forEach(keys -> {
                var probe = all.get(keys.getFirst());
                if (probe != null && isUnreachable(keys)) {
                    probe.askSoon();
                }
            });
        }
    }

    private boolean isUnreachable(List<Evidences.Id> keys) {
        return Reached.newest(keys.stream().map(key -> evidences.of(key).reached()).toList()).isUnreachable();
    }

    /** Asks about a suspect key, without waiting for the response. */
    public void askSoon(UpstreamEvidence suspect) {
        var probe = probes.get(id(suspect));
        if (probe != null) {
            probe.askSoon();
        }
    }

    /** Asks about this key now; returns when the evidence is complete. */
    public void askNow(UpstreamEvidence key) {
        var probe = probes.get(id(key));
        if (probe != null) {
            probe.askNow();
        }
    }

    private static Evidences.Id id(UpstreamEvidence evidence) {
        return new Evidences.Id(evidence.provider(), evidence.keyName());
    }
}
