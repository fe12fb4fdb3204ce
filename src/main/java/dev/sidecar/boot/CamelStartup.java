package dev.sidecar.boot;

import dev.sidecar.boot.faststart.ProxyFirstContext;
import dev.sidecar.config.SettingsException;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.configfile.ConfigInForce;
import dev.sidecar.configfile.ConfigReloader;
import dev.sidecar.ingress.IngressServer;
import dev.sidecar.reload.DeferredManagement;
import dev.sidecar.reload.RouteReloader;
import dev.sidecar.reload.RoutesInForce;
import java.util.concurrent.CompletionException;
import org.apache.camel.CamelContext;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * What happens around the start and the stop of Camel: the file of clients and providers and the first generation of routes before it
 * starts, listening and watching both only when they are up; and at the end of all, no generation is left.
 */
@Component
@Profile("!" + CheckRoutes.PROFILE)
class CamelStartup implements CamelContextConfiguration, ApplicationListener<ApplicationStartedEvent>, SmartLifecycle {

    private final SidecarProperties settings;
    private final ConfigInForce config;
    private final ConfigReloader configReloader;
    private final RoutesInForce routes;
    private final RouteReloader reloader;
    private final IngressServer server;
    private volatile boolean running;

    CamelStartup(SidecarProperties settings, ConfigInForce config, ConfigReloader configReloader, RoutesInForce routes,
            RouteReloader reloader, IngressServer server) {
        this.settings = settings;
        this.config = config;
        this.configReloader = configReloader;
        this.routes = routes;
        this.reloader = reloader;
        this.server = server;
    }

    @Override
    public void beforeApplicationStart(CamelContext context) {
        config.begin();
        routes.begin(context);
    }

    @Override
    public void afterApplicationStart(CamelContext context) {
        // Camel ignores what goes wrong here, so the port is not opened here.
    }

    /** The routes are up. A failure from here on stops the program. */
    @Override
    public void onApplicationEvent(ApplicationStartedEvent event) {
        try {
            server.listen(settings.host(), settings.port());
        } catch (CompletionException e) {
            var why = e.getCause() == null ? e : e.getCause();
            throw new SettingsException("SIDECAR_HOST=" + settings.host() + ", SIDECAR_PORT=" + settings.port()
                    + ": cannot listen there (" + why.getMessage() + ")");
        }
        DeferredManagement.begin(routes.context());
        reloader.start();
        configReloader.start();
        if (event.getApplicationContext() instanceof ProxyFirstContext context) {
            context.startManagement();
        }
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        configReloader.close();
        reloader.close();
        routes.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** After {@link Shutdown}, which lets everybody finish. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE - 1;
    }
}
