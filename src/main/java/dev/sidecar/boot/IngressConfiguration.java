package dev.sidecar.boot;

import dev.sidecar.config.SidecarProperties;
import dev.sidecar.ingress.InFlightRequests;
import dev.sidecar.ingress.IngressLimits;
import dev.sidecar.ingress.IngressServer;
import dev.sidecar.ingress.WebPageRule;
import dev.sidecar.route.WhenCompleted;
import io.vertx.core.Vertx;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The server. */
@Configuration(proxyBeanMethods = false)
class IngressConfiguration {

    @Bean(destroyMethod = "")
    InFlightRequests intake() {
        return new InFlightRequests();
    }

    @Bean
    WebPageRule webPageRule(SidecarProperties settings) {
        return new WebPageRule(settings.host(), settings.allowedHosts(), settings.allowedOrigins());
    }

    @Bean
    IngressServer ingressServer(Vertx vertx, ObjectProvider<IngressLimits> limits, WebPageRule webPages,
            WhenCompleted completions, InFlightRequests intake, SidecarProperties settings) {
        return new IngressServer(vertx, limits.getIfAvailable(() -> IngressLimits.PRODUCTION), webPages,
                settings.maxBodyBytes(), intake, completions);
    }
}
