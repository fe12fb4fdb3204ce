package dev.sidecar.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.files.RefusedEdit;
import dev.sidecar.files.WatchPace;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RoutesFolder;
import dev.sidecar.testkit.Sidecar;
import java.io.IOException;
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
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.context.support.GenericApplicationContext;

/**
 * 200 requests a second and 50 long streams go on while the folder of routes is changed thirty times, well and badly:
 * nothing fails, nothing is cut, and each request passes through one generation of routes only.
 */
@ProgramTest
@Tag("slow")
@Isolated("looks at the time that things take, or at what all do together")
@Timeout(180)
class RouteTortureTest {

    private static final WatchPace QUICK = new WatchPace(Duration.ofMillis(50), Duration.ofMillis(250));
    /** Two seconds are promised for a machine that has something left to do it with; this one may have nothing. */
    private static final Duration LIVE = Duration.ofSeconds(10);
    /** The first time, half of it is loading classes. */
    private static final Duration FIRST = Duration.ofSeconds(20);
    private static final int STREAMS = 50;
    private static final List<String> TOKENS = IntStream.range(0, 80).mapToObj(i -> "t" + i + " ").toList();
    private static final String STREAM = "{\"stream\":true}";

    /** Provider's side of the mark: both files of a folder must have been the same generation's. */
    private static final String IN_PROXY = "X-Mark-Proxy";
    private static final String IN_UPSTREAM = "X-Mark-Upstream";

    @TempDir
    Path temp;
    private RoutesFolder routes;
    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Queue<CompletableFuture<HttpResponse<String>>> answers = new ConcurrentLinkedQueue<>();
    private int marked;

    /** Bad states of the folder, and what must be said of them. */
    private static final Map<String, Change> BAD = Map.ofEntries(
            Map.entry("expected <block end>",
                    folder -> folder.edit("ops.camel.yaml", "uri: platform-http:/status",
                            "uri: 'platform-http:/status")),
            Map.entry("driect:", folder -> folder.edit("proxy.camel.yaml", "uri: direct:provider",
                    "uri: driect:provider")),
            Map.entry("timout", folder -> folder.edit("proxy.camel.yaml", "timeout: 0", "timout: 0")),
            Map.entry("takeSlott", folder -> folder.edit("upstream.camel.yaml", "ref: takeSlot", "ref: takeSlott")),
            Map.entry("sidecar.upstream-base]",
                    folder -> folder.edit("upstream.camel.yaml", "{{sidecar.upstream-base-url}}",
                            "{{sidecar.upstream-base}}")),
            Map.entry("functionEnd",
                    folder -> folder.edit("proxy.camel.yaml", "${header.CamelHttpMethod} !in",
                            "${header.CamelHttpMethod !in")),
            Map.entry("must be", folder -> folder.write("half.camel.yaml", "- route:\n    id: half\n    from:\n")),
            Map.entry("is empty", folder -> folder.write("errors.camel.yaml", "")),
            Map.entry("none begins at platform-http:/v1/", folder -> folder.delete("proxy.camel.yaml")),
            Map.entry("stepps", folder -> folder.edit("counts.camel.yaml",
                    "uri: direct:upstream-error\n      steps:", "uri: direct:upstream-error\n      stepps:")));

    @FunctionalInterface
    private interface Change {
        void to(RoutesFolder folder) throws IOException;
    }

    @BeforeEach
    void copy() throws IOException {
        routes = RoutesFolder.in(Files.createDirectory(temp.resolve("routes")));
        mark();
    }

