package dev.sidecar.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RecordedRequest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.camel.model.FromDefinition;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.yaml.snakeyaml.Yaml;

/**
 * The shipped routes mean the same when they have been read into Camel's model and written again: ids, descriptions and
 * what becomes of requests.
 *
 * <p>Two things Camel's writer (4.18.0) cannot do; both are pinned here, so that it is seen when it can. The inside of a
 * {@code routeConfiguration} it leaves out, so {@value #CONFIGURATIONS} is taken as it is. And what belongs to a circuit
 * breaker besides its steps it puts among the steps, where no route with it can be loaded, so that it is put back here.
 */
@ProgramTest
@Isolated("starts sidecars, whose log levels are those of the whole process")
@Timeout(30)
class RoundTripTest {

    private static final String CONFIGURATIONS = "errors.camel.yaml";
    private static final List<String> BESIDE_STEPS = List.of("resilience4jConfiguration", "onFallback");

    /** Never the same twice. */
    private static final Set<String> VARYING = Set.of("date", "x-request-id", "x-sidecar-queue-wait-ms",
            "x-sidecar-queue-eta-ms", "retry-after");

    @TempDir
    static Path written;

    private static FakeProvider provider;
    private static Sidecar asShipped;
    private static Sidecar asWritten;

    @BeforeAll
    static void start() throws Exception {
        for (var file : RouteFiles.files()) {
            if (file.endsWith(CONFIGURATIONS)) {
                Files.copy(file, written.resolve(CONFIGURATIONS));
            } else {
                write(file);
            }
        }
        provider = FakeProvider.start();
        asShipped = Sidecar.inFrontOf(provider.baseUrl());
        asWritten = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.routes-dir=" + written);
    }

    private static void write(Path file) throws Exception {
        try (var writer = new RoutesWriter(file)) {
            var routes = new ArrayList<Object>();
            for (var route : writer.routes()) {
                List<Object> yaml = new Yaml().load(writer.yaml(route));
                yaml.forEach(RoundTripTest::putBack);
                routes.addAll(yaml);
            }
            Files.writeString(written.resolve(file.getFileName()), new Yaml().dump(routes));
        }
    }

    /** What stands among the steps of a circuit breaker without being one. */
    @SuppressWarnings("unchecked")
    private static void putBack(Object yaml) {
        if (yaml instanceof List<?> list) {
            list.forEach(RoundTripTest::putBack);
        } else if (yaml instanceof Map<?, ?> map) {
            map.values().forEach(RoundTripTest::putBack);
            if (map.get("circuitBreaker") instanceof Map<?, ?> circuit
                    && circuit.get("steps") instanceof List<?> steps) {
                for (Iterator<?> each = steps.iterator(); each.hasNext();) {
                    var step = (Map<String, Object>) each.next();
                    if (BESIDE_STEPS.containsAll(step.keySet())) {
                        ((Map<String, Object>) circuit).putAll(step);
                        each.remove();
                    }
                }
            }
        }
    }

