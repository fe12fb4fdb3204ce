package dev.sidecar.boot;

import dev.sidecar.config.SidecarProperties;
import dev.sidecar.ingress.IngressServer;
import dev.sidecar.ops.CamelRouteMeters;
import dev.sidecar.ops.ClockThread;
import dev.sidecar.ops.SnapshotFeed;
import dev.sidecar.reload.CamelContexts;
import dev.sidecar.reload.GenerationSetup;
import dev.sidecar.reload.RouteGenerations;
import dev.sidecar.reload.RouteReloader;
import dev.sidecar.reload.RoutesInForce;
import dev.sidecar.files.WatchPace;
import dev.sidecar.route.queue.Departures;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.apache.camel.Exchange;
import org.apache.camel.spring.boot.CamelConfigurationProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** How routes come into force, one generation after the other. */
@Configuration(proxyBeanMethods = false)
class ReloadConfiguration {

    /** Camel's properties component belongs to one context, so each gets its own. */
    @Bean
    static BeanFactoryPostProcessor propertiesForEachCamelContext() {
        return beans -> beans.getBeanDefinition("properties").setScope(ConfigurableBeanFactory.SCOPE_PROTOTYPE);
    }

    @Bean
    Departures departures(Throttle<Exchange> throttle, ClockThread clockThread) {
        var departures = new Departures(throttle);
        clockThread.every(Throttle.WAKE_EVERY, departures::wakePollers);
        return departures;
    }

    @Bean
    RouteGenerations routeGenerations(SidecarProperties settings, ApplicationContext beans,
            CamelConfigurationProperties camel, GenerationSetup setup, IngressServer server, Vertx vertx) {
        return new RouteGenerations(Path.of(settings.routesDir()), new CamelContexts(beans, camel), setup, server,
                vertx,
                !settings.allowRoutesWithoutThrottle(), settings.configFile().isPresent(), Clock.systemUTC());
    }

    @Bean(destroyMethod = "") // see CamelStartup
    RoutesInForce routesInForce(RouteGenerations generations, CamelRouteMeters meters, SnapshotFeed feed,
            NanoClock clock) {
        return new RoutesInForce(generations, List.of(meters, feed), clock, Clock.systemUTC());
    }

    @Bean(destroyMethod = "") // see CamelStartup
    RouteReloader routeReloader(RouteGenerations generations, RoutesInForce inForce, ObjectProvider<WatchPace> pace,
            NanoClock clock) {
        return new RouteReloader(generations, inForce, pace.getIfAvailable(() -> WatchPace.PRODUCTION), clock);
    }
}
