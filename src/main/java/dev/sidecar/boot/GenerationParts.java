package dev.sidecar.boot;

import dev.sidecar.config.SidecarProperties;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.reload.GenerationSetup;
import dev.sidecar.route.KeyChoice;
import dev.sidecar.route.queue.AsyncSedaComponent;
import dev.sidecar.route.queue.Departures;
import dev.sidecar.upstream.LazyTlsHttpComponent;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.springframework.stereotype.Component;

/**
 * What each generation of routes has for itself: its end of the queue, under the name {@code requestQueue}, and the
 * properties that its placeholders name. Thread-safe.
 */
@Component
class GenerationParts implements GenerationSetup {

    /** The second is the former name: operators' own files may have it. */
    private static final List<String> QUEUE_NAMES = List.of("requestQueue", "waitingLine");

    private final SidecarProperties settings;
    private final KeyChoice keys;
    private final ProvidersInForce providers;
    private final Departures departures;

    GenerationParts(SidecarProperties settings, KeyChoice keys, ProvidersInForce providers, Departures departures) {
        this.settings = settings;
        this.keys = keys;
        this.providers = providers;
        this.departures = departures;
    }

    @Override
    public Parts apply(CamelContext context) {
        context.getShutdownStrategy().setTimeout(Math.max(1, settings.shutdownGrace().toSeconds()));
        var provider = providers.get().first();
        var properties = new Properties();
        properties.setProperty("sidecar.upstream-base-url", keys.urlAtStart());
        properties.setProperty("sidecar.provider", provider.name());
        context.getPropertiesComponent().setOverrideProperties(properties);
        Stream.of("http", "https").forEach(scheme -> context.addComponent(scheme, new LazyTlsHttpComponent()));
        context.addComponent("seda", new AsyncSedaComponent());
        var queue = departures.newQueue();
        QUEUE_NAMES.forEach(name -> context.getRegistry().bind(name, queue));
        return new Parts() {
            @Override
            public boolean isReady() {
                return queue.isPolled();
            }

            @Override
            public void close() {
                departures.remove(queue);
            }
        };
    }
}
