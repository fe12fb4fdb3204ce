package dev.sidecar.admin;

import dev.sidecar.config.LiveSettings;
import dev.sidecar.config.Secret;
import dev.sidecar.config.SettingsInForce;
import dev.sidecar.http.JsonResponse;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/admin/config}: the settings in force. Thread-safe. */
public final class ConfigResponse implements Processor {

    private final Supplier<Upstream> upstream;
    private final Supplier<Addresses> addresses;
    private final SettingsInForce settings;

    /**
     * @param addresses called for each response, because ports may be known only after the servers listen
     * @param upstream called for each response, because a file may have the providers
     */
    public ConfigResponse(Supplier<Addresses> addresses, Supplier<Upstream> upstream, SettingsInForce settings) {
        this.upstream = upstream;
        this.addresses = addresses;
        this.settings = settings;
    }

    @Override
    public void process(Exchange exchange) {
        JsonResponse.set(exchange, 200, Config.of(addresses.get(), upstream.get(), settings.get()));
    }

    /** Where the sidecar listens. */
    public record Addresses(String host, int port, int metricsPort) {
    }

    /**
     * Where requests go.
     *
     * @param url of the first provider
     * @param apiKey its first key; null where it needs none
     * @param rateRpm requests that all providers together allow in any 60 s
     */
    public record Upstream(String url, @Nullable Secret apiKey, int rateRpm) {
    }

    record Config(String listenHost, int listenPort, int metricsPort, String upstreamUrl,
            @Nullable String upstreamApiKey, int rateRpm, int bucketCapacity, Number requestTimeout,
            Number queueTimeout,
            int queueMaxSize, Number lowPriorityTimeout, boolean fallbackEnabledPassthrough, String logLevel) {

        private static final int SHOWN_OF_KEY = 4;

        static Config of(Addresses addresses, Upstream upstream, LiveSettings settings) {
            return new Config(addresses.host, addresses.port, addresses.metricsPort, upstream.url,
                    masked(upstream.apiKey), upstream.rateRpm, settings.bucketCapacity(),
                    seconds(settings.requestTimeout()), seconds(settings.queueTimeout()), settings.queueMaxSize(),
                    seconds(settings.lowPriorityTimeout()), settings.fallbackPassthrough(), settings.logLevel());
        }

        /** Enough to recognise the key; a short key is hidden completely. */
        private static @Nullable String masked(@Nullable Secret key) {
            if (key == null || key.reveal().isEmpty()) {
                return null;
            }
            return (key.reveal().length() < 3 * SHOWN_OF_KEY ? "" : key.reveal().substring(0, SHOWN_OF_KEY)) + "****";
        }

        private static Number seconds(Duration duration) {
            return duration.toMillis() % 1000 == 0 ? (Number) duration.toSeconds() : duration.toMillis() / 1e3;
        }
    }
}
