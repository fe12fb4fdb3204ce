package dev.sidecar;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.relay.IngressServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.apache.camel.EndpointInject;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.test.spring.junit5.CamelSpringBootTest;
import org.apache.camel.test.spring.junit5.DisableJmx;
import org.apache.camel.test.spring.junit5.MockEndpointsAndSkip;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;

/** The first fork of the way, by itself: where the route proxy sends what, and what the next route finds. */
@Isolated("Camel's test support keeps state of its own")
@CamelSpringBootTest
@DisableJmx(false) // by default it is switched off for the whole process, whatever runs next
@MockEndpointsAndSkip("direct:throttled|direct:passthrough")
@SpringBootTest(classes = SidecarApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT, properties = {
        "sidecar.port=0", "sidecar.metrics-port=0", "sidecar.api-key=unused", "sidecar.upstream=http://127.0.0.1:9",
        "sidecar.log-level=WARN", "sidecar.shutdown-grace=1"})
@DirtiesContext
@Timeout(60)
class ProxyRouteTest {

    @Autowired
    private IngressServer server;
    @EndpointInject("mock:direct:throttled")
    private @Nullable MockEndpoint throttled;
    @EndpointInject("mock:direct:passthrough")
    private @Nullable MockEndpoint passthrough;

    @Test
    void postsAreThrottledAndTheRestPassesThroughWithThePriorityTheClientAskedFor() throws Exception {
        var throttled = requireNonNull(this.throttled);
        var passthrough = requireNonNull(this.passthrough);
        throttled.expectedMessageCount(1);
        throttled.expectedHeaderReceived("X-Sidecar-Priority", "high");
        passthrough.expectedMessageCount(1);
        passthrough.expectedHeaderReceived("X-Sidecar-Priority", "low");
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            send(client, "POST", "high");
            send(client, "GET", "low");
        }
        MockEndpoint.assertIsSatisfied(throttled, passthrough);
    }

    private void send(HttpClient client, String method, String priority) throws Exception {
        var uri = URI.create("http://127.0.0.1:" + server.port() + "/v1/x?X-Priority=normal");
        var request = HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody())
                .header("X-Priority", priority).build();
        assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }
}
