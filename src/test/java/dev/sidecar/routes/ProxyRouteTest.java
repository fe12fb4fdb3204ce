package dev.sidecar.routes;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.SidecarApplication;
import dev.sidecar.ingress.IngressServer;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import java.util.List;
import org.apache.camel.EndpointInject;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.test.spring.junit5.CamelSpringBootTest;
import org.apache.camel.test.spring.junit5.DisableJmx;
import org.apache.camel.test.spring.junit5.MockEndpointsAndSkip;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;

/** The first fork of the way, by itself: where the route proxy sends what, and what the next route finds. */
@ProgramTest
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
    void onlyWhatLooksOrDeletesPassesThroughAndAllGoesWithThePriorityTheClientAskedFor() throws Exception {
        var throttled = requireNonNull(this.throttled);
        var passthrough = requireNonNull(this.passthrough);
        var counted = List.of("POST", "PUT", "PATCH", "post", "Get", "QUERY", "PROPFIND", "GETX", "EAD");
        var free = List.of("GET", "HEAD", "OPTIONS", "DELETE");
        throttled.expectedHeaderValuesReceivedInAnyOrder("CamelHttpMethod", counted.toArray());
        throttled.expectedHeaderReceived("X-Sidecar-Priority", "high");
        passthrough.expectedHeaderValuesReceivedInAnyOrder("CamelHttpMethod", free.toArray());
        passthrough.expectedHeaderReceived("X-Sidecar-Priority", "low");
        for (var method : counted) {
            send(method, "high");
        }
        for (var method : free) {
            send(method, "low");
        }
        MockEndpoint.assertIsSatisfied(throttled, passthrough);
    }

    private void send(String method, String priority) {
        try (var client = RawClient.to(server.port())) {
            client.send(method + " /v1/x?X-Priority=normal HTTP/1.1\r\nHost: localhost\r\nX-Priority: " + priority
                    + "\r\n\r\n");
            var answer = method.equals("HEAD") ? client.receiveHead() : client.receive();
            assertThat(answer.status()).isLessThan(300);
        }
    }
}
