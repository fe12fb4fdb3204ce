package dev.sidecar.config;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.env.Environment;

/** Names the variable of an invalid management port: Spring Boot reads the port before any settings are bound. */
final class ManagementPortAnalyzer extends AbstractFailureAnalyzer<ConversionFailedException> {

    private final BeanFactory beans;
    private final Environment environment;

    ManagementPortAnalyzer(BeanFactory beans, Environment environment) {
        this.beans = beans;
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, ConversionFailedException cause) {
        var port = environment.getProperty("sidecar.metrics-port");
        return port == null || !port.equals(cause.getValue())
                ? null
                : SettingsFailure.of("SIDECAR_METRICS_PORT=" + port + ": must be a whole number", cause, beans,
                        environment);
    }
}