    @AfterAll
    static void stop() {
        asWritten.close();
        asShipped.close();
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    // ---- what is written ----

    @Test
    void routesStepsAndDescriptionsAreTheSame() {
        assertThat(nodes(asWritten)).isEqualTo(nodes(asShipped)).hasSizeGreaterThan(100);
    }

    /** Every node with its kind, id and description, in order. */
    private static List<String> nodes(Sidecar sidecar) {
        var nodes = new ArrayList<String>();
        var routes = new TreeMap<String, RouteDefinition>();
        sidecar.camel().getRouteDefinitions()
                .forEach(route -> routes.put(route.getRouteId(), route));
        routes.values().forEach(route -> {
            add(route, nodes);
            FromDefinition from = route.getInput();
            add(from, nodes);
            ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), OptionalIdentifiedDefinition.class)
                    .forEach(node -> add(node, nodes));
        });
        return nodes;
    }

    private static void add(OptionalIdentifiedDefinition<?> node, List<String> nodes) {
        nodes.add(node.getShortName() + " " + node.getId() + ": " + node.getDescriptionText());
    }

    @Test
    void theDashboardShowsTheSameRoutes() throws Exception {
        var json = new ObjectMapper();
        var topologies = new ArrayList<TreeMap<String, String>>();
        for (var sidecar : List.of(asShipped, asWritten)) {
            var routes = new TreeMap<String, String>();
            json.readTree(ask(sidecar, "GET", "/api/dashboard/topology", "").text()).get("routes")
                    .forEach(route -> routes.put(route.get("id").asText(), route.toString()));
            topologies.add(routes);
        }
        assertThat(topologies.get(1)).isEqualTo(topologies.get(0)).containsKeys("proxy", "upstream", "provider");
    }

    @Test
    void camelsWriterStillLosesTheInsideOfARouteConfiguration() throws Exception {
        try (var writer = new RoutesWriter(RouteFiles.FOLDER.resolve(CONFIGURATIONS))) {
            assertThat(writer.routes()).isEmpty();
            assertThat(writer.configurations()).hasSize(2);
            for (var configuration : writer.configurations()) {
                assertThat(writer.yaml(configuration)).doesNotContain("onException", "errorHandler");
            }
        }
    }

    @Test
    void camelsWriterStillTakesWhatIsBesideTheStepsOfACircuitBreakerForSteps() throws Exception {
        try (var writer = new RoutesWriter(RouteFiles.FOLDER.resolve("upstream.camel.yaml"))) {
            var upstream = writer.routes().stream().filter(route -> route.getRouteId().equals("upstream")).findFirst();
            var yaml = writer.yaml(upstream.orElseThrow());
            assertThat(BESIDE_STEPS).allSatisfy(option -> assertThat(yaml).contains("- " + option + ":"));
        }
    }

    // ---- what becomes of requests ----

    /** What is asked and answered, and what the provider does with one try after the other. An empty body is none. */
    record Case(String name, int status, String method, String path, String body, List<Answer> answers) {

        Case(String name, int status, String method, String path, String body, Answer... answers) {
            this(name, status, method, path, body, List.of(answers));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final String CHAT = "{\"model\":\"m\",\"messages\":[]}";
    private static final Case OPEN_CIRCUIT = new Case("an open circuit", 503, "POST", "/v1/x", CHAT);
    private static final Case PASSTHROUGH = new Case("passthrough", 200, "GET", "/v1/models", "",
            Answer.json(200, "{}"));

    static final List<Case> CASES = List.of(PASSTHROUGH,
            new Case("chat", 200, "POST", "/v1/chat/completions?a%5B%5D=1", CHAT, Answer.chat("Hello")),
            new Case("stream", 200, "POST", "/v1/chat/completions", CHAT,
                    Answer.chatStream(List.of("a", "b", "c"), Duration.ofMillis(5))),
            new Case("retry after 429", 200, "POST", "/v1/chat/completions", CHAT,
                    Answer.tooManyRequests("Retry-After", "0"), Answer.chat("Hello")),
            new Case("retry after failures", 200, "POST", "/v1/x", CHAT, Answer.error(503, "x", "busy"),
                    new Answer.ResetBeforeHead(), Answer.chat("Hello")),
            new Case("error", 418, "POST", "/v1/x", CHAT, Answer.error(418, "teapot", "no")),
            new Case("failure", 500, "POST", "/v1/x", CHAT, Answer.error(500, "x", "no")),
            new Case("broken answer", 502, "POST", "/v1/x", CHAT, new Answer.Garbage("no HTTP".getBytes(UTF_8))),
            new Case("broken JSON", 400, "POST", "/v1/x", "{"),
            new Case("passthrough broken off", 502, "GET", "/v1/models", "", new Answer.ResetBeforeHead()),
            new Case("delete", 404, "DELETE", "/v1/files/1", "", Answer.json(404, "{}")),
            new Case("dots", 404, "GET", "/v1/../x", ""), new Case("home", 302, "GET", "/", ""),
            new Case("home with a body", 302, "GET", "/", CHAT),
            new Case("dashboard", 200, "GET", "/api/dashboard", ""),
            new Case("asset", 200, "GET", "/api/dashboard/assets/dashboard.css", ""),
            new Case("settings", 400, "POST", "/api/admin/config", "{\"rate_rpm\":0}"),
            new Case("wrong method", 405, "POST", "/health", ""),
            new Case("nothing there", 404, "GET", "/nothing", ""));

    @ParameterizedTest
    @FieldSource("CASES")
    void requestsFareTheSame(Case request) throws IOException {
        var shipped = fate(asShipped, request);
        assertThat(fate(asWritten, request)).isEqualTo(shipped);
    }

    @Test
    void anOpenCircuitRefusesTheSame() throws IOException {
        for (var sidecar : List.of(asShipped, asWritten)) {
            sidecar.breaker().transitionToOpenState();
        }
        try {
            assertThat(fate(asShipped, OPEN_CIRCUIT).body).contains("circuit_open");
            assertThat(fate(asWritten, OPEN_CIRCUIT).body).contains("circuit_open");
            assertThat(fate(asWritten, PASSTHROUGH)).isEqualTo(fate(asShipped, PASSTHROUGH));
        } finally {
            asShipped.breaker().reset();
            asWritten.breaker().reset();
        }
    }

    @Test
    void requestsAreCountedTheSame() {
        await().untilAsserted(
                () -> assertThat(asWritten.traffic().counts()).isEqualTo(asShipped.traffic().counts()));
    }

    /** What the client got and what the provider saw; not what is never twice the same. */
    record Fate(String status, List<String> headers, String body, List<String> seen) {
    }

    private static Fate fate(Sidecar sidecar, Case request) throws IOException {
        if (!request.answers.isEmpty()) {
            provider.script(FakeProvider.inOrder(request.answers.getFirst(),
                    request.answers.subList(1, request.answers.size()).toArray(Answer[]::new)));
        }
        int before = provider.requests().size();
        var answer = ask(sidecar, request.method, request.path, request.body);
        assertThat(answer.status()).isEqualTo(request.status);
        return new Fate(answer.statusLine(), lasting(answer.headers()), answer.text(),
                provider.requests().stream().skip(before).map(RoundTripTest::seen).toList());
    }

    private static String seen(RecordedRequest request) {
        return request.method() + " " + request.target() + " " + lasting(request.headers()) + " " + request.bodyText();
    }

    private static List<String> lasting(List<Header> headers) {
        return headers.stream().map(header -> VARYING.contains(header.name().toLowerCase(Locale.ROOT))
                ? header.name()
                : header.name() + ": " + header.value()).filter(header -> !header.startsWith("Host")).toList();
    }

    private static WireAnswer ask(Sidecar sidecar, String method, String path, String body) throws IOException {
        return WireClient.exchange(sidecar.port(), method, path, body.isEmpty() ? null : body.getBytes(UTF_8),
                "Content-Type", "application/json", "X-Priority", "high", "X-Own", "a", "X-Own", "b");
    }
}
