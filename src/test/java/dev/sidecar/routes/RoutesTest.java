package dev.sidecar.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.SidecarApplication;
import dev.sidecar.ingress.IngressServer;
import dev.sidecar.ops.SnapshotFeed;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.throttle.Throttle;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.ThrottleSettings;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.AdviceWith;
import org.apache.camel.component.mock.MockEndpoint;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/**
 * Each shipped route, and each exception clause, does what it says. A mock at the beginning of every route sees what
 * passes and can make it fail; the rest is as shipped.
 *
 * <p>Not a {@code CamelSpringBootTest}, whose context is started anew around single tests: {@link ProxyRouteTest} is one.
 */
@ProgramTest
@Isolated("reads standard output or changes log levels, which are those of the whole process")
@SpringBootTest(classes = SidecarApplication.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT, properties = {
        "sidecar.port=0", "sidecar.metrics-port=0", "sidecar.api-key=" + Sidecar.API_KEY, "sidecar.rate-rpm=100000",
        "sidecar.bucket-capacity=100000", "sidecar.log-level=OFF", "sidecar.shutdown-grace=1"})
@DirtiesContext
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(30)
class RoutesTest {

    /** The ids of the routes and exception clauses that a test is about. */
    @Retention(RetentionPolicy.RUNTIME)
    @interface Covers {
        String[] value();
    }

    private static final String CHAT = "{\"model\":\"m\",\"messages\":[]}";
    private static final FakeProvider PROVIDER = FakeProvider.start();
    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final ObjectMapper JSON = new ObjectMapper();

    @Autowired
    private CamelContext camel;
    @Autowired
    private IngressServer server;
    @Autowired
    private Throttle<?> throttle;
    @Autowired
    private ThrottleSettings settings;
    @Autowired
    private CircuitBreaker breaker;
    @Autowired
    private SnapshotFeed feed;

    @DynamicPropertySource
    static void upstream(DynamicPropertyRegistry registry) {
        registry.add("sidecar.upstream", PROVIDER::baseUrl);
    }

    @BeforeAll
    void putAMockBeforeEveryRoute() throws Exception {
        for (var id : RouteFiles.routeIds()) {
            AdviceWith.adviceWith(camel, id, false, advice -> advice.weaveAddFirst().to("mock:" + id));
        }
    }

    @BeforeEach
    void forgetWhatPassed() {
        MockEndpoint.resetMocks(camel);
    }

    @AfterAll
    static void stop() {
        PROVIDER.close();
    }

    // ---- the way of a request ----

