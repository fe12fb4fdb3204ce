package dev.sidecar.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.deploy.PromQl.Matcher;
import dev.sidecar.deploy.PromQl.Selector;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.PrometheusText;
import dev.sidecar.testkit.RedisServer;
import dev.sidecar.testkit.Sidecar;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** Dashboard, alerts and recording rules ask for series that a running sidecar has. promtool tests what they say of them. */
@ProgramTest
class MonitoringTest {

    private static final Path DASHBOARD = Path.of("deploy/grafana/nvidia-sidecar.json");
    private static final Path ALERTS = Path.of("deploy/prometheus/alerts.yaml");
    private static final Path RECORDED = Path.of("deploy/prometheus/recording-rules.yaml");

    /** What Prometheus itself adds to each target. */
    private static final String OF_PROMETHEUS = "up";

    private static PrometheusText scraped;

    /** @param from for whoever reads of a failure */
    record Query(String from, String expression) {
    }

    @BeforeAll
    static void scrape() throws Exception {
        try (var provider = FakeProvider.start();
                var redis = RedisServer.start();
                var sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.provider=acme",
                        "sidecar.redis-url=" + redis.url(), "sidecar.replica-id=only");
                var client = HttpClient.newHttpClient()) {
            client.send(HttpRequest.newBuilder(sidecar.uri("/v1/chat/completions"))
                    .POST(HttpRequest.BodyPublishers.ofString("{}")).build(), BodyHandlers.discarding());
            // The time spent on collections is known from the first one on.
            System.gc();
            var request = HttpRequest.newBuilder(
                    URI.create("http://127.0.0.1:" + sidecar.managementPort() + "/metrics")).build();
            scraped = await().until(() -> PrometheusText.parse(client.send(request, BodyHandlers.ofString()).body()),
                    text -> !text.samples("jvm_gc_pause_seconds_sum").isEmpty());
        }
    }

    static List<Query> queries() throws IOException {
        var queries = new ArrayList<Query>();
        var dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
        for (var panel : dashboard.get("panels")) {
            for (var target : panel.path("targets")) {
                queries.add(new Query(panel.get("title").asText(), target.get("expr").asText()));
            }
        }
        for (var annotation : dashboard.at("/annotations/list")) {
            queries.add(new Query(annotation.get("name").asText(), annotation.get("expr").asText()));
        }
        for (var rule : rules()) {
            queries.add(new Query(String.valueOf(rule.getOrDefault("alert", rule.get("record"))),
                    String.valueOf(rule.get("expr"))));
        }
        return queries;
    }

    private static List<Map<?, Object>> rules() throws IOException {
        return Stream.concat(rules(ALERTS).stream(), rules(RECORDED).stream()).toList();
    }

    private static List<Map<?, Object>> rules(Path file) throws IOException {
        Map<String, List<Map<String, List<Map<?, Object>>>>> yaml = new Yaml().load(Files.readString(file));
        return yaml.get("groups").stream().flatMap(group -> group.get("rules").stream()).toList();
    }

    private static Set<Object> recorded() throws IOException {
        var names = new HashSet<>();
        rules(RECORDED).forEach(rule -> names.add(rule.get("record")));
        return names;
    }

    @ParameterizedTest
    @MethodSource("queries")
    void asksForSeriesThatExist(Query query) throws IOException {
        for (var selector : PromQl.selectors(query.expression())) {
            if (!recorded().contains(selector.name()) && !selector.name().equals(OF_PROMETHEUS)) {
                assertThat(scraped.samples(selector.name())).as("%s: %s", query.from(), selector)
                        .anyMatch(sample -> selector.takes(sample.labels()));
            }
        }
    }

    @Test
    void aQueryIsUnderstood() {
        assertThat(PromQl.selectors("""
                sum by (le, job) (rate(a_total{x="1", y=~"b|c"}[5m])) / on (job) group_left () r:s:t > 0.9 and up == 1
                """)).containsExactly(new Selector("a_total", List.of(new Matcher("x", "=", "1"), new Matcher("y", "=~",
                "b|c"))), new Selector("r:s:t", List.of()), new Selector("up", List.of()));
        assertThatThrownBy(() -> PromQl.selectors("a{x=1}")).hasMessageContaining("x=1");
        assertThat(new Matcher("x", "!~", "a|b").takes(Map.of("x", "c"))).isTrue();
        assertThat(new Matcher("x", "!~", "a|b").takes(Map.of("x", "a"))).isFalse();
        assertThat(new Matcher("x", "=", "a").takes(Map.of())).isFalse();
    }

    @Test
    void eachPanelOfTheDashboardHasAPlaceOfItsOwn() throws IOException {
        var taken = new HashSet<String>();
        var ids = new HashSet<Integer>();
        for (var panel : new ObjectMapper().readTree(DASHBOARD.toFile()).get("panels")) {
            assertThat(ids.add(panel.get("id").asInt())).as(panel.get("title").asText()).isTrue();
            assertThat(cells(panel)).as(panel.get("title").asText()).allMatch(taken::add);
        }
    }

    private static List<String> cells(JsonNode panel) {
        var place = panel.get("gridPos");
        var cells = new ArrayList<String>();
        for (int x = 0; x < place.get("w").asInt(); x++) {
            for (int y = 0; y < place.get("h").asInt(); y++) {
                cells.add((place.get("x").asInt() + x) + "," + (place.get("y").asInt() + y));
            }
        }
        assertThat(place.get("x").asInt() + place.get("w").asInt()).isLessThanOrEqualTo(24);
        return cells;
    }

    @Test
    void eachAlertHasATestInWhichItIsRaised() throws IOException {
        Map<String, List<Map<String, Object>>> tests = new Yaml()
                .load(Files.readString(Path.of("deploy/prometheus/tests.yaml")));
        var raised = new HashSet<>();
        for (var test : tests.get("tests")) {
            for (var one : (List<?>) test.get("alert_rule_test")) {
                var alert = (Map<?, ?>) one;
                if (!((List<?>) alert.get("exp_alerts")).isEmpty()) {
                    raised.add(alert.get("alertname"));
                }
            }
        }
        assertThat(raised).containsExactlyInAnyOrderElementsOf(
                rules(ALERTS).stream().map(rule -> rule.get("alert")).toList());
    }
}
