package dev.sidecar.boot;

import dev.sidecar.config.LogFormat;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.config.Terminal;
import dev.sidecar.ingress.IngressServer;
import dev.sidecar.ops.StartupBanner;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.simulator.DemoProvider;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.web.context.WebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/** Says where the sidecar is, once both of its servers are up: in a log line, and to people in a banner. */
@Component
@Profile("!" + CheckRoutes.PROFILE)
class Announcement implements ApplicationListener<ApplicationReadyEvent> {

    private static final Logger LOG = LoggerFactory.getLogger(Announcement.class);

    private final SidecarProperties settings;
    private final ProvidersInForce providers;
    private final IngressServer server;
    private final boolean simulated;
    private final String version;

    Announcement(SidecarProperties settings, ProvidersInForce providers, IngressServer server,
            ObjectProvider<DemoProvider> demo, ObjectProvider<BuildProperties> build) {
        this.settings = settings;
        this.providers = providers;
        this.server = server;
        this.simulated = demo.getIfAvailable() != null;
        this.version = BuildConfiguration.versionOf(build);
    }

    @Override
    public void onApplicationEvent(ApplicationReadyEvent event) {
        var metricsPort = event.getApplicationContext() instanceof WebServerApplicationContext web
                && web.getWebServer() != null ? web.getWebServer().getPort() : settings.metricsPort();
        var upstream = providers.get().all().stream().map(each -> each.address().baseUrl())
                .collect(Collectors.joining(", "));
        LOG.info("version {}, listening on {}:{}, management on {}:{}, upstream {}", version, settings.host(),
                server.port(), settings.host(), metricsPort, upstream);
        if (settings.logFormat().resolved() == LogFormat.TEXT) {
            System.out.print(new StartupBanner(settings.host(), server.port(), upstream, simulated,
                    Terminal.takesColours(System.getenv())).text());
        }
    }
}
