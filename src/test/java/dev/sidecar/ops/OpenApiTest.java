package dev.sidecar.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RoutesFolder;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The description of the sidecar's own paths says what the running program does, and all of it. */
@ProgramTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OpenApiTest {

    private static final String TOKEN = "an-admin-token-nobody-may-see";
    private static final String[] ADMIN = {"Authorization", "Bearer " + TOKEN};
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What takes a thousand viewers, and is tried elsewhere. */
    private static final Set<String> NOT_TRIED = Set.of("GET /api/dashboard/stream 503");

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Set<String> SEEN = new TreeSet<>();

    private static final String CLIENTS = """
            clients:
              - name: jobs
                key-sha256: ["%s"]
                limits:
                  - {requests: 100, per: 1h}
            anonymous: {allow: true}
            """.formatted("0123456789abcdef".repeat(4));

    @TempDir
    private static Path folder;
    @TempDir
    private static Path home;
    private static FakeProvider provider;
    private static RoutesFolder routes;
    private static Sidecar sidecar;
    private static OpenApiDocument document;

    @BeforeAll
    static void start() throws Exception {
        provider = FakeProvider.start();
        routes = RoutesFolder.in(folder);
        var clients = Files.writeString(home.resolve("sidecar.yaml"), CLIENTS);
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.config=" + clients, "sidecar.admin-token=" + TOKEN,
                "sidecar.rate-rpm=3", "sidecar.bucket-capacity=3", "sidecar.queue-max=4", "sidecar.queue-timeout=600",
                "sidecar.fallback-passthrough=false", "sidecar.routes-dir=" + folder, "spring.jmx.enabled=true",
                "camel.main.jmx-enabled=true");
        document = OpenApiDocument.read(send("GET", "/api/openapi.json", null).body());
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        provider.close();
    }

    @Test
    void isAnOpenApiDocument() {
        assertThat(document.json().get("openapi").asText()).isEqualTo("3.1.0");
        assertThat(document.json().at("/info/title").asText()).isNotBlank();
        assertThat(document.json().findValuesAsText("$ref")).isNotEmpty()
                .allSatisfy(ref -> assertThat(document.json().at(ref.substring(1)).isMissingNode()).as(ref).isFalse());
        assertThat(document.json().findValuesAsText("operationId")).doesNotHaveDuplicates()
                .hasSameSizeAs(document.operations());
    }

    @Test
    void eachPathThatIsServedIsDescribed() {
        var served = sidecar.camel().getRouteDefinitions().stream().map(route -> route.getInput().getEndpointUri())
                .filter(uri -> uri.startsWith("platform-http:"))
                .map(uri -> uri.replaceAll("^platform-http:|\\?.*$", ""))
                .filter(path -> !path.startsWith("/v1") && !path.equals("/"))
                .map(path -> path.endsWith("/") ? path + "{file}" : path).collect(Collectors.toSet());
        assertThat(served).contains("/status")
                .containsExactlyInAnyOrderElementsOf(fieldNames(document.json().get("paths")));
    }

    private static Set<String> fieldNames(JsonNode node) {
        return node.properties().stream().map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    @Test
    void eachDescribedResponseIsGiven() throws Exception {
        check("GET /health", "/health", null, 200);
        await().until(() -> send("GET", "/health/ready", null).statusCode() == 200);
        check("GET /health/ready", "/health/ready", null, 200);
        check("GET /status", "/status", null, 200);
        check("GET /status", "/status", null, 200, "Accept", "text/plain");
        check("GET /api/dashboard", "/api/dashboard", null, 200);
        for (var name : DashboardAssets.FILES) {
            check("GET /api/dashboard/assets/{file}", "/api/dashboard/assets/" + name, null, 200);
        }
        check("GET /api/dashboard/assets/{file}", "/api/dashboard/assets/no.js", null, 404);
        await().until(() -> !JSON.readTree(send("GET", "/api/dashboard/history", null).body()).get("points").isEmpty());
        for (var query : new String[]{"", "?range=5m", "?range=15m", "?range=1h", "?range=6h", "?range=24h"}) {
            check("GET /api/dashboard/history", "/api/dashboard/history" + query, null, 200);
        }
        check("GET /api/dashboard/history", "/api/dashboard/history?range=7d", null, 400);
        check("GET /api/dashboard/topology", "/api/dashboard/topology", null, 200);
        check("GET /api/openapi.json", "/api/openapi.json", null, 200);
        check("GET /api/admin/config", "/api/admin/config", null, 200, ADMIN);
        check("POST /api/admin/config", "/api/admin/config", "{\"log_level\": \"WARN\"}", 200, ADMIN);
        check("POST /api/admin/config", "/api/admin/config", "{\"log_level\": 1}", 400, ADMIN);
        check("POST /api/admin/config", "/api/admin/config", " ".repeat(70_000), 413, ADMIN);
        stream();
        for (var path : new String[]{"/status", "/api/dashboard", "/api/dashboard/stream", "/api/dashboard/history",
                "/api/dashboard/topology", "/api/openapi.json"}) {
            check("GET " + path, path, null, 403, "Origin", "https://elsewhere.example");
        }
        for (var method : new String[]{"GET", "POST"}) {
            var body = method.equals("GET") ? null : "{}";
            check(method + " /api/admin/config", "/api/admin/config", body, 401);
            check(method + " /api/admin/config", "/api/admin/config", body, 403, "Authorization", "Bearer wrong");
        }
        await().until(() -> send("GET", "/api/admin/config", null, "Authorization", "Bearer wrong")
                .statusCode() == 429);
        check("GET /api/admin/config", "/api/admin/config", null, 429, "Authorization", "Bearer wrong");
        check("POST /api/admin/config", "/api/admin/config", "{}", 429, "Authorization", "Bearer wrong");
        provider.stop();
        try {
            await().until(() -> send("GET", "/health/ready", null).statusCode() == 503);
            check("GET /health/ready", "/health/ready", null, 503);
        } finally {
            provider.restart();
        }
        var described = document.responses();
        described.removeAll(NOT_TRIED);
        assertThat(SEEN).containsExactlyInAnyOrderElementsOf(described);
    }

    /** With requests that wait, were sent and refused, a lowered rate, a pause, a refused key and refused routes. */
    @Test
    @Order(Integer.MAX_VALUE)
    void aBusyStatusIsDescribedToo() throws Exception {
        provider.script(_ -> Answer.error(401, "invalid_api_key", "no"));
        send("POST", "/v1/chat/completions", "{\"model\":\"a\"}");
        provider.script(_ -> Answer.tooManyRequests("Retry-After", "30"));
        try (var client = WireClient.to(sidecar.port()); var other = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/chat/completions", "{\"model\":\"b\"}".getBytes(UTF_8), "Content-Type",
                    "application/json");
            await().until(() -> sidecar.throttle().snapshot().retreat().paused().isPositive());
            other.send("POST", "/v1/chat/completions", "{}".getBytes(UTF_8));
            send("POST", "/v1/chat/completions", "{\"model\":\"c\"}", "X-Priority", "low");
            routes.edit("ops.camel.yaml", "ref: readiness", "ref: readines");
            Files.writeString(home.resolve("sidecar.yaml"), "clients: [");
            await().until(() -> JSON.readTree(send("GET", "/status", null).body()).at("/routes/last_error").isObject());
            await().until(() -> JSON.readTree(send("GET", "/status", null).body()).at("/config_file/last_error")
                    .isObject());
            check("GET /status", "/status", null, 200);
            var status = JSON.readTree(send("GET", "/status", null).body());
            assertThat(status.get("line")).hasSize(2);
            assertThat(status.at("/timeline/sent")).isNotEmpty();
            assertThat(status.at("/timeline/spans")).isNotEmpty();
            assertThat(status.get("refused")).isNotEmpty();
            assertThat(status.at("/clients/1/limits")).hasSize(1);
            assertThat(status.at("/condition/causes")).hasSizeGreaterThan(3);
            check("GET /api/dashboard/topology", "/api/dashboard/topology", null, 200);
        }
    }

    private static void stream() throws Exception {
        var answer = CLIENT.send(request("GET", "/api/dashboard/stream", null), BodyHandlers.ofLines());
        try (var lines = answer.body()) {
            var event = lines.filter(line -> line.startsWith("data: ")).findFirst().orElseThrow();
            assertThat(document.problems(document.json().at("/components/schemas/Status"),
                    JSON.readTree(event.substring("data: ".length())))).isEmpty();
        }
        describes("GET /api/dashboard/stream", answer);
    }

    /** Sends a request, and compares the response with its description. */
    private static void check(String operation, String path, @Nullable String body, int status, String... headers)
            throws Exception {
        var answer = send(operation.split(" ", 2)[0], path, body, headers);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        var content = describes(operation, answer);
        if (type(answer).equals("application/json")) {
            assertThat(document.problems(content.get("schema"), JSON.readTree(answer.body())))
                    .as("%s %s: %s", operation, status, answer.body()).isEmpty();
        }
    }

    private static JsonNode describes(String operation, HttpResponse<?> answer) {
        var content = document.content(operation, answer.statusCode(), type(answer));
        SEEN.add(operation + " " + answer.statusCode());
        return Objects.requireNonNull(content,
                () -> "not described: %s %s %s".formatted(operation, answer.statusCode(), type(answer)));
    }

    private static String type(HttpResponse<?> answer) {
        return answer.headers().firstValue("Content-Type").orElseThrow().split(";", 2)[0];
    }

    private static HttpResponse<String> send(String method, String path, @Nullable String body, String... headers)
            throws IOException, InterruptedException {
        return CLIENT.send(request(method, path, body, headers), BodyHandlers.ofString());
    }

    private static HttpRequest request(String method, String path, @Nullable String body, String... headers) {
        var request = HttpRequest.newBuilder(URI.create(sidecar.address() + path)).method(method,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return request.build();
    }
}