    @Test
    void nobodyNoticesHowTheRoutesAreChanged() throws Exception {
        try (var provider = FakeProvider.start(request -> {
            if (!request.header(IN_PROXY).equals(request.header(IN_UPSTREAM))) {
                failures.add("half of one folder, half of another: " + request.header(IN_PROXY) + " "
                        + request.header(IN_UPSTREAM));
            }
            return request.bodyText().equals(STREAM)
                    ? Answer.chatStream(TOKENS, Duration.ofMillis(250))
                    : Answer.chat(request.header(IN_PROXY).orElse(""));
        });
                var sidecar = Sidecar.inFrontOf(provider.baseUrl(),
                        (GenericApplicationContext context) -> context.registerBean(WatchPace.class, () -> QUICK),
                        "sidecar.routes-dir=" + routes.path());
                var pacer = Executors.newSingleThreadScheduledExecutor()) {
            var reports = sidecar.bean(RoutesInForce.class);
            var streams = new ArrayList<CompletableFuture<HttpResponse<String>>>();
            IntStream.range(0, STREAMS).forEach(i -> streams.add(send(sidecar, STREAM)));
            var asking = pacer.scheduleAtFixedRate(() -> ask(sidecar), 0, 5, TimeUnit.MILLISECONDS);
            change(reports, sidecar);
            asking.cancel(false);
            pacer.shutdown();
            assertThat(pacer.awaitTermination(5, TimeUnit.SECONDS)).isTrue();
            assertThat(answers.size()).isGreaterThan(1000);
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
            for (var stream : streams) {
                var whole = stream.get();
                assertThat(whole.statusCode()).isEqualTo(200);
                assertThat(whole.body()).contains(TOKENS.getLast()).endsWith("data: [DONE]\n\n");
            }
            await().until(() -> provider.active() == 0);
            assertThat(failures).isEmpty();
            assertThat(provider.problems()).isEmpty();
            assertThat(provider.aborts()).isEmpty();
            await().until(() -> reports.report().draining() == 0);
        }
    }

    /** Thirty changes: ten bad ones, and a good one after each and in between, of every kind. */
    private void change(RoutesInForce reports, Sidecar sidecar) throws Exception {
        var kinds = Stream.<Change>of(folder -> mark(), this::rename, this::replace).toList();
        int changes = 0;
        for (var bad : BAD.entrySet()) {
            var before = reports.report().generation();
            bad.getValue().to(routes);
            await().atMost(LIVE).untilAsserted(() -> assertThat(reports.report().lastError()).as(bad.getKey())
                    .isNotNull().extracting(RefusedEdit::problems).asString().contains(bad.getKey()));
            assertThat(reports.report().generation()).isEqualTo(before);
            for (int i = 0; i < 2; i++) {
                var change = i == 0 ? kinds.getFirst() : kinds.get(changes % kinds.size());
                var generation = reports.report().generation();
                change.to(routes);
                await().atMost(changes == 0 ? FIRST : LIVE).until(() -> reports.report().isCurrent()
                        && reports.report().generation() == generation + 1);
                assertThat(send(sidecar, "{}").get().body()).contains("mark-" + marked);
                changes++;
            }
        }
    }

    // ---- good changes ----

    /** The shipped routes with a mark in two files, written one after the other. */
    private void mark() {
        marked++;
        routes.restore();
        routes.edit("proxy.camel.yaml", "        - choice:\n            id: is-throttled\n",
                step(IN_PROXY) + "        - choice:\n            id: is-throttled\n");
        routes.edit("upstream.camel.yaml", "        - process:\n            id: upstream-request\n",
                step(IN_UPSTREAM) + "        - process:\n            id: upstream-request\n");
    }

    private String step(String header) {
        return """
                        - setHeader:
                            id: %s
                            name: %s
                            expression:
                              constant:
                                expression: 'mark-%d'
                """.formatted(header, header, marked);
    }

    private void rename(RoutesFolder folder) throws IOException {
        Files.move(folder.path().resolve("dashboard.camel.yaml"), folder.path().resolve("panel.camel.yaml"));
    }

    /** As careful editors save. */
    private void replace(RoutesFolder folder) throws IOException {
        var written = temp.resolve("replacement");
        Files.writeString(written, folder.read("admin.camel.yaml") + "# saved again\n");
        Files.move(written, folder.path().resolve("admin.camel.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    // ---- requests ----

    private CompletableFuture<HttpResponse<String>> send(Sidecar sidecar, String body) {
        return client.sendAsync(HttpRequest.newBuilder(sidecar.uri("/v1/chat/completions"))
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)).build(),
                BodyHandlers.ofString());
    }

    private void ask(Sidecar sidecar) {
        answers.add(send(sidecar, "{}").whenComplete((answer, failure) -> {
            if (failure != null) {
                failures.add(failure.toString());
            } else if (answer.statusCode() != 200 || !answer.body().contains("mark-")) {
                failures.add(answer.statusCode() + " " + answer.body());
            }
        }));
    }
}
