package dev.sidecar.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.testkit.HttpsProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.SidecarProcess;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Providers are behind TLS. Whom a JVM trusts holds for all of it, so these are programs of their own, which start at the same time. */
@ProgramTest
class HttpsUpstreamTest {

    private static final String BODY = "{\"model\":\"m\"}";

    private static HttpsProvider provider;
    private static SidecarProcess trusting;
    private static SidecarProcess wary;
    private static SidecarProcess misled;

    @BeforeAll
    static void startAll(@TempDir Path folder) throws Exception {
        provider = HttpsProvider.start(folder);
        trusting = start("127.0.0.1", "/v1", provider.trustOptions(), folder);
        wary = start("127.0.0.1", "/wary", List.of(), folder);
        misled = start("localhost", "/misled", provider.trustOptions(), folder);
    }

    private static SidecarProcess start(String host, String path, List<String> trust, Path folder) {
        var options = new ArrayList<>(SidecarProcess.QUICK_AND_SMALL);
        options.addAll(trust);
        return SidecarProcess.inFrontOf("https://" + host + ":" + provider.port() + path,
                Path.of(folder + path + ".log"), Map.of("SIDECAR_TIMEOUT", "1"), options);
    }

    @AfterAll
    static void stopAll() {
        List.of(trusting, wary, misled).forEach(SidecarProcess::close);
        provider.close();
    }

    @Test
    void aProviderWhoseCertificateIsTrustedIsAsked() throws IOException {
        var answer = ask(trusting, "/v1/chat/completions");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(new String(answer.body(), UTF_8)).isEqualTo(BODY);
        assertThat(provider.requests()).containsOnlyOnce("POST /v1/chat/completions");
    }

    @Test
    void oneThatNobodyVouchesForGetsNoRequest() throws IOException {
        var answer = ask(wary, "/v1/chat/completions");

        assertThat(answer.status()).isEqualTo(502);
        assertThat(new String(answer.body(), UTF_8)).contains("TLS failed");
        assertThat(provider.requests()).noneMatch(request -> request.contains("/wary"));
    }

    @Test
    void norDoesOneWhoseCertificateIsForAnotherName() throws IOException {
        var answer = ask(misled, "/v1/chat/completions");

        assertThat(answer.status()).isEqualTo(502);
        assertThat(new String(answer.body(), UTF_8)).contains("TLS failed");
        assertThat(provider.requests()).noneMatch(request -> request.contains("/misled"));
    }

    @Test
    void oneThatStaysSilentIsGivenUpAfterTheTimeout() throws IOException {
        var answer = ask(trusting, HttpsProvider.SILENT);

        assertThat(answer.status()).isEqualTo(504);
        assertThat(provider.requests()).containsOnlyOnce("POST " + HttpsProvider.SILENT);
    }

    private static WireAnswer ask(SidecarProcess sidecar, String path) throws IOException {
        return WireClient.exchange(sidecar.port(), "POST", path, BODY.getBytes(UTF_8), "Content-Type",
                "application/json");
    }
}
