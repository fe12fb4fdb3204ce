package dev.sidecar.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.PrometheusText;
import dev.sidecar.testkit.RoutesFolder;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What the clients of a file may do, and that their keys are seen nowhere. */
@ProgramTest
@Isolated("reads standard output, which is that of the whole process")
@ExtendWith(OutputCaptureExtension.class)
class KnownClientsTest {

    private static final String PEOPLE = "sk-sidecar-canary-of-people";
    private static final String AGENTS = "canary-of-agents";
    private static final String JOBS = "sk-sidecar-canary-of-jobs";
    private static final String CHAT = "/v1/chat/completions";

    @TempDir
    static Path temp;
    private static FakeProvider provider;
    private static Sidecar sidecar;

    @BeforeAll
    static void start() throws IOException {
        provider = FakeProvider.start();
        sidecar = sidecar("anonymous: {allow: true, class: {default: low, max: normal}}");
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    private static Sidecar sidecar(String anonymous, String... settings) throws IOException {
        var file = Files.createTempFile(temp, "sidecar", ".yaml");
        Files.writeString(file, """
                clients:
                  - name: people
                    key-sha256: ["%s"]
                    class: {default: high}
                  - name: agents
                    key-sha256: ["%s"]
                    class: {max: normal}
                  - name: jobs
                    key-sha256: ["%s"]
                    models: ["meta/*"]
                  - name: named-by-a-route
                    class: {max: low}
                """.formatted(ClientKey.hash(PEOPLE), ClientKey.hash(AGENTS), ClientKey.hash(JOBS)) + anonymous + "\n");
        var all = new ArrayList<>(List.of(settings));
        all.add("sidecar.config=" + file);
        return Sidecar.inFrontOf(provider.baseUrl(), all.toArray(String[]::new));
    }

    // ---- classes ----

    @ParameterizedTest
    @CsvSource({PEOPLE + ", , high", PEOPLE + ", low, low", AGENTS + ", high, normal", AGENTS + ", HIGH, normal",
            AGENTS + ", , normal", AGENTS + ", low, low", "unknown, , low", "unknown, high, normal"})
    void aRequestGetsNoMoreThanItsClientMayHave(String key, @Nullable String asked, String got) throws IOException {
        var answer = asked == null
                ? post(sidecar, CHAT, json("m"), "Authorization", "Bearer " + key)
                : post(sidecar, CHAT, json("m"), "Authorization", "Bearer " + key, "X-Priority", asked);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("X-Sidecar-Priority")).isEqualTo(got);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-api-key", "api-key", "X-API-Key"})
    void aKeyCountsInTheFieldsOfOtherSdksToo(String field) throws IOException {
        assertThat(post(sidecar, CHAT, json("m"), field, PEOPLE).header("X-Sidecar-Priority")).isEqualTo("high");
    }

    @Test
    void nobodyNamesHimselfFromOutside() throws IOException {
        assertThat(post(sidecar, CHAT, json("m"), "X-Sidecar-Client", "people").header("X-Sidecar-Priority"))
                .isEqualTo("low");
    }

    // ---- keys ----

    @Test
    void anUnknownKeyOfASidecarIsAlwaysRefused() throws IOException {
        int seen = provider.requests().size();
        for (var method : List.of("POST", "GET", "DELETE")) {
            assertError(exchange(sidecar, method, "/v1/models", null, "Authorization", "Bearer sk-sidecar-nobodys"),
                    401,
                    "authentication_error", "invalid_api_key");
        }
        assertThat(provider.requests()).hasSize(seen);
    }

    @Test
    void whereAnonymousCallersAreRefusedGuessesCostAndAValidKeyIsNeverBlocked(CapturedOutput output)
            throws IOException {
        int seen = provider.requests().size();
        try (var closed = sidecar("anonymous: {allow: false}")) {
            assertError(post(closed, CHAT, json("m")), 401, "authentication_error", "invalid_api_key");
            for (int i = 0; i < 10; i++) {
                assertError(post(closed, CHAT, json("m"), "x-api-key", "guess-" + i), 401, "authentication_error",
                        "invalid_api_key");
            }
            var blocked = post(closed, CHAT, json("m"), "x-api-key", "guess-11");
            assertError(blocked, 429, "rate_limit_error", "too_many_guesses");
            assertThat(Integer.parseInt(blocked.header("Retry-After"))).isBetween(1, 60);
            assertThat(post(closed, CHAT, json("m"), "x-api-key", AGENTS).status()).isEqualTo(200);
            assertError(post(closed, CHAT, json("m")), 401, "authentication_error", "invalid_api_key");
        }
        assertThat(provider.requests()).hasSize(seen + 1);
        assertThat(output.getOut().lines().filter(line -> line.contains("wrong tokens or keys"))).hasSize(1);
        assertThat(output.getOut()).doesNotContain("guess-");
    }

    @Test
    void whereAnonymousCallersAreAllowedAnUnknownKeyIsNoGuess() throws IOException {
        for (int i = 0; i < 20; i++) {
            assertThat(post(sidecar, CHAT, json("m"), "Authorization", "Bearer of-an-sdk-" + i).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void aKeyIsSeenNowhere(CapturedOutput output) throws IOException {
        var routes = RoutesFolder.in(Files.createTempDirectory(temp, "routes"));
        routes.edit("proxy.camel.yaml", "        - choice:\n            id: is-throttled\n", """
                        - setProperty:
                            id: let-through
                            name: SidecarLetThrough
                            expression:
                              constant:
                                expression: x-api-key, api-key, Authorization
                        - log:
                            id: everything
                            message: ${headers}
                        - choice:
                            id: is-throttled
                """);
        try (var open = sidecar("anonymous: {allow: true}", "sidecar.log-level=TRACE",
                "sidecar.routes-dir=" + routes.path())) {
            for (var field : List.of("x-api-key", "api-key")) {
                for (var key : List.of(PEOPLE, AGENTS)) {
                    assertThat(post(open, CHAT, json("m"), field, key).status()).isEqualTo(200);
                    assertThat(exchange(open, "GET", "/v1/models", null, field, key).status()).isEqualTo(200);
                    assertThat(post(open, CHAT, json("m"), "Authorization", "Bearer " + key, field, key).status())
                            .isEqualTo(200);
                }
            }
            post(open, CHAT, "{\"model\":".getBytes(UTF_8), "Authorization", "Bearer " + AGENTS);
            post(open, CHAT, json("other"), "Authorization", "Bearer " + JOBS);
            var told = new ArrayList<String>();
            for (var path : List.of("/status", "/api/admin/config", "/health", "/api/dashboard/history")) {
                told.add(exchange(open, "GET", path, null).text());
            }
            told.add(WireClient.exchange(open.managementPort(), "GET", "/metrics", null).text());
            told.add(output.getAll());
            assertThat(told).allSatisfy(text -> assertThat(text).doesNotContain("canary",
                    ClientKey.hash(PEOPLE), ClientKey.hash(AGENTS), ClientKey.hash(JOBS)));
        }
        assertThat(provider.requests()).allSatisfy(request -> assertThat(request.headers().toString())
                .doesNotContain("canary"));
    }

    // ---- models ----

    @ParameterizedTest
    @ValueSource(strings = {"{\"model\":\"meta/llama\"}", "{\"messages\":[{\"model\":\"x\"}],\"model\":\"meta/a\"}"})
    void aClientMayUseItsModels(String body) throws IOException {
        assertThat(asJobs(CHAT, body.getBytes(UTF_8)).status()).isEqualTo(200);
        assertThat(exchange(sidecar, "GET", "/v1/models", null, "Authorization", "Bearer " + JOBS).status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"model\":\"other\"}", "{\"model\":\"meta/a\",\"model\":\"other\"}",
            "{\"model\":\"other\",\"model\":\"meta/a\"}", "{\"model\":\"meta/a\",\"MODEL\":\"other\"}",
            "{\"model\":\"meta/a\",\"mod\\u0065l\":\"other\"}", "{}", "{\"model\":1}", "{\"model\":[\"meta/a\"]}", "[]",
            "{\"messages\":[{\"model\":\"meta/a\"}]}", ""})
    void aModelThatIsAnotherOrNotClearIsRefused(String body) throws IOException {
        assertRefused(() -> asJobs(CHAT, body.getBytes(UTF_8)));
    }

    @Test
    void whatCannotBeReadIsRefused() throws IOException {
        var zipped = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(zipped)) {
            gzip.write(json("other"));
        }
        assertRefused(() -> asJobs(CHAT, zipped.toByteArray(), "Content-Encoding", "gzip"));
        assertRefused(() -> exchange(sidecar, "POST", CHAT, json("meta/a"), "Content-Type", "text/plain",
                "Authorization", "Bearer " + JOBS));
        var form = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nmeta/a\r\n--b--\r\n";
        assertRefused(() -> exchange(sidecar, "POST", "/v1/audio/transcriptions", form.getBytes(UTF_8), "Content-Type",
                "multipart/form-data; boundary=b", "Authorization", "Bearer " + JOBS));
        assertRefused(() -> asJobs("/v1/batches", json("meta/a")));
        assertRefused(() -> exchange(sidecar, "GET", "/v1/files/file-1", null, "Authorization", "Bearer " + JOBS));
    }

    private static void assertRefused(Request request) throws IOException {
        int seen = provider.requests().size();
        var answer = request.send();
        assertError(answer, 403, "permission_error", "model_not_allowed");
        assertThat(answer.text()).contains("the client 'jobs' may use only the models [meta/*]");
        assertThat(provider.requests()).hasSize(seen);
    }

    private interface Request {
        WireAnswer send() throws IOException;
    }

    // ---- a route that names the client ----

    @Test
    void aRouteMayNameTheClientWhateverItsKey() throws IOException {
        var routes = routesThatName("named-by-a-route");
        try (var named = sidecar("anonymous: {allow: false}", "sidecar.routes-dir=" + routes)) {
            var answer = post(named, CHAT, json("m"), "X-Priority", "high");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("X-Sidecar-Priority")).isEqualTo("low");
        }
    }

    @Test
    void aRouteThatNamesNobodyIsAFaultOfTheRoute() throws IOException {
        try (var named = sidecar("anonymous: {allow: true}", "sidecar.routes-dir=" + routesThatName("nobody"),
                "sidecar.log-level=OFF")) {
            assertError(post(named, CHAT, json("m")), 500, "api_error", "internal_error");
        }
    }

    private static Path routesThatName(String client) throws IOException {
        var routes = RoutesFolder.in(Files.createTempDirectory(temp, "routes"));
        routes.edit("proxy.camel.yaml", "        - process:\n            id: client\n", """
                        - setHeader:
                            id: client-name
                            name: X-Sidecar-Client
                            expression:
                              constant:
                                expression: %s
                        - process:
                            id: client
                """.formatted(client));
        return routes.path();
    }

    // ---- seen ----

    @Test
    void logAndMetricsNameTheClient(CapturedOutput output) throws IOException {
        try (var open = sidecar("anonymous: {allow: true}", "sidecar.log-level=INFO", "sidecar.log-format=json")) {
            post(open, CHAT, json("m"), "Authorization", "Bearer " + AGENTS);
            post(open, CHAT, json("m"));
            post(open, CHAT, json("m"), "Authorization", "Bearer sk-sidecar-unknown");
            post(open, CHAT, json("other"), "Authorization", "Bearer " + JOBS);
            await().untilAsserted(() -> {
                var metrics = PrometheusText
                        .parse(WireClient.exchange(open.managementPort(), "GET", "/metrics", null).text());
                var requests = "sidecar_client_requests_total";
                assertThat(metrics.value(requests, "client", "agents", "outcome", "ok")).isEqualTo(1);
                assertThat(metrics.value(requests, "client", "anonymous", "outcome", "ok")).isEqualTo(1);
                assertThat(metrics.value(requests, "client", "anonymous", "outcome", "invalid")).isEqualTo(1);
                assertThat(metrics.value(requests, "client", "jobs", "outcome", "invalid")).isEqualTo(1);
                assertThat(metrics.value(requests, "client", "people", "outcome", "refused")).isZero();
                assertThat(metrics.value("sidecar_client_wait_seconds_count", "client", "agents")).isEqualTo(1);
            });
        }
        assertThat(output.getOut().lines().filter(line -> line.contains("request_completed")))
                .anyMatch(line -> line.contains("\"client\":\"agents\""))
                .anyMatch(line -> line.contains("\"client\":\"anonymous\""));
    }

    /** With clients nobody passes a full queue, whatever the setting and the administrator say. */
    @Test
    void nobodyGoesBesideAFullQueue() throws IOException {
        assertThat(exchange(sidecar, "GET", "/api/admin/config", null).text())
                .contains("\"fallback_enabled_passthrough\":false");
        var answer = exchange(sidecar, "POST", "/api/admin/config",
                "{\"fallback_enabled_passthrough\":true}".getBytes(UTF_8));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).contains("fallback_enabled_passthrough must be false while SIDECAR_CONFIG or "
                + "SIDECAR_DEMO_KEYS is set");
    }

    // ---- helpers ----

    private static byte[] json(String model) {
        return ("{\"model\":\"" + model + "\",\"messages\":[]}").getBytes(UTF_8);
    }

    private static WireAnswer asJobs(String path, byte[] body, String... headers) throws IOException {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Authorization", "Bearer " + JOBS));
        return post(sidecar, path, body, all.toArray(String[]::new));
    }

    private static WireAnswer post(Sidecar to, String path, byte[] body, String... headers) throws IOException {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Content-Type", "application/json"));
        return exchange(to, "POST", path, body, all.toArray(String[]::new));
    }

    private static WireAnswer exchange(Sidecar to, String method, String path, byte @Nullable [] body,
            String... headers) throws IOException {
        return WireClient.exchange(to.port(), method, path, body, headers);
    }

    private static void assertError(WireAnswer answer, int status, String type, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.text()).contains("\"type\":\"" + type + "\"", "\"code\":\"" + code + "\"");
    }
}
