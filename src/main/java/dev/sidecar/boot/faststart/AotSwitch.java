package dev.sidecar.boot.faststart;

import java.util.Collections;
import org.springframework.aot.AotDetector;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * With {@code -Dspring.aot.enabled=true} a start uses what the build has worked out about the beans: those of the proxy without
 * profiles. For the demo and for the other things that the program can do, beans are worked out as they are without it.
 */
class AotSwitch implements EnvironmentPostProcessor, Ordered {

    @Override
    public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
        if (AotDetector.useGeneratedArtifacts() && (environment.getActiveProfiles().length > 0
                || !application.getAllSources().equals(Collections.singleton(application.getMainApplicationClass())))) {
            SpringProperties.setProperty(AotDetector.AOT_ENABLED, "false");
        }
    }

    /** When it is known which profiles are active. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }
}
