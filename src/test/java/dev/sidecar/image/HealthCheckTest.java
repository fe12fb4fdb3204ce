package dev.sidecar.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthCheckTest {

    private HttpServer server;
    private String port;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        port = Integer.toString(server.getAddress().getPort());
        server.createContext("/health", exchange -> {
            exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/health") ? 200 : 503, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "0.0.0.0", "::", "localhost"})
    void findsTheSidecarOnWhateverAddressItListens(String host) {
        assertThat(HealthCheck.check(Map.of("SIDECAR_PORT", port, "SIDECAR_HOST", host), "/health")).isTrue();
    }

    @Test
    void anyOtherAnswerIsAFailure() {
        assertThat(HealthCheck.check(Map.of("SIDECAR_PORT", port), "/health/ready")).isFalse();
    }

    @Test
    void noAnswerIsAFailure() {
        server.stop(0);

        assertThat(HealthCheck.check(Map.of("SIDECAR_PORT", port), "/health")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "70000", "-1"})
    void aPortThatIsNoneIsAFailure(String wrong) {
        assertThat(HealthCheck.check(Map.of("SIDECAR_PORT", wrong), "/health")).isFalse();
    }
}