    @Test
    @Covers({"proxy", "throttled", "queue", "upstream", "provider"})
    void aPostWaitsInLineAndGoesToTheProvider() throws Exception {
        expect(Map.of("proxy", 1, "throttled", 1, "queue", 1, "passthrough", 0, "upstream", 1, "provider", 1));
        var answer = post("/v1/chat/completions?a%5B%5D=1&a%5B%5D=2", CHAT);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("chat.completion");
        MockEndpoint.assertIsSatisfied(camel);
        var request = PROVIDER.requests().getLast();
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.target()).isEqualTo("/v1/chat/completions?a%5B%5D=1&a%5B%5D=2");
        assertThat(request.bodyText()).isEqualTo(CHAT);
        assertThat(request.header("Authorization")).hasValue("Bearer " + Sidecar.API_KEY);
        assertThat(throttle.snapshot().openSlots()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "OPTIONS", "DELETE"})
    @Covers({"proxy", "passthrough", "provider"})
    void whatMakesNobodyWorkGoesToTheProviderAtOnce(String method) throws Exception {
        var enqueued = throttle.snapshot().totalEnqueued();
        expect(Map.of("proxy", 1, "passthrough", 1, "throttled", 0, "queue", 0, "upstream", 0, "provider", 1));
        assertThat(send(method, "/v1/models/m", "").statusCode()).isEqualTo(200);
        MockEndpoint.assertIsSatisfied(camel);
        assertThat(PROVIDER.requests().getLast().method()).isEqualTo(method);
        assertThat(throttle.snapshot().totalEnqueued()).isEqualTo(enqueued);
    }

    @ParameterizedTest
    @CsvSource({"high,high", "HIGH,high", "low,low", "normal,normal", "urgent,normal", ",normal"})
    @Covers("throttled")
    void thePriorityIsWhatTheClientAsksFor(String asked, String given) throws Exception {
        var request = request("/v1/x").POST(HttpRequest.BodyPublishers.ofString("x")).header("X-Sidecar-Priority",
                "low");
        if (asked != null) {
            request.header("X-Priority", asked);
        }
        var answer = CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.headers().allValues("X-Sidecar-Priority")).containsExactly(given);
        assertThat(mock("throttled").getExchanges().getFirst().getMessage().getHeader("X-Sidecar-Priority"))
                .isEqualTo(asked);
    }

    @Test
    @Covers("proxy")
    void brokenJsonDoesNotReachTheLine() throws Exception {
        expect(Map.of("proxy", 1, "throttled", 0, "queue", 0, "upstream", 0));
        var answer = post("/v1/chat/completions", "{\"model\":");
        assertError(answer, 400, "invalid_request_error", "invalid_json");
        MockEndpoint.assertIsSatisfied(camel);
    }

    @Test
    @Covers({"throttled", "failed"})
    void aFullLineIsPassedByOrRefusedAsTheSettingSays() throws Exception {
        post("/v1/x", CHAT);
        try {
            // The budget of one a minute is used up, and nobody may wait.
            throttle.reconfigure(tight(true));
            MockEndpoint.resetMocks(camel);
            expect(Map.of("throttled", 1, "queue", 0, "upstream", 1));
            assertThat(post("/v1/x", CHAT).statusCode()).isEqualTo(200);
            MockEndpoint.assertIsSatisfied(camel);
            assertThat(throttle.snapshot().bypassed()).isEqualTo(1);

            throttle.reconfigure(tight(false));
            MockEndpoint.resetMocks(camel);
            expect(Map.of("throttled", 1, "queue", 0, "upstream", 0));
            var answer = post("/v1/x", CHAT);
            assertError(answer, 429, "rate_limit_error", "queue_full");
            assertThat(Integer.parseInt(answer.headers().firstValue("Retry-After").orElseThrow())).isPositive();
            MockEndpoint.assertIsSatisfied(camel);
        } finally {
            throttle.reconfigure(settings);
        }
    }

    @Test
    @Covers({"throttled", "queue", "upstream", "provider"})
    void whatIsNotServedGoesBackToTheLine() throws Exception {
        var busy = Answer.error(503, "busy", "no");
        PROVIDER.script(FakeProvider.inOrder(busy, busy, Answer.chat("Hello")));
        try {
            expect(Map.of("proxy", 1, "throttled", 1, "queue", 3, "upstream", 3, "provider", 3));
            assertThat(post("/v1/x", CHAT).statusCode()).isEqualTo(200);
            MockEndpoint.assertIsSatisfied(camel);
        } finally {
            PROVIDER.script(request -> Answer.chat("Hello"));
        }
    }

    @Test
    @Covers({"throttled", "upstream", "passthrough", "failed"})
    void anOpenCircuitLetsOnlyThroughWhatDoesNotCount() throws Exception {
        breaker.transitionToOpenState();
        try {
            expect(Map.of("throttled", 1, "queue", 0, "upstream", 0, "passthrough", 1, "provider", 1));
            assertError(post("/v1/x", CHAT), 503, "api_error", "circuit_open");
            assertThat(get("/v1/models").statusCode()).isEqualTo(200);
            MockEndpoint.assertIsSatisfied(camel);
        } finally {
            breaker.reset();
        }
    }

    @Test
    @Covers({"upstream", "failed"})
    void whomTheCircuitDoesNotLetThroughIsRefusedBehindTheLineToo() throws Exception {
        // Opens between the line and the circuit, as it may when several fail at once.
        mock("upstream").whenAnyExchangeReceived(exchange -> breaker.transitionToOpenState());
        try {
            expect(Map.of("queue", 1, "upstream", 1, "provider", 0));
            assertError(post("/v1/x", CHAT), 503, "api_error", "circuit_open");
            MockEndpoint.assertIsSatisfied(camel);
            await().untilAsserted(() -> assertThat(throttle.snapshot().openSlots()).isZero());
        } finally {
            breaker.reset();
        }
    }

    private ThrottleSettings tight(boolean passBy) {
        return new ThrottleSettings(1, 1, Pacing.WINDOW, 0, settings.timeout(), settings.lowTimeout(), passBy);
    }

    @Test
    @Covers("completed")
    void everyRequestIsCompletedOnceHoweverItEnds() throws Exception {
        PROVIDER.script(FakeProvider.inOrder(Answer.error(503, "busy", "no"), Answer.chat("Hello")));
        try {
            assertCompleted("ok", () -> post("/v1/x", CHAT));
        } finally {
            PROVIDER.script(request -> Answer.chat("Hello"));
        }
        assertCompleted("ok", () -> get("/v1/models"));
        assertCompleted("invalid", () -> post("/v1/x", "{"));
        mock("upstream").whenAnyExchangeReceived(exchange -> {
            throw new IllegalStateException("a fault");
        });
        assertCompleted("internal_error", () -> post("/v1/x", CHAT));
    }

    @Test
    @Covers("upstream-error")
    void everyFailedTryIsNoted() throws Exception {
        PROVIDER.script(FakeProvider.inOrder(Answer.error(503, "busy", "no"), new Answer.ResetBeforeHead(),
                Answer.error(418, "teapot", "no")));
        try {
            mock("upstream-error").expectedMessageCount(3);
            assertThat(post("/v1/x", CHAT).statusCode()).isEqualTo(418);
            mock("upstream-error").assertIsSatisfied();
            assertThat(mock("upstream-error").getExchanges())
                    .extracting(exchange -> exchange.getProperty("SidecarUpstreamError"))
                    .containsExactly("503", "connect", "4xx");
        } finally {
            PROVIDER.script(request -> Answer.chat("Hello"));
        }
    }

    private void assertCompleted(String outcome, Callable<?> request) throws Exception {
        mock("completed").reset();
        mock("completed").expectedPropertyReceived("SidecarOutcome", outcome);
        mock("completed").expectedMessageCount(1);
        request.call();
        mock("completed").assertIsSatisfied();
        // The component that counts lets headers speak, so there is none.
        assertThat(mock("completed").getExchanges().getFirst().getMessage().getHeaders()).isEmpty();
    }

    /** Nobody is told of a fault in counting and logging. */
    @Test
    @Covers("completed")
    void aFaultInTheRouteOfCompletedRequestsReachesNobody() throws Exception {
        mock("completed").whenAnyExchangeReceived(exchange -> {
            throw new IllegalStateException("a fault");
        });
        mock("completed").expectedMessageCount(1);
        assertThat(post("/v1/x", CHAT).statusCode()).isEqualTo(200);
        mock("completed").assertIsSatisfied();
    }

    // ---- what operators look at ----

    @Test
    @Covers("health")
    void healthAnswers() throws Exception {
        var health = json(get("/health"), 200);
        assertThat(health.get("status").asText()).isEqualTo("ok");
        assertThat(health.get("uptime").isNumber()).isTrue();
        assertThat(health.get("version").isTextual()).isTrue();
    }

    @Test
    @Covers("health-ready")
    void readinessFollowsTheProvider() throws Exception {
        await().until(() -> get("/health/ready").statusCode() == 200);
        var ready = json(get("/health/ready"), 200);
        assertThat(ready.properties().stream().map(Map.Entry::getKey)).containsExactlyInAnyOrder("ready",
                "upstream_reachable", "queue_healthy", "token_bucket_healthy", "key_accepted", "state", "headline",
                "detail");
        assertThat(ready).filteredOn(JsonNode::isBoolean).hasSize(5).allMatch(JsonNode::booleanValue);
        PROVIDER.stop();
        try {
            await().until(() -> get("/health/ready").statusCode() == 503);
            assertThat(json(get("/health/ready"), 503).get("upstream_reachable").booleanValue()).isFalse();
        } finally {
            PROVIDER.restart();
        }
    }

    @Test
    @Covers("status")
    void statusCounts() throws Exception {
        var before = json(get("/status"), 200).get("requests");
        post("/v1/x", CHAT);
        get("/v1/models");
        var after = json(get("/status"), 200).get("requests");
        assertThat(after.get("nvidia").asInt()).isEqualTo(before.get("nvidia").asInt() + 1);
        assertThat(after.get("passthrough").asInt()).isEqualTo(before.get("passthrough").asInt() + 1);
    }

    @Test
    @Covers("topology")
    void theTopologyShowsWhichRouteLeadsToWhichAndWhatHasPassed() throws Exception {
        post("/v1/x", CHAT);
        var routes = new HashMap<String, JsonNode>();
        var topology = json(get("/api/dashboard/topology"), 200);
        topology.get("routes").forEach(route -> routes.put(route.get("id").asText(), route));
        assertThat(routes.keySet()).containsExactlyInAnyOrderElementsOf(RouteFiles.routeIds());
        assertThat(topology.get("ways")).map(way -> way.get("from").asText() + " " + way.get("kind").asText() + " "
                + way.get("to").asText() + ": " + way.path("label").asText("")).containsExactlyInAnyOrder(
                        "proxy FORTH throttled: POST", "proxy FORTH passthrough: GET, DELETE",
                        "throttled FORTH upstream: queue full", "throttled FORTH queue: has a place",
                        "queue FORTH upstream: has a slot", "upstream FORTH provider: ",
                        "upstream BACK queue: again after 429, 502–504", "passthrough FORTH provider: ");
        assertThat(topology.get("ways")).filteredOn(way -> way.get("has_gate").asBoolean()).singleElement()
                .matches(way -> way.get("from").asText().equals("upstream"));
        var proxy = Objects.requireNonNull(routes.get("proxy"));
        assertThat(proxy.get("total").longValue()).isPositive();
        assertThat(proxy.get("description").asText()).isNotBlank();
        assertThat(proxy.get("steps")).map(step -> step.get("id").asText()).contains("header-policy", "to-throttled")
                .doesNotContain("answer-failed");
        assertThat(proxy.get("steps")).filteredOn(step -> step.get("id").asText().equals("header-policy"))
                .allMatch(step -> step.get("total").longValue() > 0);
    }

    @Test
    @Covers({"show-config", "change-config"})
    void theConfigurationIsShownAndChanged() throws Exception {
        var before = json(get("/api/admin/config"), 200);
        assertThat(before.get("rate_rpm").intValue()).isEqualTo(100_000);
        assertThat(before.get("upstream_api_key").textValue()).isEqualTo("nvap****");
        try {
            assertThat(json(post("/api/admin/config", "{\"rate_rpm\": 99999}"), 200).toString())
                    .isEqualTo("{\"status\":\"ok\",\"changed\":[\"rate_rpm\"]}");
            assertThat(json(get("/api/admin/config"), 200).get("rate_rpm").intValue()).isEqualTo(99_999);
            assertThat(throttle.snapshot().retreat().baseRpm()).isEqualTo(99_999);
        } finally {
            post("/api/admin/config", "{\"rate_rpm\": 100000}");
        }
        assertError(post("/api/admin/config", "{\"rate_rpm\": 0}"), 400, "invalid_request_error", "invalid_value");
    }

    @Test
    @Covers("home")
    void homeLeadsToTheDashboard() throws Exception {
        var answer = get("/");
        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.headers().firstValue("Location")).hasValue("/api/dashboard");
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"/api/dashboard,index.html,text/html; charset=utf-8",
            "/api/dashboard/assets/dashboard.css,dashboard.css,text/css; charset=utf-8",
            "/api/dashboard/assets/dashboard.js,dashboard.js,text/javascript; charset=utf-8",
            "/api/dashboard/assets/icon.svg,icon.svg,image/svg+xml"})
    @Covers({"dashboard", "dashboard-assets"})
    void theDashboardIsServedAsItIs(String path, String file, String type) throws Exception {
        var answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().allValues("Content-Type")).containsExactly(type);
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(answer.body()).isEqualTo(resource("/static/dashboard/" + file)).isNotEmpty();
        if (path.equals("/api/dashboard")) {
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'self'", "frame-ancestors 'none'").doesNotContain("unsafe");
        }
        assertThat(send("POST", path, "").statusCode()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "index.html", "no.js", "../dashboard.js", "%2e%2e/dashboard.js", "dashboard.js/",
            "..%2fapplication.properties"})
    @Covers("dashboard-assets")
    void noOtherFileIsServed(String name) throws Exception {
        assertError(get("/api/dashboard/assets/" + name), 404, "invalid_request_error", "not_found");
    }

    @Test
    @Covers("dashboard-history")
    void theHistoryIsAListOfPoints() throws Exception {
        await().until(() -> !json(get("/api/dashboard/history"), 200).get("points").isEmpty());
        var history = json(get("/api/dashboard/history"), 200);
        assertThat(history.get("every_seconds").asInt()).isEqualTo(5);
        assertThat(history.get("points").get(0).at("/per_priority/normal/waiting").isInt()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"'',15m,5", "?range=5m,5m,5", "?range=1h,1h,60", "?range=24h,24h,60"})
    @Covers("dashboard-history")
    void theHistoryIsAsLongAsAskedFor(String query, String range, int step) throws Exception {
        var history = json(get("/api/dashboard/history" + query), 200);
        assertThat(history.get("range").asText()).isEqualTo(range);
        assertThat(history.get("step_seconds").asInt()).isEqualTo(step);
        assertThat(history.get("deadline_seconds").asDouble()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7h", "1H"})
    @Covers("dashboard-history")
    void anUnknownRangeIsRefused(String range) throws Exception {
        assertError(get("/api/dashboard/history?range=" + range), 400, "invalid_request_error", "invalid_value");
    }

    @Test
    @Covers("openapi")
    void theDescriptionIsServedAsItIs() throws Exception {
        var answer = get("/api/openapi.json");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().allValues("Content-Type")).containsExactly("application/json");
        assertThat(answer.body()).isEqualTo(resource("/static/openapi.json"));
    }

    @Test
    @Covers("dashboard-stream")
    void theStreamBeginsWithASnapshotAndGoesOnWithOneASecond() throws Exception {
        var answer = CLIENT.send(request("/api/dashboard/stream").build(), HttpResponse.BodyHandlers.ofLines());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().allValues("Content-Type")).containsExactly("text/event-stream");
        assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-store");
        assertThat(answer.headers().allValues("X-Accel-Buffering")).containsExactly("no");
        try (var lines = answer.body()) {
            var first = lines.limit(5).toList();
            assertThat(first.getFirst()).isEqualTo("retry: 3000");
            assertThat(List.of(first.get(1), first.get(3))).containsOnly("");
            for (var event : List.of(first.get(2), first.get(4))) {
                assertThat(event).startsWith("data: {");
                assertThat(JSON.readTree(event.substring("data: ".length())).at("/token_bucket/capacity").isInt())
                        .isTrue();
            }
        }
        // Whoever has left is no longer sent anything.
        await().until(() -> feed.viewers() == 0);
        assertThat(send("POST", "/api/dashboard/stream", "").statusCode()).isEqualTo(405);
    }

    private static String resource(String name) throws IOException {
        try (var in = RoutesTest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    // ---- failures ----

    static final List<Arguments> REQUESTS = List.of(Arguments.of("proxy", "POST", "/v1/x"),
            Arguments.of("throttled", "POST", "/v1/x"), Arguments.of("queue", "POST", "/v1/x"),
            Arguments.of("upstream", "POST", "/v1/x"), Arguments.of("provider", "POST", "/v1/x"),
            Arguments.of("passthrough", "GET", "/v1/x"),
            Arguments.of("health", "GET", "/health"), Arguments.of("health-ready", "GET", "/health/ready"),
            Arguments.of("status", "GET", "/status"), Arguments.of("home", "GET", "/"),
            Arguments.of("topology", "GET", "/api/dashboard/topology"),
            Arguments.of("show-config", "GET", "/api/admin/config"),
            Arguments.of("change-config", "POST", "/api/admin/config"),
            Arguments.of("dashboard", "GET", "/api/dashboard"),
            Arguments.of("dashboard-assets", "GET", "/api/dashboard/assets/dashboard.css"),
            Arguments.of("dashboard-stream", "GET", "/api/dashboard/stream"),
            Arguments.of("dashboard-history", "GET", "/api/dashboard/history"),
            Arguments.of("openapi", "GET", "/api/openapi.json"));

    @ParameterizedTest(name = "{0}")
    @FieldSource("REQUESTS")
    @Covers("failed")
    void aFaultAnywhereIsAnsweredWithoutInternals(String route, String method, String path) throws Exception {
        mock(route).whenAnyExchangeReceived(exchange -> {
            throw new IllegalStateException("the password is 4711");
        });
        mock(route).expectedMessageCount(1);
        var answer = send(method, path, method.equals("POST") ? CHAT : "");
        mock(route).assertIsSatisfied();
        assertError(answer, 500, "api_error", "internal_error");
        assertThat(answer.body()).doesNotContain("4711", "Exception", "dev.sidecar", "camel");
        // Nothing stays behind: no place in the line, no slot of the budget.
        await().untilAsserted(() -> {
            assertThat(throttle.size()).isZero();
            assertThat(throttle.snapshot().openSlots()).isZero();
        });
    }

    @Test
    void everyRouteIsMadeToFail() {
        assertThat(REQUESTS.stream().map(row -> row.get()[0])).containsExactlyInAnyOrderElementsOf(
                RouteFiles.routeIds().stream().filter(id -> !List.of("completed", "upstream-error").contains(id))
                        .map(Object.class::cast).toList());
    }

    static final List<Arguments> FAILURES = List.of(
            Arguments.of(new SocketTimeoutException("10.1.2.3 is silent"), 504, "upstream_timeout"),
            Arguments.of(new ConnectException("10.1.2.3 refused"), 502, "upstream_unreachable"),
            Arguments.of(new UnknownHostException("10.1.2.3"), 502, "upstream_unreachable"),
            Arguments.of(new IOException("10.1.2.3 reset"), 502, "upstream_unreachable"));

    @ParameterizedTest
    @FieldSource("FAILURES")
    @Covers("failed")
    void aProviderThatFailsIsToldApart(Exception failure, int status, String code) throws Exception {
        mock("upstream").whenAnyExchangeReceived(exchange -> {
            throw failure;
        });
        var answer = post("/v1/x", CHAT);
        assertError(answer, status, "api_error", code);
        assertThat(answer.body()).doesNotContain("10.1.2.3");
    }

    @Test
    void everyRouteAndEveryExceptionClauseHasATestThatNamesIt() {
        var covered = Arrays.stream(RoutesTest.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class)
                        || method.isAnnotationPresent(ParameterizedTest.class))
                .map(method -> method.getAnnotation(Covers.class)).filter(covers -> covers != null)
                .flatMap(covers -> Arrays.stream(covers.value())).toList();
        var shipped = Stream.concat(RouteFiles.routeIds().stream(), RouteFiles.exceptionClauseIds().stream()).toList();
        assertThat(new TreeSet<>(covered)).isEqualTo(new TreeSet<>(shipped));
        assertThat(camel.getRoutes()).extracting(route -> route.getRouteId())
                .containsExactlyInAnyOrderElementsOf(RouteFiles.routeIds());
    }

    // ---- helpers ----

    private MockEndpoint mock(String route) {
        return camel.getEndpoint("mock:" + route, MockEndpoint.class);
    }

    private void expect(Map<String, Integer> messages) {
        messages.forEach((route, count) -> mock(route).expectedMessageCount(count));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(Duration.ofSeconds(20));
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send("GET", path, "");
    }

    private HttpResponse<String> post(String path, String json) throws Exception {
        return CLIENT.send(request(path).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return CLIENT.send(request(path).method(method, body.isEmpty()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer, int status) throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().allValues("Content-Type")).containsExactly("application/json");
        return JSON.readTree(answer.body());
    }

    private static void assertError(HttpResponse<String> answer, int status, String type, String code)
            throws IOException {
        var error = json(answer, status).get("error");
        assertThat(error.properties().stream().map(Map.Entry::getKey)).containsExactly("message", "type", "param",
                "code");
        assertThat(error.get("type").asText()).isEqualTo(type);
        assertThat(error.get("code").asText()).isEqualTo(code);
        assertThat(answer.headers().allValues("X-Request-Id")).hasSize(1);
    }
}
