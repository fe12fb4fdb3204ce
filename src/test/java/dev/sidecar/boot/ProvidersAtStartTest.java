package dev.sidecar.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.files.WatchPace;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** A program whose file has the providers: its start, its admin API, and edits while it runs. */
@ProgramTest
@Isolated("reads standard output, which is that of the whole process")
@ExtendWith(OutputCaptureExtension.class)
@Timeout(60)
class ProvidersAtStartTest {

    private static final String CONFIG = "/api/admin/config";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final WatchPace QUICK = new WatchPace(Duration.ofMillis(20), Duration.ofMillis(60));

    @TempDir
    Path folder;
    private Path file;
    private FakeProvider provider;

    @BeforeEach
    void start() throws IOException {
        provider = FakeProvider.start();
        Files.writeString(folder.resolve("key-a"), "first-key-of-the-provider");
        Files.writeString(folder.resolve("key-b"), "second-key");
        Files.writeString(folder.resolve("key-c"), "third-key");
        file = Files.writeString(folder.resolve("sidecar.yaml"), """
                providers:
                  - name: ours
                    base-url: %s
                    keys:
                      - {name: team-a, file: key-a, rate-rpm: 600}
                      - {name: team-b, file: key-b, rate-rpm: 60}
                      - {name: team-c, file: key-c, account: team-b}
                """.formatted(provider.baseUrl()));
    }

    @AfterEach
    void stop() {
        provider.close();
    }

    private Sidecar sidecar(String... settings) {
        return Sidecar.ofFile(file, context -> context.registerBean(WatchPace.class, () -> QUICK), settings);
    }

    @Test
    void itNeedsNoOtherKeyAndSendsTheFirstOne() throws IOException {
        try (var sidecar = sidecar()) {
            var answer = WireClient.exchange(sidecar.port(), "POST", "/v1/chat/completions", "{}".getBytes(UTF_8),
                    "Content-Type", "application/json");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("X-Sidecar-Provider")).isEqualTo("ours");
            assertThat(provider.requests()).filteredOn(request -> request.method().equals("POST")).singleElement()
                    .satisfies(request -> assertThat(request.header("Authorization"))
                            .hasValue("Bearer first-key-of-the-provider"));
            var status = json(WireClient.exchange(sidecar.port(), "GET", "/status", null, "Accept",
                    "application/json")).path("config_file");
            assertThat(status.path("clients").asInt(-1)).isZero();
            assertThat(status.path("providers").asInt()).isEqualTo(1);
            assertThat(status.path("keys").asInt()).isEqualTo(3);
        }
    }

    @Test
    void theAdminApiShowsTheFileAndLeavesTheRateToIt() throws IOException {
        try (var sidecar = sidecar()) {
            var config = json(WireClient.exchange(sidecar.port(), "GET", CONFIG, null));
            assertThat(config.path("upstream_url").asText()).isEqualTo(provider.baseUrl().replaceAll("/v1/?$", ""));
            assertThat(config.path("upstream_api_key").asText()).isEqualTo("firs****");
            assertThat(config.path("rate_rpm").asInt()).isEqualTo(660);

            var refused = change(sidecar, "{\"queue_max_size\":5,\"rate_rpm\":100}");
            assertThat(refused.status()).isEqualTo(400);
            assertThat(json(refused).at("/error/param").asText()).isEqualTo("rate_rpm");
            assertThat(json(refused).at("/error/message").asText())
                    .isEqualTo("rate_rpm is in the file sidecar.yaml, for each key: change it there");

            assertThat(change(sidecar, "{\"queue_max_size\":7}").status()).isEqualTo(200);
            var after = json(WireClient.exchange(sidecar.port(), "GET", CONFIG, null));
            assertThat(after.path("queue_max_size").asInt()).isEqualTo(7);
            assertThat(after.path("rate_rpm").asInt()).isEqualTo(660);
        }
    }

    @Test
    void anEditInsideTheSectionIsLiveAndOneOfTheSectionNeedsARestart() throws Exception {
        try (var sidecar = sidecar()) {
            var text = Files.readString(file);
            Files.writeString(file, text.replace("rate-rpm: 600", "rate-rpm: 500"));
            await().until(() -> json(WireClient.exchange(sidecar.port(), "GET", CONFIG, null)).path("rate_rpm")
                    .asInt() == 560);
            Files.writeString(folder.resolve("key-a"), "next-key-of-the-provider");
            await().until(() -> json(WireClient.exchange(sidecar.port(), "GET", CONFIG, null)).path("upstream_api_key")
                    .asText().equals("next****"));
            Files.writeString(file, "clients: [{name: a}]");
            await().until(() -> json(WireClient.exchange(sidecar.port(), "GET", "/status", null, "Accept",
                    "application/json")).at("/config_file/last_error").isObject());
            assertThat(WireClient.exchange(sidecar.port(), "GET", "/status", null, "Accept", "text/plain").text())
                    .contains("sidecar.yaml:1:1: without the section 'providers', which it had at the start, it needs");
        }
    }

    @Test
    void aSettingBesideTheSectionStopsTheStartWithOneLine(CapturedOutput output) {
        assertThatThrownBy(() -> sidecar("sidecar.rate-rpm=40", "sidecar.api-key=nvapi-top-secret"))
                .hasStackTraceContaining("must not be set");
        assertThat(output.getErr().lines()).containsExactly("nvidia-sidecar cannot start: SIDECAR_API_KEY, "
                + "SIDECAR_RATE_RPM must not be set: SIDECAR_CONFIG=" + file + " has the section 'providers'");
        assertThat(output.getAll()).doesNotContain("top-secret");
    }

    @Test
    void aKeyThatIsMissingStopsTheStartWithItsPlace(CapturedOutput output) throws IOException {
        Files.delete(folder.resolve("key-b"));
        assertThatThrownBy(this::sidecar).hasStackTraceContaining("no such file");
        assertThat(output.getErr().lines()).containsExactly("nvidia-sidecar cannot start: SIDECAR_CONFIG=" + file
                + ": sidecar.yaml:6:30: there is no such file");
    }

    /** Where another setting is wrong too, nobody is told to set a key. */
    @Test
    void noKeyIsAskedForBesideAFile(CapturedOutput output) {
        assertThatThrownBy(() -> sidecar("sidecar.port=abc")).isNotNull();
        assertThat(output.getErr().lines())
                .containsExactly("nvidia-sidecar cannot start: SIDECAR_PORT=abc: must be a whole number");
    }

    @Test
    void withoutTheSectionAChangeOfTheRateIsShown() throws IOException {
        try (var sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.rate-rpm=600")) {
            assertThat(change(sidecar, "{\"rate_rpm\":100}").status()).isEqualTo(200);
            assertThat(json(WireClient.exchange(sidecar.port(), "GET", CONFIG, null)).path("rate_rpm").asInt())
                    .isEqualTo(100);
        }
    }

    private static WireAnswer change(Sidecar sidecar, String json) throws IOException {
        return WireClient.exchange(sidecar.port(), "POST", CONFIG, json.getBytes(UTF_8));
    }

    private static JsonNode json(WireAnswer answer) throws IOException {
        return JSON.readTree(answer.body());
    }
}
