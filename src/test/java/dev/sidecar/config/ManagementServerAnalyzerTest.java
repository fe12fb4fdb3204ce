package dev.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.BindException;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.web.embedded.tomcat.ConnectorStartFailedException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.boot.web.server.WebServerException;
import org.springframework.mock.env.MockEnvironment;

/** Only where the management server cannot listen are its address and port spoken of. */
class ManagementServerAnalyzerTest {

    private final ManagementServerAnalyzer analyzer = new ManagementServerAnalyzer(
            new MockEnvironment().withProperty("sidecar.host", "192.0.2.1").withProperty("sidecar.metrics-port", "7"));

    @Test
    void whoeverCannotListenIsToldWhichVariablesSayWhere() {
        var unusable = new WebServerException("Unable to start embedded Tomcat server",
                new IllegalStateException(new SocketException("Permission denied")));
        assertThat(description(unusable))
                .isEqualTo("SIDECAR_HOST=192.0.2.1, SIDECAR_METRICS_PORT=7: cannot listen there (Permission denied)");
        assertThat(description(new PortInUseException(7, new BindException("Address already in use"))))
                .endsWith("cannot listen there (Address already in use)");
        assertThat(description(new ConnectorStartFailedException(7))).contains("cannot listen there (");
    }

    @Test
    void somethingElseThatFailsIsNotTakenForTheAddress() {
        assertThat(description(new WebServerException("Unable to start embedded Tomcat server",
                new IllegalStateException("a filter failed")))).isNull();
    }

    private @Nullable String description(WebServerException failure) {
        FailureAnalysis analysis = analyzer.analyze(new IllegalStateException(failure), failure);
        return analysis == null ? null : analysis.getDescription();
    }
}
