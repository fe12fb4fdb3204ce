package dev.sidecar.boot;

import dev.sidecar.config.SidecarProperties;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.traffic.Traffic;
import org.apache.camel.Exchange;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Order and budget, and the counts of what passes. */
@Configuration(proxyBeanMethods = false)
class ThrottleConfiguration {

    @Bean
    ThrottleSettings throttleSettings(SidecarProperties settings, ProvidersInForce providers) {
        var first = providers.get().first();
        return settings.live().withRateRpm(first.accountOf(first.keys().getFirst()).rateRpm())
                .forThrottle(settings.pacing());
    }

    @Bean(destroyMethod = "")
    Throttle<Exchange> throttle(ThrottleSettings settings, NanoClock clock) {
        return new Throttle<>(settings, clock);
    }

    @Bean
    Traffic traffic(NanoClock clock) {
        return new Traffic(clock);
    }
}
