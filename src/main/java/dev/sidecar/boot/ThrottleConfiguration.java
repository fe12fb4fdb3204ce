package dev.sidecar.boot;

import dev.sidecar.config.LiveSettings;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.configfile.ConfigAtStart;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.NanoClock;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.BudgetSettings;
import dev.sidecar.throttle.order.LaneSettings;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.throttle.pool.Key;
import dev.sidecar.throttle.tokens.TokenEstimates;
import dev.sidecar.traffic.Traffic;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Order and budget, and the counts of what passes. */
@Configuration(proxyBeanMethods = false)
class ThrottleConfiguration {

    @Bean
    ThrottleSettings throttleSettings(SidecarProperties settings, ProvidersInForce providers) {
        return liveAtStart(settings, providers.get()).forThrottle(settings.pacing());
    }

    /** With the rate of the primary key. With several keys nobody passes the queue, which knows who pays. */
    static LiveSettings liveAtStart(SidecarProperties settings, Providers providers) {
        var first = providers.first();
        var live = settings.live().withRateRpm(first.accountOf(first.keys().getFirst()).rateRpm());
        return providers.keyCount() > 1 ? live.withoutPassthrough() : live;
    }

    @Bean
    LanesInForce lanesInForce(ProvidersInForce providers, ConfigAtStart config,
            ObjectProvider<Throttle<Exchange>> throttle) {
        return new LanesInForce(providers, UpstreamConfiguration.haveOwnRates(config, providers.get()),
                throttle::getObject);
    }

    @Bean(destroyMethod = "")
    Throttle<Exchange> throttle(ThrottleSettings settings, ProvidersInForce providers, StateInUse state,
            NanoClock clock) {
        var throttle = new Throttle<Exchange>(settings, lanes(providers.get(), settings), state.ledger(), clock);
        state.takeOver(throttle);
        return throttle;
    }

    /** The providers, as the throttle knows them: each account has its own rate, the other limits are settings. */
    static List<LaneSettings> lanes(Providers providers, ThrottleSettings settings) {
        return providers.all().stream().map(each -> lane(each, settings)).toList();
    }

    private static LaneSettings lane(Provider provider, ThrottleSettings settings) {
        Map<String, BudgetSettings> accounts = new LinkedHashMap<>();
        provider.accounts().forEach(each -> accounts.put(each.name(),
                new BudgetSettings(each.rateRpm(), settings.burstCapacity(), settings.pacing(), each.rateTpm())));
        return new LaneSettings(provider.name(),
                provider.keys().stream().map(each -> new Key(each.name(), each.account())).toList(), accounts,
                provider.fallbackAfter());
    }

    @Bean
    TokenEstimates tokenEstimates() {
        return new TokenEstimates();
    }

    @Bean
    Traffic traffic(NanoClock clock) {
        return new Traffic(clock);
    }
}
