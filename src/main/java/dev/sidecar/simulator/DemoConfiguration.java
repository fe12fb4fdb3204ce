package dev.sidecar.simulator;

import io.vertx.core.Vertx;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;

/** Runs the simulated provider inside the application, under the profile {@code demo} only. */
@Configuration(proxyBeanMethods = false)
@Profile("demo")
class DemoConfiguration {

    @Bean(initMethod = "start", destroyMethod = "close")
    DemoProvider demoProvider(Vertx vertx, DemoSettings settings) {
        return new DemoProvider(vertx, settings, System::nanoTime);
    }
}
