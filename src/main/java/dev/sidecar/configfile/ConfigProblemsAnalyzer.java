package dev.sidecar.configfile;

import dev.sidecar.config.SettingsFailure;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/** Says in one line why the program cannot start with its file, and in further lines the problems of the settings. */
final class ConfigProblemsAnalyzer extends AbstractFailureAnalyzer<ConfigProblemsException> {

    private final BeanFactory beans;
    private final Environment environment;

    ConfigProblemsAnalyzer(BeanFactory beans, Environment environment) {
        this.beans = beans;
        this.environment = environment;
    }

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, ConfigProblemsException cause) {
        return SettingsFailure.of("SIDECAR_CONFIG=" + environment.getProperty("sidecar.config", "") + ": "
                + cause.getMessage(), cause, beans, environment);
    }
}
