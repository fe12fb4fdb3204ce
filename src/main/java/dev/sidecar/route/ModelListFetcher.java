package dev.sidecar.route;

import dev.sidecar.providers.ModelListCache;
import dev.sidecar.providers.ModelListRefusedException;
import dev.sidecar.providers.Provider;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.upstream.ShortGet;
import dev.sidecar.upstream.UpstreamClient;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.message.BasicHeader;

/**
 * Sends {@code GET /v1/models} to a provider through the proxy's own client and pool, with its first key that is not known to be
 * refused. Where all are refused it sends the first. Thread-safe.
 */
public final class ModelListFetcher implements ModelListCache.Fetcher {

    private static final String TARGET = "/v1/models";
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final int LONGEST_RESPONSE = 4 * 1024 * 1024;

    private final UpstreamClient client;
    private final Predicate<Evidences.Id> isRefused;
    private final Duration limit;

    /** @param evidences say which keys are refused */
    public ModelListFetcher(UpstreamClient client, Evidences evidences) {
        this(client, key -> evidences.of(key).keyRefused().isPresent(), LIMIT);
    }

    /** @param limit from the call to the last byte of the response */
    ModelListFetcher(UpstreamClient client, Predicate<Evidences.Id> isRefused, Duration limit) {
        this.client = client;
        this.isRefused = isRefused;
        this.limit = limit;
    }

    @Override
    public byte[] fetch(Provider provider) throws IOException {
        var answer = ShortGet.send(client, provider.address().baseUrl(), TARGET, credentials(provider), limit,
                LONGEST_RESPONSE);
        if (answer.status() != 200) {
            throw new ModelListRefusedException(answer.status());
        }
        return answer.body();
    }

    private List<Header> credentials(Provider provider) {
        var secret = provider.keys().stream()
                .filter(key -> !isRefused.test(new Evidences.Id(provider.name(), key.name()))).findFirst()
                .orElseGet(() -> provider.keys().getFirst()).secret();
        if (secret == null) {
            return List.of();
        }
        return List.of(switch (provider.auth()) {
            case BEARER -> OutgoingRequest.authorization(secret.reveal());
            case X_API_KEY -> new BasicHeader("x-api-key", secret.reveal(), true);
            case API_KEY -> new BasicHeader("api-key", secret.reveal(), true);
        });
    }
}
