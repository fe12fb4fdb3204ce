package dev.sidecar.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RecordedRequest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireClient;
import dev.sidecar.throttle.budget.Pacing;
import dev.sidecar.throttle.order.ThrottleSettings;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Whose requests the provider sees, and when, as the clients of a file share the budget. */
@ProgramTest
@Isolated("looks at the order in which things arrive")
class SharesTest {

    private static final String A = "key-of-a";
    private static final String B = "key-of-b";
    private static final String HEAVY = "key-of-heavy";
    private static final String LIMITED = "key-of-limited";
    private static final String TOKENS = "key-of-tokens";
    private static final String CLAMPED = "key-of-clamped";
    private static final String NOBODYS = "nobodys";

    @TempDir
    Path temp;
    private Path file;
    private FakeProvider provider;
    private Sidecar sidecar;
    private HttpClient http;

    @BeforeEach
    void start() throws IOException {
        file = temp.resolve("sidecar.yaml");
        write(1);
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.config=" + file);
        http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        slots(6000); // opens the first connections
        answered(send(B, "/v1/warm-up", 20));
    }

    @AfterEach
    void stop() {
        http.close();
        sidecar.close();
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    private void write(int weightOfA) throws IOException {
        Files.writeString(file, """
                clients:
                  - {name: a, key-sha256: ["%s"], weight: %d}
                  - {name: b, key-sha256: ["%s"]}
                  - {name: heavy, key-sha256: ["%s"], weight: 3}
                  - {name: limited, key-sha256: ["%s"], limits: [{requests: 10, per: 1m}]}
                  - {name: tokens, key-sha256: ["%s"], limits: [{tokens: 1000, per: 1h}]}
                  - {name: clamped, key-sha256: ["%s"], class: {max: normal}}
                anonymous: {allow: true, class: {default: normal, max: high}}
                """.formatted(ClientKey.hash(A), weightOfA, ClientKey.hash(B), ClientKey.hash(HEAVY),
                ClientKey.hash(LIMITED), ClientKey.hash(TOKENS), ClientKey.hash(CLAMPED)));
    }

    /** So many slots a minute, one after the other. */
    private void slots(int perMinute) {
        sidecar.throttle().reconfigure(new ThrottleSettings(perMinute, 1, Pacing.PACED, 10_000, Duration.ofMinutes(10),
                Duration.ofMinutes(10), false));
    }

    @Test
    void tenOfANewcomerAreAmongTheNextTwentyOneBehindTwoHundredOfAnother() {
        slots(300);
        var all = send(A, "/v1/a", 200);
        int before = provider.requests().size();
        all.addAll(send(B, "/v1/b", 10));
        provider.awaitRequests(before + 24, Duration.ofSeconds(30));
        // A slot or two may have gone while the ten were still coming in.
        assertThat(paths(before, before + 24)).filteredOn("/v1/b"::equals).hasSize(10);
        slots(100_000);
        answered(all);
    }

    @Test
    void slotsFollowTheWeightsAndALaterFileChangesThem() throws IOException {
        slots(300);
        var all = send(A, "/v1/a", 150);
        all.addAll(send(HEAVY, "/v1/heavy", 150));
        int before = provider.requests().size();
        slots(3000);
        provider.awaitRequests(before + 41, Duration.ofSeconds(30));
        slots(60);
        assertThat(paths(before + 1, before + 41)).filteredOn("/v1/heavy"::equals).hasSizeBetween(29, 31);

        write(9);
        await().untilAsserted(() -> assertThat(status()).contains("\"name\":\"a\",\"weight\":9"));
        int later = provider.requests().size();
        slots(3000);
        provider.awaitRequests(later + 42, Duration.ofSeconds(30));
        assertThat(paths(later + 2, later + 42)).filteredOn("/v1/a"::equals).hasSizeBetween(28, 32);
        slots(100_000);
        answered(all);
    }

    @Test
    void aClampedClientThatSaysHighWaitsBehindHigh() {
        slots(240);
        var all = send(CLAMPED, "/v1/clamped", 30, "X-Priority", "high");
        all.addAll(send(B, "/v1/b", 10, "X-Priority", "high"));
        int before = provider.requests().size();
        provider.awaitRequests(before + 10, Duration.ofSeconds(30));
        // The floor of normal is a tenth of the slots.
        assertThat(paths(before, before + 10)).filteredOn("/v1/b"::equals).hasSizeGreaterThanOrEqualTo(8);
        slots(100_000);
        answered(all);
    }

    @Test
    void fiftyAnonymousConnectionsCountAsOne() {
        slots(300);
        var all = send(NOBODYS, "/v1/nobodys", 50);
        all.addAll(send(B, "/v1/b", 20));
        int before = provider.requests().size();
        provider.awaitRequests(before + 20, Duration.ofSeconds(30));
        assertThat(paths(before, before + 20)).filteredOn("/v1/b"::equals).hasSizeBetween(9, 11);
        slots(100_000);
        answered(all);
    }

    @Test
    void aClientThatCancelsTwoHundredIsNotBehindWithItsNextOne() {
        slots(60);
        var others = send(B, "/v1/b", 30);
        var cancelled = send(A, "/v1/a", 200);
        cancelled.forEach(each -> each.cancel(true));
        await().until(() -> sidecar.throttle().size() <= 30);
        int before = provider.requests().size();
        others.addAll(send(A, "/v1/next", 1));
        slots(600);
        provider.awaitRequests(before + 4, Duration.ofSeconds(30));
        assertThat(paths(before, before + 4)).contains("/v1/next");
        slots(100_000);
        answered(others);
    }

    @Test
    void aClientAtItsOwnLimitHoldsUpNobodyAndSaysWhy() throws Exception {
        slots(6000);
        var held = send(LIMITED, "/v1/limited", 40);
        await().until(() -> paths(0, provider.requests().size()).stream().filter("/v1/limited"::equals).count() == 10);
        long began = System.nanoTime();
        answered(send(B, "/v1/b", 50));
        assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(10));
        assertThat(status()).contains(
                "\"limits\":[{\"requests\":10,\"per\":\"1m\",\"used\":10}],\"held_by\":\"period\"",
                "\"waits_for\":\"client\"");

        var refused = send(LIMITED, "/v1/limited", 1, "X-Request-Timeout-Ms", "5000").getFirst()
                .get(10, TimeUnit.SECONDS);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("client_quota", "rate_limit_error", "10 requests per minute");
        assertThat(Integer.parseInt(refused.headers().firstValue("Retry-After").orElseThrow())).isBetween(100, 240);
        held.forEach(each -> each.cancel(true));
        await().until(() -> sidecar.throttle().size() == 0);
    }

