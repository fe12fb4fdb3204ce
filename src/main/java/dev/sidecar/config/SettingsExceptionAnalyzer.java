package dev.sidecar.config;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/** Shows a {@link SettingsException} as its one line, without a stack trace, and the other wrong settings. */
final class SettingsExceptionAnalyzer extends AbstractFailureAnalyzer<SettingsException> {

    private final BeanFactory beans;
    private final Environment environment;

    SettingsExceptionAnalyzer(BeanFactory beans, Environment environment) {
        this.beans = beans;
        this.environment = environment;
    }

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, SettingsException cause) {
        return SettingsFailure.of(String.valueOf(cause.getMessage()), cause, beans, environment);
    }
}
