package dev.sidecar.routes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.Exchange;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.PrometheusText;
import dev.sidecar.testkit.RecordedRequest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/**
 * Each recipe of {@code routes/README.md}, pasted as it is written, does what it promises and nothing else. All but the one
 * that is for itself are in one folder, since they go together.
 */
@ProgramTest
@Isolated("starts sidecars, whose log levels are those of the whole process")
@Timeout(30)
class RecipesTest {

    /** The headings of the recipes that a test is about. */
    @Retention(RetentionPolicy.RUNTIME)
    @interface Covers {
        String[] value();
    }

    private static final String ALONE = "Maintenance";
    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SOON = Duration.ofSeconds(5);

    private static final Pattern NAMES_BEAN = Pattern
            .compile("(?:(?:ref|executorService|circuitBreaker): |'#)([A-Za-z]+)'?\n");
    private static final Pattern LISTED_BEAN = Pattern.compile("`#?([A-Za-z]+)`");

    @TempDir
    static Path folder;

    private static FakeProvider provider;
    private static FakeProvider other;
    private static FakeProvider candidate;
    private static Sidecar sidecar;

    @BeforeAll
    static void followTheRecipes() throws IOException {
        RouteFiles.copyTo(folder);
        RecipeBook.recipes().stream().filter(recipe -> !recipe.name().equals(ALONE))
                .forEach(recipe -> recipe.follow(folder));
        provider = FakeProvider.start();
        other = FakeProvider.start(request -> Answer.chat("Elsewhere"));
        candidate = FakeProvider.start(request -> Answer.chat("Unheard"));
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.routes-dir=" + folder,
                "sidecar.config=" + clients(folder),
                "OTHER_UPSTREAM=" + other.baseUrl(), "MIRROR_UPSTREAM=" + candidate.baseUrl());
    }

    /** Those that recipes name, each with a class of its own to be told by. */
    private static Path clients(Path folder) throws IOException {
        return Files.writeString(folder.resolve("clients.yaml"), """
                clients:
                  - {name: batch, class: {max: low}}
                  - {name: lab, class: {default: high}}
                  - {name: crawler, class: {default: low}}
                anonymous: {allow: true}
                """);
    }

    @AfterAll
    static void stop() {
        candidate.dropConnections();
        sidecar.close();
        for (var upstream : new FakeProvider[]{provider, other, candidate}) {
            assertThat(upstream.problems()).isEmpty();
            upstream.close();
        }
    }

    // ---- priority ----

    @Test
    @Covers("Priority from another header")
    void theOtherHeaderSaysThePriority() throws Exception {
        assertThat(priority(ask("m", "X-Urgency", "low", "X-Priority", "high"))).isEqualTo("low");
        assertThat(priority(ask("m", "X-Priority", "high"))).isEqualTo("normal");
    }

    @Test
    @Covers("Priority by model")
    void theModelSaysThePriority() throws Exception {
        assertThat(priority(ask("nvidia/batch", "X-Urgency", "high"))).isEqualTo("low");
        assertThat(priority(ask("nvidia/batch-2", "X-Urgency", "high"))).isEqualTo("high");
    }

    @Test
    @Covers("Priority by path")
    void thePathSaysThePriority() throws Exception {
        assertThat(priority(post("/v1/embeddings?user=a", "m"))).isEqualTo("low");
        assertThat(priority(post("/v1/embeddings/x", "m"))).isEqualTo("normal");
        assertThat(priority(post("/v1/chat/completions?path=/v1/embeddings", "m"))).isEqualTo("normal");
    }

    @Test
    @Covers("Priority by API key or user agent")
    void theClientSaysThePriority() throws Exception {
        assertThat(priority(ask("m", "Authorization", "Bearer support"))).isEqualTo("high");
        assertThat(priority(ask("m", "Authorization", "Bearer support-2"))).isEqualTo("normal");
        assertThat(priority(ask("m", "User-Agent", "nightly/2.1", "X-Urgency", "high"))).isEqualTo("low");
        assertThat(priority(ask("m", "User-Agent", "fortnightly/2.1", "X-Urgency", "high"))).isEqualTo("high");
        assertThat(provider.requests()).extracting(request -> request.headers("Authorization").toString())
                .containsOnly("[Bearer " + Sidecar.API_KEY + "]");
    }

    // ---- who asks ----

    @Test
    @Covers("Name the client without a key")
    void portOrUserAgentNameTheClient() throws Exception {
        assertThat(priority(ask("m", "X-Forwarded-Port", "8081", "X-Urgency", "high"))).isEqualTo("low");
        assertThat(priority(ask("m", "X-Forwarded-Port", "8080", "X-Urgency", "high"))).isEqualTo("high");
        assertThat(priority(ask("m", "User-Agent", "crawler/3.0"))).isEqualTo("low");
        assertThat(priority(ask("m", "User-Agent", "crawler-2/3.0"))).isEqualTo("normal");
        assertThat(priority(ask("m", "X-Sidecar-Client", "crawler"))).isEqualTo("normal");
    }

    /** The address of the recipe is not one of this machine. */
    @Test
    @Covers("Name the client without a key")
    void theAddressNamesTheClient(@TempDir Path here) throws Exception {
        RouteFiles.copyTo(here);
        RecipeBook.recipe("Name the client without a key").follow(here);
        var route = here.resolve("proxy.camel.yaml");
        Files.writeString(route, Files.readString(route).replace("'10.7.'", "'127.0.'"));
        try (var local = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.routes-dir=" + here,
                "sidecar.config=" + clients(here))) {
            var answer = CLIENT.send(HttpRequest.newBuilder(local.uri("/v1/chat/completions"))
                    .POST(HttpRequest.BodyPublishers.ofString("{}")).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(priority(answer)).isEqualTo("high");
        }
    }

    // ---- what goes where ----

    @Test
    @Covers("A model that bypasses the limiter")
    void oneModelNeedsNoSlot() throws Exception {
        assertThat(slots(() -> ask("nvidia/unlimited"))).isZero();
        assertThat(slots(() -> ask("nvidia/unlimited-2"))).isEqualTo(1);
    }

    @Test
    @Covers("Block a model")
    void oneModelIsRefused() throws Exception {
        int seen = provider.requests().size();
        var answer = ask("nvidia/blocked");
        assertError(answer, 404, "invalid_request_error", "model_not_found",
                "This model is not available here. Ask the platform team.");
        assertThat(provider.requests()).hasSize(seen);
        assertThat(ask("nvidia/blocked-2").statusCode()).isEqualTo(200);
    }

    @Test
    @Covers("Add a header to what the provider sees")
    void theProviderSeesTheHeaderAndTheClientCannotChangeIt() throws Exception {
        ask("m", "X-Billing-Unit", "mine");
        assertThat(provider.requests().getLast().headers("X-Billing-Unit")).containsExactly("research");
        CLIENT.send(request("/v1/models").build(), HttpResponse.BodyHandlers.discarding());
        assertThat(provider.requests().getLast().headers("X-Billing-Unit")).containsExactly("research");
    }

    @Test
    @Covers("Let a private header field through")
    void theProviderSeesTheClientsAddressAndNothingElseOfWhatIsPrivate() throws Exception {
        ask("m", "X-Forwarded-For", "192.0.2.7", "X-Real-IP", "192.0.2.8", "X-Forwarded-Host", "a", "Cookie", "a=1",
                "x-api-key", "k");
        var seen = provider.requests().getLast();
        assertThat(seen.headers("X-Forwarded-For")).containsExactly("192.0.2.7");
        assertThat(seen.headers("X-Real-IP")).containsExactly("192.0.2.8");
        for (var name : List.of("X-Forwarded-Host", "Cookie", "x-api-key")) {
            assertThat(seen.headers(name)).isEmpty();
        }
        assertThat(seen.headers("Authorization")).containsExactly("Bearer " + Sidecar.API_KEY);
    }

    @Test
    @Covers("Route one model to another upstream")
    void oneModelIsServedElsewhereUnderAnotherKeyAndWithoutASlot() throws Exception {
        int seen = provider.requests().size();
        var before = sidecar.throttle().snapshot();
        var answer = ask("other/model", "Authorization", "Bearer mine");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("Elsewhere");
        assertThat(answer.headers().allValues("X-Sidecar-Provider")).containsExactly("other");
        var request = other.requests().getLast();
        assertThat(request.headers("Authorization")).containsExactly("Bearer key-of-the-other-upstream");
        assertThat(request.target()).isEqualTo("/v1/chat/completions");
        assertThat(request.bodyText()).isEqualTo(body("other/model"));
        assertThat(provider.requests()).hasSize(seen);
        assertThat(sidecar.throttle().snapshot().totalEnqueued()).isEqualTo(before.totalEnqueued());

        assertThat(ask("other/model-2").headers().allValues("X-Sidecar-Provider")).containsExactly("nvidia");
        assertThat(provider.requests()).hasSize(seen + 1);
        assertThat(provider.requests().getLast().headers("Authorization"))
                .containsExactly("Bearer " + Sidecar.API_KEY);
    }

    @Test
    @Covers("Route one model to another upstream")
    void whatIsServedElsewhereStreamsAndEndsWithItsClient() throws Exception {
        other.script(request -> Answer.chatStream(Collections.nCopies(2000, "token"), Duration.ofMillis(50)));
        int before = other.aborts().size();
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/chat/completions", body("other/model").getBytes(UTF_8), "Content-Type",
                    "application/json");
            var head = client.readHead();
            assertThat(head.status()).isEqualTo(200);
            assertThat(client.body(head).readNBytes(100)).hasSize(100);
            assertThat(other.active()).isEqualTo(1);
        } finally {
            other.script(request -> Answer.chat("Elsewhere"));
        }
        assertThat(other.awaitAborts(before + 1, SOON).getLast().phase()).isEqualTo(Exchange.Phase.MID_STREAM);
    }

    @Test
    @Covers("Route one model to another upstream")
    void whatFailsElsewhereSaysNothingAboutTheProvider() throws Exception {
        var errors = scrape().sum("sidecar_upstream_errors_total");
        other.script(request -> Answer.tooManyRequests("Retry-After", "60"));
        assertThat(ask("other/model").statusCode()).isEqualTo(429);
        other.script(request -> Answer.error(500, "x", "no"));
        assertThat(ask("other/model").statusCode()).isEqualTo(500);
        other.stop();
        try {
            var answer = ask("other/model");
            assertThat(answer.statusCode()).isEqualTo(502);
            assertThat(JSON.readTree(answer.body()).at("/error/code").asText()).isEqualTo("upstream_unreachable");
        } finally {
            other.restart();
            other.script(request -> Answer.chat("Elsewhere"));
        }
        assertThat(scrape().sum("sidecar_upstream_errors_total")).isEqualTo(errors);
        assertThat(sidecar.breaker().getMetrics().getNumberOfFailedCalls()).isZero();
        assertThat(ask("m").statusCode()).isEqualTo(200); // no pause
        assertThat(ask("other/model").statusCode()).isEqualTo(200);
    }

    // ---- what is done besides ----

    /** With a chance of one in ten, none of 300 is mirrored, or half of 60, less than once in a trillion runs. */
    @Test
    @Covers("Mirror a percentage to a second upstream")
    void someRequestsAreMirroredAndNobodyWaitsForThem() throws Exception {
        candidate.script(request -> new Answer.Silent());
        var enqueued = sidecar.throttle().snapshot().totalEnqueued();
        int seen = provider.requests().size();
        int asked = 0;
        for (; asked < 60 || asked < 300 && copies().isEmpty(); asked++) {
            assertThat(ask("mirrored").body()).contains("Hello");
        }
        // None of the copies has been answered, and those who asked have all been.
        await().untilAsserted(() -> assertThat(candidate.active()).isBetween(1, 30));
        assertThat(copies()).hasSizeBetween(1, 30).allSatisfy(copy -> {
            assertThat(copy.headers("Authorization")).containsExactly("Bearer key-of-the-mirror");
            assertThat(copy.method() + " " + copy.target()).isEqualTo("POST /v1/chat/completions");
        });
        assertThat(provider.requests()).hasSize(seen + asked);
        assertThat(sidecar.throttle().snapshot().totalEnqueued()).isEqualTo(enqueued + asked);
        candidate.dropConnections();
        candidate.script(request -> Answer.chat("Unheard"));
        candidate.awaitIdle(SOON);
    }

    private static List<RecordedRequest> copies() {
        return candidate.requests().stream().filter(request -> request.bodyText().equals(body("mirrored"))).toList();
    }

    @Test
    @Covers("Mirror a percentage to a second upstream")
    void theMirrorsAnswerIsReadToItsEnd() throws Exception {
        candidate.awaitIdle(SOON);
        candidate.script(request -> Answer.chatStream(List.of("a", "b", "c"), Duration.ofMillis(20)));
        int aborted = candidate.aborts().size();
        int before = candidate.requests().size();
        for (int i = 0; i < 200 && candidate.requests().size() == before; i++) {
            ask("m");
        }
        candidate.awaitRequests(before + 1, SOON);
        candidate.awaitIdle(SOON);
        assertThat(candidate.aborts()).hasSize(aborted);
        candidate.script(request -> Answer.chat("Unheard"));
    }

    @Test
    @Covers("Mirror a percentage to a second upstream")
    void aMirrorThatFailsIsNobodysBusiness() throws Exception {
        var log = new Log(org.slf4j.Logger.ROOT_LOGGER_NAME);
        try (log) {
            candidate.script(request -> Answer.error(500, "x", "no"));
            askOften();
            candidate.script(request -> new Answer.ResetBeforeHead());
            askOften();
            candidate.stop();
            askOften();
        } finally {
            candidate.restart();
            candidate.script(request -> Answer.chat("Unheard"));
        }
        assertThat(log.lines()).isEmpty();
    }

    private static void askOften() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertThat(ask("m").body()).contains("Hello");
        }
    }

    @Test
    @Covers("Mirror a percentage to a second upstream")
    void aLargeBodyIsNotMirrored() throws Exception {
        var large = "x".repeat(1024 * 1024 + 1);
        for (int i = 0; i < 20; i++) {
            var answer = CLIENT.send(request("/v1/large").POST(HttpRequest.BodyPublishers.ofString(large)).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
        }
        assertThat(candidate.requests()).extracting(RecordedRequest::path).doesNotContain("/v1/large");
    }

    @Test
    @Covers("Log one client's requests")
    void oneClientIsLoggedWithoutBodiesAndKeys() throws Exception {
        var log = new Log("dev.sidecar.watched");
        try (log) {
            ask("m", "User-Agent", "watched/1.0", "Authorization", "Bearer secret", "X-Request-Id", "id-4711");
            ask("m", "User-Agent", "other/1.0");
        }
        assertThat(log.lines()).singleElement().satisfies(line -> {
            assertThat(line.getFormattedMessage()).isEqualTo("POST for the model m");
            assertThat(line.getMDCPropertyMap()).containsEntry("request_id", "id-4711");
        });
    }

    @Test
    @Covers("An extra metric")
    void teamsAreCountedAndNoClientInventsOne() throws Exception {
        var before = scrape();
        ask("m", "Authorization", "Bearer search");
        ask("m", "Authorization", "Bearer support");
        ask("m", "Authorization", "Bearer invented", "CamelMetricsName", "invented", "Team", "invented");
        ask("m");
        var after = scrape();
        for (var expected : new Object[][]{{"search", 1.0}, {"support", 1.0}, {"other", 2.0}}) {
            assertThat(teams(after, (String) expected[0]) - teams(before, (String) expected[0]))
                    .isEqualTo((Double) expected[1]);
        }
        assertThat(after.samples("requests_by_team_total")).extracting(sample -> sample.labels().get("team"))
                .containsOnly("search", "support", "other");
        assertThat(after.series().toString()).doesNotContain("invented");
    }

    private static double teams(PrometheusText metrics, String team) {
        return metrics.sum("requests_by_team_total", "team", team);
    }

    @Test
    @Covers("Maintenance")
    void duringMaintenanceEverythingBelowV1IsRefusedAndTheRestAnswers(@TempDir Path closed) throws Exception {
        RouteFiles.copyTo(closed);
        RecipeBook.recipe(ALONE).follow(closed);
        int seen = provider.requests().size();
        try (var stopped = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.routes-dir=" + closed)) {
            for (var method : new String[]{"GET", "POST"}) {
                var answer = CLIENT.send(HttpRequest.newBuilder(stopped.uri("/v1/models"))
                        .method(method, HttpRequest.BodyPublishers.ofString("{")).build(),
                        HttpResponse.BodyHandlers.ofString());
                assertError(answer, 503, "api_error", "maintenance", "Maintenance until 14:00 UTC.");
                assertThat(answer.headers().allValues("Retry-After")).containsExactly("600");
            }
            assertThat(provider.requests()).hasSize(seen);
            assertThat(CLIENT.send(HttpRequest.newBuilder(stopped.uri("/health")).build(),
                    HttpResponse.BodyHandlers.discarding()).statusCode()).isEqualTo(200);
            await().untilAsserted(() -> assertThat(
                    scrape(stopped).sum("sidecar_requests_total", "outcome", "refused")).isEqualTo(2));
        }
    }

    // ---- the book ----

    @Test
    void everyRecipeHasATestThatNamesIt() {
        var covered = Arrays.stream(RecipesTest.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(method -> method.getAnnotation(Covers.class)).filter(Objects::nonNull)
                .flatMap(covers -> Arrays.stream(covers.value())).distinct().toList();
        assertThat(covered).containsExactlyInAnyOrderElementsOf(
                RecipeBook.recipes().stream().map(RecipeBook.Recipe::name).toList());
    }

    /** As the shipped routes do: what is pasted will be read by somebody else. */
    @Test
    void everyPastedNodeHasAnIdOfItsOwnAndSaysWhatItIsFor() {
        var ids = new ArrayList<Object>();
        RouteFiles.files(folder).forEach(file -> {
            assertThat(RouteFiles.silentNodes(file)).isEmpty();
            RouteFiles.nodes(RouteFiles.read(file), (node, path) -> ids.add(node.get("id")));
        });
        assertThat(ids).doesNotContainNull().doesNotHaveDuplicates();
    }

    /** The table names all beans that a route names, and no other. */
    @Test
    void everyBeanThatARouteNamesIsInTheTable() throws IOException {
        var named = new TreeSet<String>();
        for (var file : RouteFiles.files(folder)) {
            NAMES_BEAN.matcher(Files.readString(file)).results().forEach(match -> named.add(match.group(1)));
        }
        var listed = new TreeSet<String>();
        Files.readString(RouteFiles.FOLDER.resolve("README.md")).lines().filter(line -> line.startsWith("| `"))
                .flatMap(line -> LISTED_BEAN.matcher(line.substring(0, line.indexOf(" | "))).results())
                .forEach(match -> listed.add(match.group(1)));
        assertThat(listed).containsExactlyElementsOf(named);
        var registry = sidecar.camel().getRegistry();
        assertThat(listed).allSatisfy(bean -> assertThat(registry.lookupByName(bean)).as(bean).isNotNull());
    }

    // ---- helpers ----

    /** How many places in the line, and so slots of the budget, a request took that the provider answered with 200. */
    private static long slots(Callable<HttpResponse<String>> request) throws Exception {
        var before = sidecar.throttle().snapshot().totalEnqueued();
        int seen = provider.requests().size();
        assertThat(request.call().statusCode()).isEqualTo(200);
        assertThat(provider.requests()).hasSize(seen + 1);
        return sidecar.throttle().snapshot().totalEnqueued() - before;
    }

    private static String priority(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.headers().firstValue("X-Sidecar-Priority").orElseThrow();
    }

    private static HttpResponse<String> ask(String model, String... headers) throws Exception {
        return post("/v1/chat/completions", model, headers);
    }

    private static HttpResponse<String> post(String path, String model, String... headers) throws Exception {
        var request = request(path).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body(model)));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String body(String model) {
        return "{\"model\":\"" + model + "\",\"messages\":[]}";
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(sidecar.uri(path)).timeout(Duration.ofSeconds(10));
    }

    private static void assertError(HttpResponse<String> answer, int status, String type, String code, String message)
            throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().allValues("Content-Type")).containsExactly("application/json");
        assertThat(answer.headers().allValues("X-Request-Id")).hasSize(1);
        var error = JSON.createObjectNode();
        error.putObject("error").put("message", message).put("type", type).putNull("param").put("code", code);
        assertThat(JSON.readTree(answer.body())).isEqualTo(error);
    }

    /** What is logged under a name, at the level in force or, for a name of the routes' own, at INFO. */
    private static final class Log implements AutoCloseable {

        private final Logger logger;
        private final @Nullable Level level;
        private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

        Log(String name) {
            logger = (Logger) LoggerFactory.getLogger(name);
            level = logger.getLevel();
            if (level == null) {
                logger.setLevel(Level.INFO);
            }
            lines.start();
            logger.addAppender(lines);
        }

        List<ILoggingEvent> lines() {
            return List.copyOf(lines.list);
        }

        @Override
        public void close() {
            logger.detachAppender(lines);
            logger.setLevel(level);
        }
    }

    private static PrometheusText scrape() throws Exception {
        return scrape(sidecar);
    }

    private static PrometheusText scrape(Sidecar which) throws Exception {
        var metrics = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + which.managementPort() + "/metrics"));
        return PrometheusText.parse(CLIENT.send(metrics.build(), HttpResponse.BodyHandlers.ofString()).body());
    }
}
