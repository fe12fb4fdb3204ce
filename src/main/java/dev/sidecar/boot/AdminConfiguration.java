package dev.sidecar.boot;

import dev.sidecar.admin.AdminToken;
import dev.sidecar.admin.Audit;
import dev.sidecar.admin.ChangeConfig;
import dev.sidecar.admin.ConfigResponse;
import dev.sidecar.admin.Guesses;
import dev.sidecar.admin.KeyGuesses;
import dev.sidecar.admin.ManagementErrors;
import dev.sidecar.admin.ManagementGuard;
import dev.sidecar.admin.SameSite;
import dev.sidecar.admin.SameSiteRule;
import dev.sidecar.admin.TokenRule;
import dev.sidecar.config.LogLevels;
import dev.sidecar.config.SettingsInForce;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.configfile.ConfigAtStart;
import dev.sidecar.ingress.IngressServer;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.NanoClock;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import jakarta.validation.Validator;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/** What operators change, and who may. */
@Configuration(proxyBeanMethods = false)
class AdminConfiguration {

    @Bean
    SettingsInForce settingsInForce(SidecarProperties settings, ConfigAtStart config, ProvidersInForce providers,
            LanesInForce lanes, LoggingSystem logging, ObjectProvider<FleetInUse> fleet) {
        return new SettingsInForce(ThrottleConfiguration.liveAtStart(settings, providers.get()),
                List.of(live -> UpstreamConfiguration.limit(providers, config, live.rateRpm()),
                        live -> lanes.settings(live.forThrottle(settings.pacing())),
                        live -> LogLevels.apply(logging, live.logLevel()),
                        _ -> fleet.ifAvailable(FleetInUse::settingsChanged)));
    }

    @Bean
    TokenRule tokenRule(SidecarProperties settings, Guesses guesses, Audit audit) {
        return new TokenRule(settings.adminToken(), settings.host(), guesses, audit);
    }

    @Bean
    RateLimiterRegistry guessLimiters() {
        return RateLimiterRegistry.ofDefaults();
    }

    @Bean
    Guesses guesses(RateLimiterRegistry guessLimiters, NanoClock clock) {
        return new Guesses(guessLimiters, clock);
    }

    @Bean
    KeyGuesses keyGuesses(Guesses guesses, Audit audit) {
        return new KeyGuesses(guesses, audit);
    }

    @Bean
    SameSiteRule sameSiteRule(SidecarProperties settings) {
        return new SameSiteRule(settings.host(), settings.allowedHosts());
    }

    @Bean
    Audit audit(NanoClock clock) {
        return new Audit(clock);
    }

    @Bean
    SameSite sameSite(SameSiteRule rule) {
        return new SameSite(rule);
    }

    @Bean
    AdminToken adminToken(TokenRule rule, Audit audit) {
        return new AdminToken(rule, audit);
    }

    @Bean
    ConfigResponse config(SidecarProperties settings, SettingsInForce live, ProvidersInForce providers,
            IngressServer server, Environment environment) {
        return new ConfigResponse(
                () -> new ConfigResponse.Addresses(settings.host(), server.port(),
                        OpsConfiguration.metricsPort(environment, settings)),
                () -> upstream(providers.get()), live);
    }

    private static ConfigResponse.Upstream upstream(Providers providers) {
        var first = providers.first();
        return new ConfigResponse.Upstream(first.address().baseUrl(), first.keys().getFirst().secret(),
                providers.rateRpm());
    }

    @Bean
    ChangeConfig changeConfig(SettingsInForce live, SidecarProperties settings, ConfigAtStart config,
            ProvidersInForce providers, Validator validator, Audit audit) {
        var simulated = config.providers().isEmpty() && UpstreamConfiguration.haveOwnRates(config, providers.get());
        return new ChangeConfig(live, validator, audit, settings.configFile().isEmpty() && !simulated,
                simulated
                        ? "SIDECAR_DEMO_KEYS"
                        : config.fileOfProviders().map(name -> "the file " + name).orElse(null));
    }

    @Bean
    ManagementErrors managementErrors() {
        return new ManagementErrors();
    }

    @Bean
    FilterRegistrationBean<ManagementGuard> managementGuard(SidecarProperties settings, TokenRule token,
            SameSiteRule sameSite, Audit audit) {
        var guard = new FilterRegistrationBean<>(
                new ManagementGuard(token, sameSite, settings.hawtio().equals("off"), audit));
        guard.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return guard;
    }
}
