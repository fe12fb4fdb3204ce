package dev.sidecar.ops;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.call.CompletedRequest;
import dev.sidecar.call.Outcome;
import dev.sidecar.route.WhenCompleted;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.PrometheusText;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireClient;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.order.Refusal;
import dev.sidecar.throttle.order.ThrottleSettings;
import dev.sidecar.traffic.ModelTable;
import dev.sidecar.upstream.UpstreamErrors;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** What Prometheus scrapes: all of it from the first time on, strictly in the format, moving as requests come and go. */
@ProgramTest
@Isolated("looks at the time that things take, or at what all do together")
class MetricsTest {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String CHAT = "{\"model\":\"m\"}";
    private static final ThrottleSettings OPEN = settings(1_000_000, 10_000, Duration.ofSeconds(60));

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private static PrometheusText first;

    @BeforeAll
    static void start() throws Exception {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.timeout=1", "sidecar.provider=acme",
                "sidecar.max-body-bytes=2000", "sidecar.log-level=OFF", "camel.main.jmx-enabled=true");
        first = scrape();
        sidecar.throttle().reconfigure(OPEN);
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        provider.close();
    }

    static PrometheusText scrape() throws IOException, InterruptedException {
        var answer = CLIENT.send(HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + sidecar.managementPort() + "/metrics")).build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain;version=0.0.4");
        return PrometheusText.parse(answer.body());
    }

    // ---- form ----

    @Test
    void aPrometheusThatAsksForProtobufGetsIt() throws Exception {
        var answer = CLIENT.send(HttpRequest
                .newBuilder(URI.create("http://127.0.0.1:" + sidecar.managementPort() + "/metrics"))
                .header("Accept", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                        + "encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                        + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2")
                .build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("application/vnd.google.protobuf");
        assertThat(answer.body()).contains("sidecar_rate_rpm");
    }

    @Test
    void everyMetricThatIsPromisedIsThereBeforeTheFirstRequest() {
        assertThat(first.families()).containsKeys("sidecar_requests_total", "sidecar_upstream_latency_seconds",
                "sidecar_upstream_errors_total", "sidecar_queue_depth", "sidecar_queue_wait_seconds",
                "sidecar_queue_rejections_total", "sidecar_tokens_available", "sidecar_rate_rpm",
                "sidecar_retreat_state", "sidecar_streams_active", "sidecar_upstream_cancelled_total",
                "camel_exchanges_total", "jvm_memory_used_bytes", "process_uptime_seconds");
        assertThat(first.families().values()).filteredOn(family -> family.type().equals("histogram"))
                .extracting(PrometheusText.Family::name)
                .contains("sidecar_upstream_latency_seconds", "sidecar_queue_wait_seconds");
        assertThat(first.families().values()).filteredOn(family -> family.name().startsWith("sidecar_"))
                .allSatisfy(family -> assertThat(family.help()).as(family.name()).hasSizeGreaterThan(10));
    }

    @Test
    void labelsAreTheClosedSetsAndNothingElse() {
        var priorities = List.of("high", "normal", "low");
        assertLabels("sidecar_requests_total", Map.of("provider", List.of("acme"), "priority", priorities, "outcome",
                Arrays.stream(Outcome.values()).map(Outcome::label).toList()));
        assertLabels("sidecar_upstream_errors_total",
                Map.of("provider", List.of("acme"), "status_code", UpstreamErrors.LABELS));
        assertLabels("sidecar_queue_rejections_total",
                Map.of("reason", Arrays.stream(Refusal.Reason.values()).map(Refusal.Reason::code).toList()));
        assertLabels("sidecar_queue_depth", Map.of("priority", priorities));
        assertLabels("sidecar_fleet_mode", Map.of("mode", List.of("single")));
        assertLabels("sidecar_rate_rpm", Map.of("kind", List.of("base", "effective")));
        assertLabels("sidecar_retreat_state", Map.of("state", List.of("normal", "retreat", "recover")));
        var states = Arrays.stream(State.values()).map(State::label).toList();
        assertLabels("sidecar_condition", Map.of("state", states));
        assertLabels("sidecar_condition_cause",
                Map.of("cause", states.stream().filter(state -> !state.equals("serving")).toList()));
        assertLabels("sidecar_key_state", Map.of("key", List.of("acme"), "state",
                List.of("ok", "paused", "refused", "circuit_open")));
        assertLabels("sidecar_key_tokens_available", Map.of("key", List.of("acme")));
        assertLabels("sidecar_key_rate_rpm", Map.of("key", List.of("acme"), "kind", List.of("base", "effective")));
        assertLabels("sidecar_circuit_state", Map.of("provider", List.of("acme"), "state",
                List.of("closed", "open", "half_open", "forced_open", "disabled", "metrics_only")));
        assertLabels("sidecar_provider_out", Map.of("provider", List.of("acme"), "reason",
                List.of("circuit_open", "key_refused", "upstream_unreachable")));
        assertLabels("sidecar_tokens_available", Map.of());
        assertLabels("sidecar_streams_active", Map.of());
        assertLabels("sidecar_upstream_cancelled_total", Map.of());
        assertThat(first.samples("sidecar_queue_wait_seconds_count")).extracting(s -> s.labels().get("priority"))
                .containsExactlyInAnyOrderElementsOf(priorities);
    }

    private static void assertLabels(String name, Map<String, List<String>> labels) {
        var samples = first.samples(name);
        assertThat(samples).as(name).hasSize(labels.values().stream().mapToInt(List::size).reduce(1, (a, b) -> a * b));
        assertThat(samples).as(name).allSatisfy(sample -> {
            assertThat(sample.labels().keySet()).isEqualTo(new TreeSet<>(labels.keySet()));
            sample.labels().forEach((key, value) -> assertThat(labels.get(key)).contains(value));
        });
    }

    @Test
    void bucketsAreFewAndReachAsFarAsWaitsAndAnswersDo() {
        for (var name : List.of("sidecar_queue_wait_seconds", "sidecar_upstream_latency_seconds")) {
            var bounds = first.samples(name + "_bucket").stream().map(s -> s.labels().get("le")).distinct().toList();
            assertThat(bounds).as(name).hasSizeBetween(8, 15).contains("60.0", "+Inf");
        }
        assertThat(first.samples("sidecar_upstream_latency_seconds_bucket", "le", "300.0")).hasSize(1);
        assertThat(first.samples("sidecar_queue_wait_seconds_bucket", "le", "0.005")).hasSize(3);
    }

    /** What operators read is what they find, and the other way round. */
    @Test
    void theDocumentsNameWhatIsThereAndAllOfIt() throws Exception {
        var page = Files.readString(Path.of("deploy/METRICS.md"));
        var names = Pattern.compile("\\b(?:sidecar|camel)_[a-z0-9_]+").matcher(page).results().map(MatchResult::group)
                .filter(name -> !name.startsWith("sidecar_fleet_") || name.equals("sidecar_fleet_mode")) // see FleetSeenTest
                .distinct().toList();
        var there = Stream.concat(first.families().keySet().stream(), first.series().stream()
                .map(series -> series.substring(0, series.indexOf('{')))).collect(Collectors.toSet());
        assertThat(there).containsAll(names);
        assertThat(names).containsAll(first.families().keySet().stream()
                .filter(name -> name.startsWith("sidecar_") && !name.endsWith("_max") || name.startsWith("camel_"))
                .toList());
        var values = Stream
                .of(Arrays.stream(Outcome.values()).map(Outcome::label), UpstreamErrors.LABELS.stream(),
                        Arrays.stream(Refusal.Reason.values()).map(Refusal.Reason::code),
                        Arrays.stream(State.values()).map(State::label))
                .flatMap(labels -> labels).toList();
        assertThat(values).allSatisfy(value -> assertThat(page).contains("`" + value + "`"));
    }

    // ---- movement ----

    /** What one request of each kind adds. */
    @Test
    void everyRequestCountsOnceWithItsOutcome() throws Exception {
        assertOutcome("ok", "high", () -> post("/v1/x", CHAT, "X-Priority", "HIGH"));
        assertOutcome("ok", "normal", () -> send("GET", "/v1/models", null));
        provider.script(request -> Answer.error(418, "teapot", "no"));
        assertOutcome("client_error", "low", () -> post("/v1/x", CHAT, "X-Priority", "low"));
        provider.script(request -> Answer.tooManyRequests());
        assertOutcome("rate_limited", "normal", () -> send("GET", "/v1/models", null));
        provider.script(request -> Answer.error(500, "oops", "no"));
        assertOutcome("upstream_error", "normal", () -> post("/v1/x", CHAT));
        provider.script(request -> new Answer.ResetBeforeHead());
        assertOutcome("upstream_error", "normal", () -> send("GET", "/v1/models", null));
        provider.script(request -> new Answer.Silent());
        assertOutcome("timeout", "normal", () -> post("/v1/x", CHAT));
        provider.script(request -> new Answer.CutMidStream(200, Header.list("Content-Type", "text/event-stream"),
                List.of("data: 1\n\n".getBytes(UTF_8)), Answer.Framing.CHUNKED, Duration.ZERO));
        assertOutcome("cut_off", "normal", () -> post("/v1/x", CHAT));
        provider.script(request -> Answer.chat("Hello"));
        assertOutcome("invalid", "normal", () -> post("/v1/x", "{"));
        assertOutcome("invalid", "normal", () -> send("GET", "/v1/a/../b", null, "X-Priority", "high"));
        assertOutcome("invalid", "normal", () -> post("/v1/x", "x".repeat(3000)));
        assertOutcome("invalid", "normal", () -> send("TRACE", "/v1/x", null));
    }

    @Test
    void aRefusalCountsWithItsReason() throws Exception {
        sidecar.throttle().reconfigure(settings(1, 0, Duration.ofSeconds(60)));
        try {
            sidecar.throttle().drain();
            double before = scrape().value("sidecar_queue_rejections_total", "reason", "queue_full");
            assertOutcome("refused", "normal", () -> post("/v1/x", CHAT));
            assertThat(scrape().value("sidecar_queue_rejections_total", "reason", "queue_full")).isEqualTo(before + 1);
        } finally {
            sidecar.throttle().reconfigure(OPEN);
        }
        sidecar.breaker().transitionToOpenState();
        try {
            assertOutcome("refused", "normal", () -> post("/v1/x", CHAT));
            assertThat(scrape().value("sidecar_queue_rejections_total", "reason", "circuit_open")).isPositive();
            assertThat(scrape().value("sidecar_circuit_state", "state", "open")).isOne();
        } finally {
            sidecar.breaker().reset();
        }
    }

    @Test
    void aClientThatLeavesIsCountedAndSoIsTheCallThatWasAborted() throws Exception {
        provider.script(request -> new Answer.Silent());
        double aborted = scrape().value("sidecar_upstream_cancelled_total");
        assertOutcome("cancelled", "normal", () -> {
            int before = provider.active();
            try (var client = WireClient.to(sidecar.port())) {
                client.send("POST", "/v1/x", CHAT.getBytes(UTF_8));
                await().until(() -> provider.active() > before);
            }
        });
        assertThat(scrape().value("sidecar_upstream_cancelled_total")).isEqualTo(aborted + 1);
        provider.script(request -> Answer.chat("Hello"));
        assertOutcome("cancelled", "normal", () -> {
            try (var client = WireClient.to(sidecar.port())) {
                client.send("POST /v1/x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf a bo");
            }
        });
        assertThat(scrape().value("sidecar_upstream_cancelled_total")).isEqualTo(aborted + 1);
    }

    @Test
    void eachTryCountsAndHasItsLatency() throws Exception {
        var before = scrape();
        provider.script(FakeProvider.inOrder(Answer.error(503, "busy", "no"), Answer.error(502, "busy", "no"),
                Answer.chat("Hello").after(Duration.ofMillis(120))));
        post("/v1/x", CHAT);
        var after = scrape();
        for (var status : List.of("502", "503")) {
            assertThat(after.value("sidecar_upstream_errors_total", "status_code", status))
                    .isEqualTo(before.value("sidecar_upstream_errors_total", "status_code", status) + 1);
        }
        assertThat(after.value("sidecar_upstream_latency_seconds_count"))
                .isEqualTo(before.value("sidecar_upstream_latency_seconds_count") + 3);
        assertThat(after.value("sidecar_upstream_latency_seconds_sum"))
                .isGreaterThan(before.value("sidecar_upstream_latency_seconds_sum") + 0.12);
        assertThat(after.value("sidecar_retries_total")).isEqualTo(before.value("sidecar_retries_total") + 2);
        assertThat(after.value("sidecar_queue_wait_seconds_count", "priority", "normal"))
                .isEqualTo(before.value("sidecar_queue_wait_seconds_count", "priority", "normal") + 3);
        provider.script(request -> Answer.error(451, "law", "no"));
        post("/v1/x", CHAT);
        provider.script(request -> new Answer.Garbage("what?\r\n\r\n".getBytes(UTF_8)));
        post("/v1/x", CHAT);
        provider.script(request -> Answer.chat("Hello"));
        assertThat(scrape().value("sidecar_upstream_errors_total", "status_code", "4xx"))
                .isEqualTo(before.value("sidecar_upstream_errors_total", "status_code", "4xx") + 1);
        assertThat(scrape().value("sidecar_upstream_errors_total", "status_code", "broken"))
                .isEqualTo(before.value("sidecar_upstream_errors_total", "status_code", "broken") + 1);
    }

    @Test
    void gaugesShowTheLineTheRateAndTheStreams() throws Exception {
        sidecar.throttle().reconfigure(settings(77, 100, Duration.ofSeconds(60)));
        sidecar.throttle().drain();
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/x", CHAT.getBytes(UTF_8), "X-Priority", "high");
            await().untilAsserted(() -> {
                assertThat(scrape().value("sidecar_queue_depth", "priority", "high")).isOne();
                assertThat(scrape().value("sidecar_rate_rpm", "kind", "base")).isEqualTo(77);
            });
            assertThat(scrape().value("sidecar_tokens_available")).isZero();
            assertThat(scrape().value("sidecar_retreat_state", "state", "normal")).isOne();
            assertThat(scrape().sum("sidecar_retreat_state")).isOne();
        } finally {
            sidecar.throttle().reconfigure(OPEN);
        }
        provider.script(
                request -> Answer.chatStream(java.util.Collections.nCopies(1000, "t"), Duration.ofMillis(20)));
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/x", CHAT.getBytes(UTF_8));
            client.readHead();
            await().untilAsserted(() -> assertThat(scrape().value("sidecar_streams_active")).isOne());
        } finally {
            provider.script(request -> Answer.chat("Hello"));
        }
        await().untilAsserted(() -> assertThat(scrape().value("sidecar_streams_active")).isZero());
    }

    @Test
    void camelsOwnCountsMoveToo() throws Exception {
        double before = scrape().value("camel_exchanges_total", "routeId", "upstream");
        post("/v1/x", CHAT);
        await().untilAsserted(() -> assertThat(scrape().value("camel_exchanges_total", "routeId", "upstream"))
                .isEqualTo(before + 1));
    }

    // ---- what callers write is never a label ----

    @Test
    void whateverCallersWriteThereAreNeverMoreSeries() throws Exception {
        provider.script(request -> Answer.error(request.path().length() % 2 == 0 ? 451 : 560, "x", "y"));
        strangeRequests(0, 20);
        var before = lasting(scrape().series());
        strangeRequests(20, 300);
        provider.script(request -> Answer.chat("Hello"));
        assertThat(lasting(scrape().series())).isEqualTo(before);
    }

    private static void strangeRequests(int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            var odd = "x" + i;
            var method = i % 3 == 0 ? "POST" : i % 3 == 1 ? "GET" : "M" + i;
            send(method, "/v1/" + odd.repeat(i % 7 + 1) + "?q=" + odd,
                    method.equals("POST") ? "{\"model\":\"%s\"}".formatted(odd) : null, "X-Priority", odd,
                    "X-Request-Id", odd, "Authorization", "Bearer " + odd, "CamelMetricsName", odd,
                    "CamelMetricsTags", "a=" + odd, "User-Agent", odd);
            try (var client = WireClient.to(sidecar.managementPort())) {
                client.send(i % 2 == 0 ? "GET" : "M" + i, "/" + odd + "?q=" + odd, null, "User-Agent", odd,
                        "Connection", "close");
                client.read();
            }
        }
    }

    /** Without those of a request that is being answered, and of collections, which come and go. */
    private static List<String> lasting(Set<String> series) {
        return series.stream().filter(name -> !name.startsWith("jvm_gc_") && !name.contains("_active_seconds"))
                .sorted().toList();
    }

    /** A million of each, past HTTP. */
    @Test
    void aMillionInventedNamesAreAHandfulOfLabels() throws Exception {
        var before = lasting(scrape().series());
        var priorities = new TreeSet<String>();
        var errors = new TreeSet<String>();
        var models = new ModelTable();
        for (int i = 0; i < 1_000_000; i++) {
            var name = "invented-" + i;
            priorities.add(Priority.parse(name).label());
            var error = UpstreamErrors.ofStatus(i);
            if (error != null) {
                errors.add(error);
            }
            models.answered(name, 200, Duration.ofMillis(1));
        }
        assertThat(priorities).containsExactly("normal");
        assertThat(UpstreamErrors.LABELS).containsAll(errors);
        assertThat(models.stats()).hasSizeLessThanOrEqualTo(51);

        double counted = scrape().sum("sidecar_requests_total");
        var completed = sidecar.bean(WhenCompleted.class);
        for (int i = 0; i < 50_000; i++) {
            completed.accept(new CompletedRequest("id-" + i, "anonymous", "M" + i, "model-" + i, Priority.LOW,
                    Outcome.OK, i, i, i,
                    i, i, "code-" + i, null, null, null, i));
        }
        await().untilAsserted(() -> assertThat(scrape().sum("sidecar_requests_total")).isEqualTo(counted + 50_000));
        assertThat(lasting(scrape().series())).isEqualTo(before);
    }

    // ---- helpers ----

    private interface Exchange {
        void run() throws Exception;
    }

    /** The exchange adds one to this outcome, and nothing to any other. */
    private static void assertOutcome(String outcome, String priority, Exchange exchange) throws Exception {
        var before = scrape();
        exchange.run();
        await().untilAsserted(
                () -> assertThat(scrape().value("sidecar_requests_total", "outcome", outcome, "priority", priority))
                        .as("%s, %s", outcome, priority)
                        .isEqualTo(before.value("sidecar_requests_total", "outcome", outcome, "priority", priority)
                                + 1));
        assertThat(scrape().sum("sidecar_requests_total")).isEqualTo(before.sum("sidecar_requests_total") + 1);
    }

    private static void post(String path, String body, String... headers) throws IOException {
        send("POST", path, body, headers);
    }

    private static void send(String method, String path, @Nullable String body, String... headers) throws IOException {
        try (var client = WireClient.to(sidecar.port())) {
            var all = new java.util.ArrayList<>(List.of("Content-Type", "application/json"));
            all.addAll(List.of(headers));
            client.send(method, path, body == null ? null : body.getBytes(UTF_8), all.toArray(String[]::new));
            client.read();
        } catch (java.io.EOFException brokenOff) {
            // one of the endings
        }
    }

    private static ThrottleSettings settings(int limit, int queueMax, Duration timeout) {
        return new ThrottleSettings(limit, limit, Pacing.WINDOW, queueMax, timeout, timeout, false);
    }
}
