package dev.sidecar.proxy;

import static dev.sidecar.proxy.Bytes.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.testkit.FullBacklog;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A provider that accepts no connection in time has not seen the request, which is tried again. */
@ProgramTest
@Timeout(120)
class ConnectTimeoutTest {

    private FullBacklog provider;
    private Sidecar sidecar;

    @BeforeEach
    void start() throws IOException {
        provider = FullBacklog.on("127.0.0.1", 0);
        sidecar = Sidecar.inFrontOf("http://127.0.0.1:" + provider.port() + "/v1", "sidecar.timeout=2");
    }

    @AfterEach
    void stop() throws IOException {
        sidecar.close();
        provider.close();
    }

    @Test
    void aConnectionThatIsNotAcceptedInTimeIsTriedAgain() throws Exception {
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/again", utf8("{}"), "X-Request-Timeout-Ms", "50000");
            await().atMost(Duration.ofSeconds(30)).until(() -> WireClient
                    .exchange(sidecar.port(), "GET", "/status", null).text()
                    .matches("(?s).*\"retries\":\\{\"total\":[1-9].*"));
            Thread.startVirtualThread(this::serve);
            assertThat(client.read().status()).isEqualTo(200);
        }
    }

    private void serve() {
        try {
            var listener = provider.open();
            while (true) {
                try (var connection = listener.accept()) { // may be one that was given up
                    connection.getInputStream().read(new byte[1000]);
                    connection.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(ISO_8859_1));
                }
            }
        } catch (IOException e) {
            // the test is over
        }
    }

    @Test
    void oneThatIsNeverAcceptedEndsWithATimeOutAtTheDeadline() throws IOException {
        var answer = WireClient.exchange(sidecar.port(), "POST", "/v1/never", utf8("{}"), "X-Request-Timeout-Ms",
                "2500");
        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.text()).contains("upstream_timeout");
    }
}
