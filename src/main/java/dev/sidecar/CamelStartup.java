package dev.sidecar;

import dev.sidecar.config.SettingsException;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.relay.IngressEngine;
import dev.sidecar.relay.IngressServer;
import java.util.Properties;
import java.util.concurrent.CompletionException;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** What happens around the start of the Camel context: its engine before, and listening only when the routes are up. */
@Component
class CamelStartup implements CamelContextConfiguration {

    private final SidecarProperties settings;
    private final UpstreamAddress upstream;
    private final IngressEngine engine;
    private final IngressServer server;

    CamelStartup(SidecarProperties settings, UpstreamAddress upstream, IngressEngine engine, IngressServer server) {
        this.settings = settings;
        this.upstream = upstream;
        this.engine = engine;
        this.server = server;
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {
        context.getShutdownStrategy().setTimeout(Math.max(1, settings.shutdownGrace().toSeconds()));
        var properties = new Properties();
        properties.setProperty("sidecar.upstream-base-url", upstream.baseUrl());
        properties.setProperty("sidecar.provider", settings.provider());
        context.getPropertiesComponent().setOverrideProperties(properties);
        try {
            context.addService(engine, true, true);
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP engine cannot be added", e);
        }
    }

    @Override
    public void afterApplicationStart(CamelContext context) {
        // Camel ignores what goes wrong here, so the port is not opened here.
    }

    /** The routes are up. A failure from here on stops the program. */
    @EventListener
    void listen(ApplicationStartedEvent event) {
        try {
            server.listen(settings.host(), settings.port());
        } catch (CompletionException e) {
            var why = e.getCause() == null ? e : e.getCause();
            throw new SettingsException("SIDECAR_HOST=" + settings.host() + ", SIDECAR_PORT=" + settings.port()
                    + ": cannot listen there (" + why.getMessage() + ")");
        }
    }
}
