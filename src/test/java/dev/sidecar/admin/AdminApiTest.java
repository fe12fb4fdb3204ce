package dev.sidecar.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The admin API and the guard of both ports, as programs, browsers and attackers meet them. */
@ProgramTest
@Isolated("reads standard output or changes log levels, which are those of the whole process")
@ExtendWith(OutputCaptureExtension.class)
class AdminApiTest {

    private static final String TOKEN = "an-admin-token-nobody-may-see";
    private static final String CONFIG = "/api/admin/config";
    private static final String START = "{\"rate_rpm\":600,\"bucket_capacity\":60,\"request_timeout\":90,\"queue_timeout\":90,"
            + "\"queue_max_size\":700,\"low_priority_timeout\":2.5,\"fallback_enabled_passthrough\":false,"
            + "\"log_level\":\"WARN\"}";
    private static final ObjectMapper JSON = new ObjectMapper();

    private static FakeProvider provider;
    private static Sidecar sidecar;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.admin-token=" + TOKEN, "sidecar.rate-rpm=600",
                "sidecar.bucket-capacity=60", "sidecar.timeout=90", "sidecar.queue-timeout=90", "sidecar.queue-max=700",
                "sidecar.low-timeout=2500ms",
                "sidecar.fallback-passthrough=false", "spring.jmx.enabled=true", "camel.main.jmx-enabled=true");
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        provider.close();
    }

    @AfterEach
    void asAtTheStart() throws IOException {
        assertThat(change(START).status()).isEqualTo(200);
    }

    private static WireAnswer ask(int port, String method, String path, String body, String... headers)
            throws IOException {
        return WireClient.exchange(port, method, path, body.isEmpty() ? null : body.getBytes(UTF_8), headers);
    }

    private static WireAnswer change(String json) throws IOException {
        return ask(sidecar.port(), "POST", CONFIG, json, "Authorization", "Bearer " + TOKEN);
    }

    private static JsonNode config() throws IOException {
        return json(ask(sidecar.port(), "GET", CONFIG, "", "Authorization", "Bearer " + TOKEN), 200);
    }

    private static JsonNode json(WireAnswer answer, int status) throws IOException {
        assertThat(answer.status()).as(new String(answer.body(), UTF_8)).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        return JSON.readTree(answer.body());
    }

    private static JsonNode error(WireAnswer answer, int status, String type, String code) throws IOException {
        var error = json(answer, status).get("error");
        assertThat(error.get("type").textValue()).isEqualTo(type);
        assertThat(error.get("code").textValue()).isEqualTo(code);
        assertThat(error.get("message").textValue()).isNotBlank();
        return error;
    }

    // ---- what it shows ----

    @Test
    void theConfigurationInForceIsShownWithTheKeyMasked() throws IOException {
        var config = config();
        var fields = new TreeMap<String, JsonNode>();
        config.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        var expected = new TreeMap<String, JsonNode>();
        JSON.readTree(START).properties().forEach(field -> expected.put(field.getKey(), field.getValue()));
        expected.putAll(Map.of("listen_host", JSON.valueToTree("127.0.0.1"), "listen_port",
                JSON.valueToTree(sidecar.port()), "metrics_port", JSON.valueToTree(sidecar.managementPort()),
                "upstream_url", JSON.valueToTree(provider.baseUrl().replaceAll("/v1/?$", "")), "upstream_api_key",
                JSON.valueToTree("nvap****")));
        assertThat(fields).isEqualTo(expected);
    }

    // ---- what it changes ----

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"rate_rpm | 1 | 1000000", "bucket_capacity | 1 | 1000000",
            "request_timeout | 1 | 3600", "queue_timeout | 1 | 3600", "queue_max_size | 1 | 1000000",
            "low_priority_timeout | 0.5 | 3600",
            "fallback_enabled_passthrough | false | true", "log_level | \"WARN\" | \"ERROR\""})
    void everyFieldCanBeChangedWithinItsRange(String field, String least, String most) throws IOException {
        for (var value : List.of(least, most)) {
            var before = config().get(field);
            var wanted = JSON.readTree(value);
            var changed = json(change("{\"" + field + "\":" + value + "}"), 200);
            assertThat(changed.get("status").textValue()).isEqualTo("ok");
            assertThat(changed.get("changed").toString())
                    .isEqualTo(before.equals(wanted) ? "[]" : "[\"" + field + "\"]");
            assertThat(config().get(field)).isEqualTo(wanted);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"rate_rpm | 0", "rate_rpm | 1000001", "rate_rpm | -1", "rate_rpm | 1.5",
            "rate_rpm | \"40\"", "rate_rpm | null", "rate_rpm | true", "rate_rpm | 99999999999999999999",
            "rate_rpm | 1e400", "rate_rpm | []", "bucket_capacity | 0", "bucket_capacity | {}", "request_timeout | 0",
            "request_timeout | 0.999", "request_timeout | 3601", "request_timeout | \"60\"", "request_timeout | 1e300",
            "request_timeout | -5", "queue_timeout | 0", "queue_max_size | 0", "queue_max_size | -1",
            "queue_max_size | 1000001",
            "low_priority_timeout | 0",
            "low_priority_timeout | 0.0001", "low_priority_timeout | 3601", "fallback_enabled_passthrough | 1",
            "fallback_enabled_passthrough | \"true\"", "fallback_enabled_passthrough | null", "log_level | 3",
            "log_level | \"LOUD\"", "log_level | \"\"", "listen_port | 1", "upstream_api_key | \"x\"",
            "pacing | \"paced\"", "RATE_RPM | 40", "'' | 1"})
    void aWrongValueOrFieldIsNamedAndNothingIsChanged(String field, String value) throws IOException {
        var before = config();
        var answer = change("{\"queue_max_size\":5,\"" + field + "\":" + value + "}");
        if (!field.equals("queue_max_size")) { // twice the same field is no JSON
            var error = json(answer, 400).get("error");
            assertThat(error.get("type").textValue()).isEqualTo("invalid_request_error");
            assertThat(error.get("param").textValue()).isEqualTo(field);
            assertThat(error.get("message").textValue()).startsWith(field);
        }
        assertThat(answer.status()).isEqualTo(400);
        assertThat(config()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "[]", "null", "40", "{\"rate_rpm\":1}{}", "{\"rate_rpm\":1,\"rate_rpm\":2}",
            "rate_rpm=40", "{\"rate_rpm\":01}"})
    void whatIsNotOneObjectIsRefused(String body) throws IOException {
        error(change(body), 400, "invalid_request_error", "invalid_json");
        error(change("{\"x\":\"" + "x".repeat(70_000) + "\"}"), 413, "invalid_request_error", "body_too_large");
    }

    @Test
    void whoChangedWhatIsLoggedWhateverTheLevel(CapturedOutput output) throws IOException {
        change("{\"log_level\":\"off\",\"rate_rpm\":123}");
        change("{\"rate_rpm\":124}");
        assertThat(output.getOut()).contains("127.0.0.1 changed rate_rpm from 600 to 123",
                "127.0.0.1 changed log_level from WARN to OFF", "127.0.0.1 changed rate_rpm from 123 to 124")
                .doesNotContain(TOKEN);
    }

    @Test
    void theLogLevelIsChangedForTheSidecarsOwnLoggers() throws IOException {
        var log = LoggerFactory.getLogger("dev.sidecar.anything");
        assertThat(log.isInfoEnabled()).isFalse();
        change("{\"log_level\":\"debug\"}");
        assertThat(log.isDebugEnabled()).isTrue();
        assertThat(LoggerFactory.getLogger("org.apache.camel").isInfoEnabled()).isFalse();
    }

    @Test
    void aNewRateLosesNobodyWhoWaitsAndHoldsFromTheNextSlot() throws Exception {
        change("{\"rate_rpm\":1,\"bucket_capacity\":1,\"queue_timeout\":3600}");
        var answers = new ArrayList<CompletableFuture<Integer>>();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 40; i++) {
                answers.add(CompletableFuture.supplyAsync(AdminApiTest::post, clients));
            }
            await().until(() -> sidecar.throttle().size() >= 39);
            change("{\"rate_rpm\":1000000,\"queue_max_size\":1}");
            for (var answer : answers) {
                assertThat(answer.get()).isEqualTo(200);
            }
        }
    }

    private static int post() {
        try {
            return ask(sidecar.port(), "POST", "/v1/chat/completions", "{}", "Content-Type", "application/json")
                    .status();
        } catch (IOException e) {
            return -1;
        }
    }

    @Test
    void aNewTimeoutHoldsForTheNextSilentAnswer() throws IOException {
        change("{\"request_timeout\":1}");
        provider.script(request -> new Answer.Silent());
        try {
            var answer = ask(sidecar.port(), "GET", "/v1/models", "");
            assertThat(error(answer, 504, "api_error", "upstream_timeout").get("message").textValue())
                    .contains("within 1 s");
        } finally {
            provider.script(request -> Answer.chat("Hello"));
        }
    }

    // ---- who may ----

    @Test
    void withoutTheTokenNobodyGetsIn() throws IOException {
        for (var method : List.of("GET", "POST")) {
            var missing = ask(sidecar.port(), method, CONFIG, method.equals("GET") ? "" : "{\"rate_rpm\":1}");
            error(missing, 401, "authentication_error", "unauthorized");
            assertThat(missing.header("WWW-Authenticate")).startsWith("Bearer");
            error(ask(sidecar.port(), method, CONFIG, method.equals("GET") ? "" : "{\"rate_rpm\":1}", "Authorization",
                    "Bearer wrong"), 403, "authentication_error", "forbidden");
        }
        assertThat(config().get("rate_rpm").intValue()).isEqualTo(600);
    }

    @ParameterizedTest
    @CsvSource({"Origin, https://evil.com", "Origin, null", "Sec-Fetch-Site, cross-site"})
    void anotherSitesPageGetsNowhereEvenWithTheToken(String field, String value) throws IOException {
        for (var path : List.of(CONFIG, "/status")) {
            var answer = ask(sidecar.port(), "GET", path, "", field, value, "Authorization", "Bearer " + TOKEN);
            error(answer, 403, "authentication_error", "forbidden");
            assertThat(answer.headers("Access-Control-Allow-Origin")).isEmpty();
        }
        error(ask(sidecar.managementPort(), "GET", "/jolokia/version", "", field, value, "Authorization",
                "Bearer " + TOKEN), 403, "authentication_error", "forbidden");
    }

    @ParameterizedTest
    @ValueSource(strings = {CONFIG, "/status", "/api/dashboard"})
    void aNameThatWasMadeToPointHereGetsNowhere(String path) throws IOException {
        try (var client = WireClient.to(sidecar.port())) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: evil.com:9190\r\nAuthorization: Bearer " + TOKEN
                    + "\r\n\r\n");
            error(client.read(), 403, "authentication_error", "forbidden");
        }
    }

    @ParameterizedTest
    @CsvSource({"/metrics, 200", "/actuator/health, 200", "/actuator/info, 200", "/jolokia/version, 401",
            "/jolokia, 401", "/hawtio/, 401", "/hawtio, 401", "/actuator/env, 401", "/actuator, 401", "/nothing, 401",
            "/metrics/, 401", "/metrics/../jolokia/version, 401", "/metrics;x=/../jolokia/version, 401",
            "/%6detrics, 401"})
    void onTheManagementPortOnlyMetricsAndHealthAreOpen(String path, int status) throws IOException {
        var answer = ask(sidecar.managementPort(), "GET", path, "");
        assertThat(answer.status()).isEqualTo(status);
        if (status == 401) {
            error(answer, 401, "authentication_error", "unauthorized");
            assertThat(answer.headers()).filteredOn(header -> header.name().equalsIgnoreCase("WWW-Authenticate"))
                    .extracting(header -> header.value().replaceFirst(" .*", ""))
                    .containsExactly("Basic", "Bearer");
        }
    }

    @Test
    void aBrowserOpensHawtioWithTheTokenAsItsPassword() throws IOException {
        var right = Base64.getEncoder().encodeToString(("admin:" + TOKEN).getBytes(StandardCharsets.UTF_8));
        var wrong = Base64.getEncoder().encodeToString("admin:x".getBytes(StandardCharsets.UTF_8));
        assertThat(ask(sidecar.managementPort(), "GET", "/hawtio/", "", "Authorization", "Basic " + right).status())
                .isEqualTo(200);
        // Asked once more, as it may have been mistyped.
        assertThat(ask(sidecar.managementPort(), "GET", "/hawtio/", "", "Authorization", "Basic " + wrong).status())
                .isEqualTo(401);
        error(ask(sidecar.managementPort(), "GET", "/hawtio/", "", "Authorization", "Bearer x"), 403,
                "authentication_error", "forbidden");
        error(ask(sidecar.managementPort(), "GET", "/nothing", "", "Authorization", "Bearer " + TOKEN), 404,
                "invalid_request_error", "not_found");
    }

    // ---- what Hawtio may do ----

    private static JsonNode jolokia(String request) throws IOException {
        return JSON.readTree(ask(sidecar.managementPort(), "POST", "/jolokia", request, "Authorization",
                "Bearer " + TOKEN, "Content-Type", "application/json").body());
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "{'type':'exec','mbean':'org.apache.camel:context=sidecar-1,type=context,name=\"sidecar-1\"','operation':'dumpRoutesAsXml()'}",
            "{'type':'exec','mbean':'org.apache.camel:context=sidecar-1,type=routes,name=\"proxy\"','operation':'dumpRouteAsXml()'}",
            "{'type':'read','mbean':'org.apache.camel:context=sidecar-1,type=routes,name=\"proxy\"','attribute':'ExchangesTotal'}",
            "{'type':'read','mbean':'java.lang:type=Memory'}", "{'type':'search','mbean':'org.apache.camel:*'}"})
    void hawtioMayLook(String request) throws IOException {
        assertThat(jolokia(quoted(request)).get("status").intValue()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "{'type':'exec','mbean':'org.apache.camel:context=sidecar-1,type=context,name=\"sidecar-1\"','operation':'stop()'}",
            "{'type':'exec','mbean':'org.apache.camel:context=sidecar-1,type=routes,name=\"proxy\"','operation':'stop()'}",
            "{'type':'exec','mbean':'org.apache.camel:context=sidecar-1,type=routes,name=\"proxy\"','operation':'updateRouteFromXml(java.lang.String)','arguments':['x']}",
            "{'type':'exec','mbean':'org.apache.camel:context=sidecar-1,type=context,name=\"sidecar-1\"','operation':'sendStringBody(java.lang.String,java.lang.String)','arguments':['direct:upstream','x']}",
            "{'type':'write','mbean':'org.apache.camel:context=sidecar-1,type=context,name=\"sidecar-1\"','attribute':'Tracing','value':true}",
            "{'type':'read','mbean':'java.lang:type=Runtime','attribute':'SystemProperties'}",
            "{'type':'read','mbean':'java.lang:type=Runtime'}",
            "{'type':'exec','mbean':'org.apache.camel:context=sidecar-1,type=context,name=\"sidecar-1\"','operation':'dumpRoutesAsXml(boolean)','arguments':[true]}",
            "{'type':'exec','mbean':'com.sun.management:type=HotSpotDiagnostic','operation':'dumpHeap','arguments':['heap',true]}",
            "{'type':'exec','mbean':'com.sun.management:type=DiagnosticCommand','operation':'vmSystemProperties'}"})

    void butNothingThatCouldBreakTheProxyOrShowASecret(String request) throws IOException {
        var answer = jolokia(quoted(request));
        assertThat(answer.get("status").intValue()).as(answer.toString()).isEqualTo(403);
        assertThat(post()).isEqualTo(200);
    }

    @Test
    void itConnectsToNoOtherProgram() throws IOException {
        try (var other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            other.setSoTimeout(300);
            var answer = jolokia("{\"type\":\"read\",\"mbean\":\"java.lang:type=Memory\",\"target\":{\"url\":"
                    + "\"service:jmx:rmi:///jndi/rmi://127.0.0.1:" + other.getLocalPort() + "/x\"}}");
            assertThat(answer.has("status")).as(answer.toString()).isTrue();
            assertThatThrownBy(other::accept).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/jolokia/", "/hawtio/jolokia/", "/hawtio/%6aolokia/", "/hawtio/x/../jolokia/"})
    void anotherSiteCannotLinkToWhatActs(String path) throws IOException {
        var read = path + "read/java.lang:type=Memory";
        error(ask(sidecar.managementPort(), "GET", read, "", "Authorization", "Bearer " + TOKEN, "Sec-Fetch-Site",
                "cross-site", "Sec-Fetch-Mode", "navigate"), 403, "authentication_error", "forbidden");
        // Nor can one that does not say where it comes from: such things are asked for by POST.
        var answer = ask(sidecar.managementPort(), "GET", read, "", "Authorization", "Bearer " + TOKEN);
        assertThat(answer.status()).isIn(404, 405);
    }

    private static String quoted(String request) {
        return request.replace("\"", "\\\"").replace('\'', '"');
    }

    // ---- without a token ----

    @Test
    void withoutATokenAndOnEveryAddressNothingIsOpenButTheProxy() throws IOException {
        try (var open = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.host=0.0.0.0", "sidecar.hawtio=off")) {
            assertThat(error(ask(open.port(), "GET", CONFIG, ""), 403, "authentication_error", "forbidden")
                    .get("message").textValue()).contains("SIDECAR_ADMIN_TOKEN");
            error(ask(open.port(), "GET", CONFIG, "", "Authorization", "Bearer x"), 403, "authentication_error",
                    "forbidden");
            error(ask(open.managementPort(), "GET", "/hawtio/", ""), 403, "authentication_error", "forbidden");
            assertThat(ask(open.managementPort(), "GET", "/metrics", "").status()).isEqualTo(200);
            assertThat(ask(open.port(), "GET", "/status", "").status()).isEqualTo(200);
        }
    }
}
