package dev.sidecar.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.PrometheusText;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Somebody tries out tokens, on both ports. */
@ProgramTest
@Isolated("reads standard output, which is that of the whole process")
@ExtendWith(OutputCaptureExtension.class)
class GuessedTokensTest {

    private static final String TOKEN = "an-admin-token-nobody-may-see";

    @Test
    void guessesCostAndTheRightTokenIsNeverBlocked(CapturedOutput output) throws IOException {
        try (var provider = FakeProvider.start();
                var sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.admin-token=" + TOKEN)) {
            for (int i = 0; i < 5; i++) {
                assertThat(proxyPort(sidecar, "Bearer guess-" + i).status()).isEqualTo(403);
                assertThat(managementPort(sidecar, "Bearer guess-" + i).status()).isEqualTo(403);
                assertThat(proxyPort(sidecar, "").status()).isEqualTo(401);
            }
            for (var guess : new String[]{"Bearer guess", basic("admin:guess")}) {
                assertBlocked(managementPort(sidecar, guess));
                assertThat(managementPort(sidecar, guess).headers("WWW-Authenticate")).isEmpty();
            }
            assertBlocked(proxyPort(sidecar, "Bearer guess"));

            assertThat(proxyPort(sidecar, "Bearer " + TOKEN).status()).isEqualTo(200);
            assertThat(managementPort(sidecar, "Bearer " + TOKEN).status()).isEqualTo(404);
            assertThat(managementPort(sidecar, basic("any:" + TOKEN)).status()).isEqualTo(404);
            assertThat(proxyPort(sidecar, "").status()).isEqualTo(401);
            assertThat(WireClient.exchange(sidecar.port(), "GET", "/status", null).text())
                    .contains("\"ratelimited\":0");

            var metrics = PrometheusText
                    .parse(WireClient.exchange(sidecar.managementPort(), "GET", "/metrics", null).text());
            assertThat(metrics.sum("sidecar_guesses_total", "outcome", "refused")).isEqualTo(10);
            assertThat(metrics.sum("sidecar_guesses_total", "outcome", "blocked")).isEqualTo(5);
            assertThat(metrics.sum("resilience4j_ratelimiter_available_permissions", "name", "guesses-0")).isZero();
        }
        assertThat(output.getOut().lines().filter(line -> line.contains("127.0.0.1 has given 10 wrong tokens")))
                .hasSize(1);
        assertThat(output.getOut()).doesNotContain("guess-0", "too_many_guesses", TOKEN);
    }

    private static void assertBlocked(WireAnswer answer) {
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.text()).contains("\"too_many_guesses\"", "\"rate_limit_error\"");
        assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(1, 60);
    }

    private static String basic(String userAndPassword) {
        return "Basic " + Base64.getEncoder().encodeToString(userAndPassword.getBytes(UTF_8));
    }

    private static WireAnswer proxyPort(Sidecar sidecar, String authorization) throws IOException {
        return ask(sidecar.port(), "/api/admin/config", authorization);
    }

    /** There is nothing, which only who may look is told. */
    private static WireAnswer managementPort(Sidecar sidecar, String authorization) throws IOException {
        return ask(sidecar.managementPort(), "/nothing", authorization);
    }

    private static WireAnswer ask(int port, String path, String authorization) throws IOException {
        return authorization.isEmpty()
                ? WireClient.exchange(port, "GET", path, null)
                : WireClient.exchange(port, "GET", path, null, "Authorization", authorization);
    }
}
