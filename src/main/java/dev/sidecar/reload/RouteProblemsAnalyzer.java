package dev.sidecar.reload;

import dev.sidecar.config.SettingsFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Says in one line why the program cannot start with its routes, and in further lines the problems of the settings. A
 * missing folder is a wrong setting.
 */
final class RouteProblemsAnalyzer extends AbstractFailureAnalyzer<RouteProblemsException> {

    private final BeanFactory beans;
    private final Environment environment;

    RouteProblemsAnalyzer(BeanFactory beans, Environment environment) {
        this.beans = beans;
        this.environment = environment;
    }

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, RouteProblemsException cause) {
        var folder = environment.getProperty("sidecar.routes-dir", "routes");
        var prefix = Files.isDirectory(Path.of(folder))
                ? "the routes cannot be used: "
                : "SIDECAR_ROUTES_DIR=" + folder + ": ";
        return SettingsFailure.of(prefix + cause.getMessage(), cause, beans, environment);
    }
}
