package dev.sidecar.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.files.WatchPace;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RecordedRequest;
import dev.sidecar.testkit.RoutesFolder;
import dev.sidecar.testkit.Sidecar;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
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

/** A change of the route files is live soon after it was written, or changes nothing and is spoken of. */
@ProgramTest
@Isolated("looks at the time that things take, or at what all do together")
@ExtendWith(OutputCaptureExtension.class)
@Timeout(60)
class RouteReloadTest {

    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final WatchPace QUICK = new WatchPace(Duration.ofMillis(20), Duration.ofMillis(60));

    @TempDir
    Path temp;
    private RoutesFolder routes;
    private FakeProvider provider;

    @BeforeEach
    void start() throws IOException {
        routes = RoutesFolder.in(Files.createDirectory(temp.resolve("routes")));
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
                Stream.concat(Stream.of("sidecar.routes-dir=" + routes.path()), Stream.of(settings))
                        .toArray(String[]::new));
    }

    /** From now on the provider sees this mark on each request. */
    private void mark(String value) {
        routes.restore();
        routes.edit("proxy.camel.yaml", "        - choice:\n            id: is-throttled\n", """
                        - setHeader:
                            id: mark
                            name: X-Mark
                            expression:
                              constant:
                                expression: '%s'
                        - choice:
                            id: is-throttled
                """.formatted(value));
    }

    private static HttpRequest.Builder request(Sidecar sidecar, String path) {
        return HttpRequest.newBuilder(sidecar.uri(path)).timeout(Duration.ofSeconds(30));
    }

    private static HttpResponse<String> post(Sidecar sidecar, String body) throws Exception {
        return CLIENT.send(request(sidecar, "/v1/chat/completions").header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    private static JsonNode get(Sidecar sidecar, String path) {
        try {
            return JSON.readTree(CLIENT.send(request(sidecar, path).build(), BodyHandlers.ofString()).body());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private static void awaitGeneration(Sidecar sidecar, int number) {
        await().pollInterval(Duration.ofMillis(10)).until(
                () -> get(sidecar, "/status").at("/routes/generation").asInt(),
                is -> is == number);
    }

    private RecordedRequest latest() {
        return provider.requests().getLast();
    }

    @Test
    void aChangeIsLiveWithinTwoSeconds() throws Exception {
        try (var sidecar = sidecar(WatchPace.PRODUCTION)) {
            for (var value : List.of("first", "second", "third")) { // the first one also warms up
                mark(value);
                var written = System.nanoTime();
                await().pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
                    assertThat(post(sidecar, "{}").statusCode()).isEqualTo(200);
                    assertThat(latest().header("X-Mark")).hasValue(value);
                });
                assertThat(Duration.ofNanos(System.nanoTime() - written)).as(value)
                        .isLessThan(Duration.ofSeconds(value.equals("first") ? 10 : 2));
            }
            assertThat(get(sidecar, "/status").at("/routes/generation").asInt()).isEqualTo(4);
        }
    }

    /** In whatever way a route measures something, and whatever is changed. */
    @Test
    void aMetricOfARouteStaysOneSeriesThroughReloads() throws Exception {
        try (var sidecar = sidecar(QUICK)) {
            for (int generation = 2; generation <= 4; generation++) {
                measure("generation " + generation);
                awaitGeneration(sidecar, generation);
                assertThat(post(sidecar, "{}").statusCode()).isEqualTo(200);
            }
            var metrics = CLIENT.send(HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + sidecar.managementPort() + "/metrics")).build(),
                    BodyHandlers.ofString()).body();
            assertThat(metrics).doesNotContain("camelContext=", "sidecar-2");
            assertThat(metrics.lines()).contains("mine_total{team=\"a\"} 3.0", "sizes_count{team=\"a\"} 3");
        }
    }

    private void measure(String description) {
        routes.restore();
        routes.edit("proxy.camel.yaml", "        - choice:\n            id: is-throttled\n", """
                        - to:
                            id: count-mine
                            description: %s
                            uri: micrometer:counter:mine
                            parameters:
                              tags: team=a
                        - to:
                            id: measure-mine
                            uri: micrometer:summary:sizes
                            parameters:
                              tags: team=a
                              value: 7
                        - choice:
                            id: is-throttled
                """.formatted(description));
    }

    @Test
    void aBadFileChangesNothingAndIsSpokenOf() throws Exception {
        try (var sidecar = sidecar(QUICK)) {
            routes.edit("proxy.camel.yaml", "ref: adaptiveThrottle", "ref: adaptivThrottle");
            await().until(() -> get(sidecar, "/health").get("routes").asText(), "warning"::equals);
            var report = get(sidecar, "/status").get("routes");
            assertThat(report.get("generation").asInt()).isOne();
            var problem = report.at("/last_error/problems/0");
            assertThat(problem.get("file").asText()).isEqualTo("proxy.camel.yaml");
            assertThat(problem.get("line").asInt()).isEqualTo(lineOf("adaptivThrottle"));
            assertThat(problem.get("reason").asText()).contains("adaptivThrottle");
            var text = CLIENT.send(request(sidecar, "/status").header("Accept", "text/plain").build(),
                    BodyHandlers.ofString()).body();
            assertThat(text).contains("a change was refused").contains("proxy.camel.yaml:");
            assertThat(CLIENT.send(request(sidecar, "/health/ready").build(), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
            assertThat(post(sidecar, "{}").statusCode()).isEqualTo(200);
            routes.restore();
            await().until(() -> get(sidecar, "/health").get("routes").asText(), "ok"::equals);
            assertThat(get(sidecar, "/status").get("routes").has("last_error")).isFalse();
            assertThat(sidecar.bean(RouteReloader.class).refused()).isOne();
            assertThat(sidecar.bean(RouteReloader.class).applied()).isZero();
        }
    }

    private int lineOf(String text) {
        return routes.read("proxy.camel.yaml").lines().takeWhile(line -> !line.contains(text)).toList().size() + 1;
    }

    @Test
    void whoWaitsKeepsHisPlaceAndTheBudgetIsKept() throws Exception {
        try (var sidecar = sidecar(QUICK, "sidecar.rate-rpm=1", "sidecar.bucket-capacity=1",
                "sidecar.queue-timeout=900", "sidecar.low-timeout=900")) {
            assertThat(waiting(sidecar, "high", "spends the budget").get().statusCode()).isEqualTo(200);
            var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            answers.add(waiting(sidecar, "low", "old-low"));
            answers.add(waiting(sidecar, "normal", "old-normal"));
            await().until(() -> sidecar.throttle().size() == 2);
            mark("new");
            awaitGeneration(sidecar, 2);
            answers.add(waiting(sidecar, "high", "new-high"));
            answers.add(waiting(sidecar, "normal", "new-normal"));
            await().until(() -> sidecar.throttle().size() == 4);
            assertThat(get(sidecar, "/status").at("/routes/draining").asInt()).isOne();
            var free = CLIENT.send(request(sidecar, "/api/admin/config").header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"rate_rpm\":600}")).build(),
                    BodyHandlers.ofString());
            assertThat(free.statusCode()).as(free.body()).isEqualTo(200);
            for (var answer : answers) {
                assertThat(answer.get().statusCode()).isEqualTo(200);
            }
            assertThat(provider.requests().stream().map(RecordedRequest::bodyText)).containsExactly(
                    "spends the budget", "new-high", "old-normal", "new-normal", "old-low");
            assertThat(provider.requests().stream().map(request -> request.header("X-Mark").orElse("-")))
                    .containsExactly("-", "new", "-", "new", "-");
            await().until(() -> get(sidecar, "/status").at("/routes/draining").asInt() == 0);
        }
    }

    /** Whole Camel contexts are not piled up without end for requests that wait for hours. */
    @Test
    void aChangeIsPutOffWhileSixteenGenerationsDrain(CapturedOutput printed) throws Exception {
        try (var sidecar = sidecar(QUICK, "sidecar.rate-rpm=1", "sidecar.bucket-capacity=1",
                "sidecar.queue-timeout=3600")) {
            assertThat(waiting(sidecar, "high", "spends the budget").get().statusCode()).isEqualTo(200);
            var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            for (var i = 1; i <= RouteReloader.MOST_DRAINING; i++) {
                answers.add(waiting(sidecar, "normal", "waits in generation " + i));
                await().until(() -> sidecar.throttle().size() == answers.size());
                mark("after-" + i);
                awaitGeneration(sidecar, i + 1);
            }
            assertThat(get(sidecar, "/status").at("/routes/draining").asInt()).isEqualTo(RouteReloader.MOST_DRAINING);
            mark("last");
            await().until(() -> printed.getOut().contains("routes_put_off"));
            assertThat(sidecar.bean(RouteReloader.class).applied()).isEqualTo(RouteReloader.MOST_DRAINING);

            answers.forEach(answer -> answer.cancel(true));

            awaitGeneration(sidecar, RouteReloader.MOST_DRAINING + 2);
            await().until(() -> get(sidecar, "/status").at("/routes/draining").asInt() == 0);
            assertThat(printed.getOut()).containsOnlyOnce("routes_put_off");
        }
    }

    private static CompletableFuture<HttpResponse<String>> waiting(Sidecar sidecar, String priority, String body) {
        return CLIENT.sendAsync(request(sidecar, "/v1/x").header("X-Priority", priority)
                .POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    @Test
    void aStreamOfTheOldRoutesRunsToItsEnd() throws Exception {
        var tokens = Stream.iterate(0, i -> i + 1).limit(40).map(i -> "t" + i + " ").toList();
        provider.script(request -> request.bodyText().contains("stream")
                ? Answer.chatStream(tokens, Duration.ofMillis(50))
                : Answer.chat("Hello"));
        try (var sidecar = sidecar(QUICK)) {
            var stream = CLIENT.sendAsync(
                    request(sidecar, "/v1/x").POST(BodyPublishers.ofString("{\"stream\":true}")).build(),
                    BodyHandlers.ofString());
            await().until(() -> sidecar.traffic().counts().activeStreams() == 1);
            mark("new");
            awaitGeneration(sidecar, 2);
            assertThat(get(sidecar, "/status").at("/routes/draining").asInt()).isOne();
            assertThat(post(sidecar, "{}").statusCode()).isEqualTo(200);
            assertThat(stream.get().body()).contains("t39 ").endsWith("data: [DONE]\n\n");
            await().until(() -> get(sidecar, "/status").at("/routes/draining").asInt() == 0);
            assertThat(provider.aborts()).isEmpty();
        }
    }

    @Test
    void renamedDeletedAndReplacedFilesAreNoticed() throws Exception {
        try (var sidecar = sidecar(QUICK)) {
            Files.move(routes.path().resolve("ops.camel.yaml"), routes.path().resolve("operations.camel.yaml"));
            awaitGeneration(sidecar, 2);
            assertThat(get(sidecar, "/status").at("/routes/files").toString()).contains("operations.camel.yaml")
                    .doesNotContain("\"ops.camel.yaml");
            routes.delete("dashboard.camel.yaml");
            awaitGeneration(sidecar, 3);
            assertThat(CLIENT.send(request(sidecar, "/api/dashboard").build(), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(404);
            var replacement = temp.resolve("new");
            Files.writeString(replacement, Files.readString(Path.of("routes/dashboard.camel.yaml")));
            Files.move(replacement, routes.path().resolve("dashboard.camel.yaml"), StandardCopyOption.ATOMIC_MOVE);
            awaitGeneration(sidecar, 4);
            assertThat(CLIENT.send(request(sidecar, "/api/dashboard").build(), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        }
    }

    /** As the kubelet does it: files are links through a link to the folder of the version, which is exchanged. */
    @Test
    void anExchangedConfigMapIsNoticed() throws Exception {
        var mount = Files.createDirectory(temp.resolve("mount"));
        Files.createSymbolicLink(mount.resolve("..data"), version(mount, "..1", "one"));
        for (var file : routes.files()) {
            Files.createSymbolicLink(mount.resolve(file.getFileName()), Path.of("..data").resolve(file.getFileName()));
        }
        try (var sidecar = sidecar(QUICK, "sidecar.routes-dir=" + mount)) {
            post(sidecar, "{}");
            assertThat(latest().header("X-Mark")).hasValue("one");
            Files.createSymbolicLink(mount.resolve("..data_tmp"), version(mount, "..2", "two"));
            Files.move(mount.resolve("..data_tmp"), mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
            awaitGeneration(sidecar, 2);
            post(sidecar, "{}");
            assertThat(latest().header("X-Mark")).hasValue("two");
        }
    }

    private Path version(Path mount, String name, String mark) throws IOException {
        mark(mark);
        var version = Files.createDirectory(mount.resolve(name));
        for (var file : routes.files()) {
            Files.copy(file, version.resolve(file.getFileName()));
        }
        return Path.of(name);
    }
}
