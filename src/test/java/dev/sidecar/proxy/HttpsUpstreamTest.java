package dev.sidecar.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.testkit.HttpsProvider;
import dev.sidecar.testkit.SidecarProcess;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Providers are behind TLS. Whom a JVM trusts holds for all of it, so this needs one of its own. */
@Isolated("a program that starts, and takes what it can get")
class HttpsUpstreamTest {

    private static final String BODY = "{\"model\":\"m\"}";

    @TempDir
    private Path folder;
    private HttpsProvider provider;

    @BeforeEach
    void start() throws Exception {
        provider = HttpsProvider.start(folder);
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    @Test
    void a_provider_whose_certificate_is_trusted_is_asked() throws Exception {
        var answer = ask("https://127.0.0.1:" + provider.port() + "/v1", provider.trustOptions());

        assertThat(answer.status()).isEqualTo(200);
        assertThat(new String(answer.body(), UTF_8)).isEqualTo(BODY);
        assertThat(provider.requests()).containsExactly("POST /v1/chat/completions");
    }

    @Test
    void one_that_nobody_vouches_for_gets_no_request() throws Exception {
        var answer = ask("https://127.0.0.1:" + provider.port() + "/v1", List.of());

        assertThat(answer.status()).isEqualTo(502);
        assertThat(new String(answer.body(), UTF_8)).contains("TLS failed");
        assertThat(provider.requests()).isEmpty();
    }

    @Test
    void nor_does_one_whose_certificate_is_for_another_name() throws Exception {
        var answer = ask("https://localhost:" + provider.port() + "/v1", provider.trustOptions());

        assertThat(answer.status()).isEqualTo(502);
        assertThat(new String(answer.body(), UTF_8)).contains("TLS failed");
        assertThat(provider.requests()).isEmpty();
    }

    @Test
    void one_that_stays_silent_is_given_up_after_the_timeout() throws Exception {
        var answer = ask("https://127.0.0.1:" + provider.port() + "/v1", provider.trustOptions(), HttpsProvider.SILENT,
                Map.of("SIDECAR_TIMEOUT", "1"));

        assertThat(answer.status()).isEqualTo(504);
        assertThat(provider.requests()).containsExactly("POST " + HttpsProvider.SILENT);
    }

    private WireAnswer ask(String upstream, List<String> trust) throws IOException {
        return ask(upstream, trust, "/v1/chat/completions", Map.of());
    }

    private WireAnswer ask(String upstream, List<String> trust, String path, Map<String, String> settings)
            throws IOException {
        var options = new ArrayList<>(SidecarProcess.QUICK_AND_SMALL);
        options.addAll(trust);
        try (var sidecar = SidecarProcess.inFrontOf(upstream, folder.resolve("log"), settings, options)) {
            return WireClient.exchange(sidecar.port(), "POST", path, BODY.getBytes(UTF_8),
                    "Content-Type", "application/json");
        }
    }
}
