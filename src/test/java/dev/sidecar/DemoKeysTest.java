package dev.sidecar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.ingress.IngressServer;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.context.ConfigurableApplicationContext;

/** The demo with several keys has the rules of a file with several keys. */
@ProgramTest
@Isolated("changes log levels, which are those of the whole process")
@Timeout(30)
class DemoKeysTest {

    private static final String CONFIG = "/api/admin/config";
    private static ConfigurableApplicationContext application;

    @BeforeAll
    static void start() {
        application = SidecarApplication.application().run("--spring.profiles.active=demo", "--sidecar.port=0",
                "--sidecar.metrics-port=0", "--sidecar.api-key=", "--sidecar.shutdown-grace=1",
                "--sidecar.demo.keys=team-a:40,team-b:20");
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    @Test
    void nothingGoesBesideTheFullQueue() throws IOException {
        assertThat(WireClient.exchange(port(), "GET", CONFIG, null).text())
                .containsPattern("\"fallback_enabled_passthrough\" ?: ?false");
        var refused = change("{\"fallback_enabled_passthrough\":true}");
        assertThat(refused).contains("fallback_enabled_passthrough must be false while SIDECAR_CONFIG or "
                + "SIDECAR_DEMO_KEYS is set");
    }

    @Test
    void theRateIsThatOfEachKey() throws IOException {
        assertThat(change("{\"rate_rpm\":100}"))
                .contains("rate_rpm is in SIDECAR_DEMO_KEYS, for each key: change it there");
        assertThat(WireClient.exchange(port(), "GET", CONFIG, null).text()).containsPattern("\"rate_rpm\" ?: ?60");
    }

    private static String change(String json) throws IOException {
        var answer = WireClient.exchange(port(), "POST", CONFIG, json.getBytes(UTF_8));
        assertThat(answer.status()).isEqualTo(400);
        return answer.text();
    }

    private static int port() {
        return application.getBean(IngressServer.class).port();
    }
}
