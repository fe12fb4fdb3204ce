package dev.sidecar.config;

import java.net.SocketException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.embedded.tomcat.ConnectorStartFailedException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.WebServerException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Names the variables of the management server's address when it cannot listen there. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ManagementServerAnalyzer extends AbstractFailureAnalyzer<WebServerException> {

    private final Environment environment;

    ManagementServerAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, WebServerException cause) {
        if (!(cause instanceof PortInUseException || cause instanceof ConnectorStartFailedException)
                && findCause(cause, SocketException.class) == null) {
            return null; // the address is right, but something else that the server needs is wrong
        }
        return new FailureAnalysis("SIDECAR_HOST=" + environment.getProperty("sidecar.host", "127.0.0.1")
                + ", SIDECAR_METRICS_PORT=" + environment.getProperty("sidecar.metrics-port", "9191")
                + ": cannot listen there (" + NestedExceptionUtils.getMostSpecificCause(cause).getMessage() + ")", null,
                cause);
    }
}