    @Test
    void tokensThatAResponseHasCostHoldTheClientBack() throws Exception {
        Function<RecordedRequest, Answer> costly = _ -> Answer.json(200,
                "{\"choices\":[],\"usage\":{\"prompt_tokens\":900,\"completion_tokens\":600,\"total_tokens\":1500}}");
        provider.script(costly);
        answered(send(TOKENS, "/v1/tokens", 1));
        await().untilAsserted(
                () -> assertThat(status()).contains("{\"tokens\":1000,\"per\":\"1h\",\"used\":1500,\"reserved\":0}"));
        var refused = send(TOKENS, "/v1/tokens", 1).getFirst().get(10, TimeUnit.SECONDS);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("client_quota", "1000 tokens per hour");
        answered(send(B, "/v1/b", 1));
    }

    @Test
    void aReloadUnderTwoHundredRequestsASecondLosesNothing() throws Exception {
        slots(60_000);
        var all = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        long began = System.nanoTime();
        for (int i = 0; i < 800; i++) {
            all.add(http.sendAsync(request(i % 2 == 0 ? A : B, "/v1/reload").build(), BodyHandlers.ofString()));
            if (i % 100 == 0) {
                write(1 + i / 100);
            }
            TimeUnit.NANOSECONDS.sleep(began + TimeUnit.MILLISECONDS.toNanos(5L * i) - System.nanoTime());
        }
        answered(all);
        await().untilAsserted(() -> assertThat(status()).contains("\"name\":\"a\",\"weight\":8"));
    }

    /** The requests, each with its place in the queue or its response. */
    private List<CompletableFuture<HttpResponse<String>>> send(String key, String path, int count, String... headers) {
        long admitted = sidecar.throttle().snapshot().totalEnqueued();
        var all = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < count; i++) {
            var request = request(key, path);
            if (headers.length > 0) {
                request.headers(headers);
            }
            all.add(http.sendAsync(request.build(), BodyHandlers.ofString()));
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> all.stream().filter(CompletableFuture::isDone).count()
                + sidecar.throttle().snapshot().totalEnqueued() - admitted >= count);
        return all;
    }

    private HttpRequest.Builder request(String key, String path) {
        return HttpRequest.newBuilder(sidecar.uri(path)).header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString("{\"model\":\"m\"}"));
    }

    private static void answered(List<CompletableFuture<HttpResponse<String>>> all) {
        assertThat(all).allSatisfy(each -> assertThat(each.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200));
    }

    private List<String> paths(int from, int to) {
        return provider.requests().stream().sorted(Comparator.comparingLong(RecordedRequest::headNanos))
                .map(RecordedRequest::path).toList().subList(from, to);
    }

    private String status() throws IOException {
        return WireClient.exchange(sidecar.port(), "GET", "/status", null).text();
    }
}
