package dev.sidecar.configfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.clients.ClientKey;
import dev.sidecar.files.WatchPace;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.PrometheusText;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.support.GenericApplicationContext;

/** A change of the file of clients is live soon after it was written, or changes nothing and is spoken of. */
@ProgramTest
@Isolated("looks at the time that things take, and at standard output")
@ExtendWith(OutputCaptureExtension.class)
@Timeout(60)
class ConfigReloadTest {

    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final WatchPace QUICK = new WatchPace(Duration.ofMillis(20), Duration.ofMillis(60));

    @TempDir
    Path temp;
    private Path file;
    private FakeProvider provider;

    @BeforeEach
    void start() {
        file = temp.resolve("sidecar.yaml");
        write(client("one"));
        provider = FakeProvider.start();
    }

    @AfterEach
    void stop() {
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    private Sidecar sidecar(WatchPace pace, String... settings) {
        return Sidecar.inFrontOf(provider.baseUrl(),
                (GenericApplicationContext context) -> context.registerBean(WatchPace.class, () -> pace),
                Stream.concat(Stream.of("sidecar.config=" + file), Stream.of(settings)).toArray(String[]::new));
    }

    @Test
    void aChangeIsLiveWithinTwoSeconds() throws Exception {
        try (var sidecar = sidecar(WatchPace.PRODUCTION)) {
            assertThat(status(sidecar, "one")).isEqualTo(200);
            for (var name : List.of("two", "three")) { // the first one also warms up
                assertThat(status(sidecar, name)).as("wrong, and later one of too many").isIn(401, 429);
                write(client(name));
                var written = System.nanoTime();
                await().pollInterval(Duration.ofMillis(20)).until(() -> status(sidecar, name) == 200);
                assertThat(Duration.ofNanos(System.nanoTime() - written)).as(name)
                        .isLessThan(Duration.ofSeconds(name.equals("two") ? 10 : 2));
            }
            assertThat(status(sidecar, "one")).isIn(401, 429);
        }
    }

    @Test
    void aBadFileChangesNothingAndIsSpokenOf(CapturedOutput output) throws Exception {
        try (var sidecar = sidecar(QUICK)) {
            assertThat(json(sidecar, "/status").at("/config_file/last_error").isMissingNode()).isTrue();
            assertThat(metric(sidecar, "sidecar_config_current")).isEqualTo(1);
            write(client("two") + "    wieght: 2\n");
            await().until(() -> json(sidecar, "/status").at("/config_file/last_error").isObject());
            var status = json(sidecar, "/status");
            var problem = status.at("/config_file/last_error/problems/0");
            assertThat(problem.toString()).isEqualTo("{\"file\":\"sidecar.yaml\",\"line\":4,\"column\":5,"
                    + "\"reason\":\"unknown field: perhaps 'weight' is meant\"}");
            assertThat(status.at("/config_file/clients").asInt()).isEqualTo(1);
            assertThat(status.at("/condition/state").asText()).isEqualTo("config_refused");
            assertThat(WireClient.exchange(sidecar.port(), "GET", "/status", null, "Accept", "text/plain").text())
                    .contains("Edit of the clients of ", " refused: sidecar.yaml:4:5: unknown field");
            assertThat(metric(sidecar, "sidecar_config_current")).isZero();
            assertThat(metric(sidecar, "sidecar_config_reload_total", "outcome", "refused")).isEqualTo(1);
            assertThat(status(sidecar, "one")).isEqualTo(200);
            assertThat(status(sidecar, "two")).isEqualTo(401);

            write(client("two"));
            await().until(() -> status(sidecar, "two") == 200);
            assertThat(json(sidecar, "/status").at("/config_file/last_error").isMissingNode()).isTrue();
            assertThat(metric(sidecar, "sidecar_config_current")).isEqualTo(1);
            assertThat(metric(sidecar, "sidecar_config_reload_total", "outcome", "applied")).isEqualTo(1);
        }
        assertThat(output.getOut().lines().filter(line -> line.contains("config_refused"))).hasSize(1);
    }

    /** As an editor that goes back on a bad edit: what was in force is what is in the file again. */
    @Test
    void aRefusalIsForgottenWhenTheFileIsWhatItWas() throws Exception {
        try (var sidecar = sidecar(QUICK)) {
            write("clients: [");
            await().until(() -> json(sidecar, "/status").at("/config_file/last_error").isObject());
            write(client("one"));
            await().until(() -> json(sidecar, "/status").at("/config_file/last_error").isMissingNode());
            assertThat(metric(sidecar, "sidecar_config_reload_total", "outcome", "applied")).isZero();
        }
    }

    @Test
    void aFileThatIsGoneChangesNothing() throws Exception {
        try (var sidecar = sidecar(QUICK)) {
            Files.delete(file);
            await().until(() -> json(sidecar, "/status").at("/config_file/last_error").isObject());
            assertThat(status(sidecar, "one")).isEqualTo(200);
        }
    }

    /** As Kubernetes mounts a ConfigMap: a link to a link that is replaced. */
    @Test
    void aLinkThatIsReplacedIsFollowed() throws Exception {
        var mount = Files.createDirectory(temp.resolve("mount"));
        folder(mount, "first", client("one"));
        Files.createSymbolicLink(mount.resolve("..data"), Path.of("first"));
        file = Files.createSymbolicLink(mount.resolve("sidecar.yaml"), Path.of("..data", "sidecar.yaml"));
        try (var sidecar = sidecar(QUICK)) {
            folder(mount, "second", client("two"));
            Files.createSymbolicLink(mount.resolve("..new"), Path.of("second"));
            Files.move(mount.resolve("..new"), mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            await().until(() -> status(sidecar, "two") == 200);
        }
    }

    private static void folder(Path mount, String name, String text) throws IOException {
        Files.writeString(Files.createDirectory(mount.resolve(name)).resolve("sidecar.yaml"), text);
    }

    @Test
    void aChangeUnderLoadLosesNoRequest() throws Exception {
        try (var sidecar = sidecar(QUICK)) {
            var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (int i = 0; i < 200; i++) {
                if (i % 20 == 0) {
                    write(client("one") + client("two").replace("clients:\n", "") + "    weight: " + (1 + i) + "\n");
                }
                answers.add(CLIENT.sendAsync(chat(sidecar, "one"), HttpResponse.BodyHandlers.ofString()));
                Thread.sleep(5);
            }
            assertThat(answers).extracting(answer -> answer.get().statusCode()).containsOnly(200);
            assertThat(metric(sidecar, "sidecar_config_reload_total", "outcome", "applied")).isPositive();
        }
    }

    @Test
    void aBadFileStopsTheStart(CapturedOutput output) {
        write("clients: [{name: A}]");
        assertThatThrownBy(() -> sidecar(QUICK)).hasStackTraceContaining("1 to 40 of a-z");
        assertThat(output.getErr()).contains("nvidia-sidecar cannot start: SIDECAR_CONFIG=" + file
                + ": sidecar.yaml:1:18: must be 1 to 40 of a-z, 0-9 and '-'");
        assertThatThrownBy(() -> sidecar(QUICK, "sidecar.config=" + file + "x")).hasStackTraceContaining("no file");
    }

    @Test
    void seriesOfClientsThatAreGoneGoToo() throws Exception {
        try (var sidecar = sidecar(QUICK)) {
            assertThat(status(sidecar, "one")).isEqualTo(200);
            await().untilAsserted(
                    () -> assertThat(metric(sidecar, "sidecar_client_requests_total", "client", "one")).isEqualTo(1));
            assertThat(metric(sidecar, "sidecar_client_wait_seconds_count", "client", "one")).isEqualTo(1);
            write(client("two"));
            await().until(() -> status(sidecar, "two") == 200);
            await().untilAsserted(
                    () -> assertThat(metric(sidecar, "sidecar_client_requests_total", "client", "two")).isEqualTo(1));
            assertThat(scrape(sidecar).series()).noneMatch(series -> series.contains("client=\"one\""));
        }
    }

    // ---- helpers ----

    private static String client(String name) {
        return "clients:\n  - name: %s\n    key-sha256: [\"%s\"]\n".formatted(name, ClientKey.hash("key-" + name));
    }

    private void write(String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpRequest chat(Sidecar sidecar, String client) {
        return HttpRequest.newBuilder(sidecar.uri("/v1/chat/completions")).header("Content-Type", "application/json")
                .header("Authorization", "Bearer key-" + client)
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"m\"}")).build();
    }

    private static int status(Sidecar sidecar, String client) throws Exception {
        return CLIENT.send(chat(sidecar, client), HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private static JsonNode json(Sidecar sidecar, String path) throws Exception {
        return JSON.readTree(CLIENT.send(HttpRequest.newBuilder(sidecar.uri(path)).build(),
                HttpResponse.BodyHandlers.ofString()).body());
    }

    private static PrometheusText scrape(Sidecar sidecar) throws IOException {
        return PrometheusText
                .parse(WireClient.exchange(sidecar.managementPort(), "GET", "/metrics", null).text());
    }

    private static double metric(Sidecar sidecar, String name, String... labels) throws IOException {
        return scrape(sidecar).sum(name, labels);
    }
}
