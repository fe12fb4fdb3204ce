package dev.sidecar.providers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RecordedRequest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.throttle.order.KeyFigures;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which provider and key a request goes to, over the program: two providers, the first with two keys. */
@ProgramTest
@Timeout(60)
class SeveralKeysTest {

    private static final String CHAT = "/v1/chat/completions";

    @TempDir
    Path folder;
    private final Set<String> revoked = ConcurrentHashMap.newKeySet();
    private final Set<String> forbidden = ConcurrentHashMap.newKeySet();
    private FakeProvider one;
    private FakeProvider two;
    private Sidecar sidecar;
    private HttpClient http;

    @BeforeEach
    void start() throws IOException {
        one = FakeProvider.start(this::answer);
        two = FakeProvider.start(this::answer);
        for (var key : List.of("team-a", "team-b", "spare")) {
            Files.writeString(folder.resolve(key), "secret-of-" + key);
        }
        var file = Files.writeString(folder.resolve("sidecar.yaml"), """
                providers:
                  - name: one
                    base-url: %s/first
                    keys:
                      - {name: team-a, file: team-a, rate-rpm: 6000}
                      - {name: team-b, file: team-b, rate-rpm: 6000}
                    models: {"shared": "shared", "meta/*": "meta/*"}
                  - name: two
                    base-url: %s/a%%20gateway/v1
                    auth: api-key
                    keys: [{name: spare, file: spare, rate-rpm: 6000}]
                    models: {"shared": "shared \\"at\\" two", "only-two": "two"}
                    fallback-after: 20s
                """.formatted(one.baseUrl(), two.baseUrl()));
        sidecar = Sidecar.ofFile(file, context -> {
        }, "sidecar.circuit-breaker.window-size=8", "sidecar.circuit-breaker.minimum-calls=8");
        http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    @AfterEach
    void stop() {
        http.close();
        sidecar.close();
        assertThat(one.problems()).isEmpty();
        assertThat(two.problems()).isEmpty();
        one.close();
        two.close();
    }

    private Answer answer(RecordedRequest request) {
        var key = key(request);
        if (revoked.contains(key)) {
            return Answer.error(401, "invalid_key", "the provider's own words");
        }
        if (forbidden.stream().anyMatch(each -> (key + " " + request.bodyText()).contains(each))) {
            return Answer.error(403, "no_access", "not this model");
        }
        return request.method().equals("GET") ? Answer.json(200, "{\"data\":[]}") : Answer.chat("hello");
    }

    private static String key(RecordedRequest request) {
        return request.header("api-key").or(() -> request.header("Authorization")).orElse("none")
                .replace("Bearer ", "").replace("secret-of-", "");
    }

    @Test
    void theFirstProviderServesWhatBothCanAndSaysWithWhichKey() throws Exception {
        var response = send(CHAT, "{\"model\":\"shared\"}");
        assertThat(response.headers().firstValue("X-Sidecar-Provider")).hasValue("one");
        assertThat(response.headers().firstValue("X-Sidecar-Key")).hasValueSatisfying(
                key -> assertThat(List.of("team-a", "team-b")).contains(key));
        assertThat(two.requests()).isEmpty();
    }

    @Test
    void eachProviderIsSentItsKeyInItsOwnField() throws Exception {
        assertThat(send(CHAT, "{\"model\":\"only-two\"}").headers().firstValue("X-Sidecar-Key")).hasValue("spare");
        var atTwo = two.requests().getFirst();
        assertThat(atTwo.headers("api-key")).containsExactly("secret-of-spare");
        assertThat(atTwo.header("Authorization")).isEmpty();
        assertThat(atTwo.target()).isEqualTo("/a%20gateway/v1/chat/completions");
        send(CHAT, "{\"model\":\"shared\"}");
        var atOne = one.requests().getFirst();
        assertThat(atOne.headers("Authorization")).singleElement().asString().startsWith("Bearer secret-of-team-");
        assertThat(atOne.header("api-key")).isEmpty();
        assertThat(atOne.target()).isEqualTo("/first/v1/chat/completions");
    }

    @Test
    void onlyTheBytesOfTheModelsNameDiffer() throws Exception {
        one.stop();
        var filler = "x".repeat(20_000_000);
        var before = "\n{ \"messages\" : [{\"model\":\"shared\",\"content\":\"" + filler
                + " \\u00e9\"}],\t\"mod\\u0065l\"  :  ";
        var after = "  , \"b\": 1.0e2, \"b\":2}\r\n";
        assertThat(send(CHAT, before + "\"sh\\u0061red\"" + after).statusCode()).isEqualTo(200);
        var got = two.requests().getFirst();
        assertThat(got.body()).isEqualTo((before + "\"shared \\\"at\\\" two\"" + after).getBytes(UTF_8));
        assertThat(got.header("Content-Length")).hasValue(String.valueOf(got.body().length));
    }

    @Test
    void aModelThatNobodyServesIsNotFound() throws Exception {
        var response = send(CHAT, "{\"model\":\"unheard-of\"}");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).contains("model_not_found", "unheard-of");
        assertThat(one.requests()).isEmpty();
        // A provider that renames gets no request whose model is not clear.
        assertThat(send(CHAT, "{\"model\":\"only-two\",\"model\":\"only-two\"}").statusCode()).isEqualTo(404);
    }

    @Test
    void underLoadARevokedKeyIsOutWithinAFewRequestsAndEverybodyIsAnswered() throws Exception {
        var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 60; i++) {
            if (i == 20) {
                revoked.add("team-a");
            }
            answers.add(async(CHAT, "{\"model\":\"shared\"}"));
            if (i % 10 == 0) {
                answers.getLast().join();
            }
        }
        assertThat(answers).allSatisfy(each -> assertThat(each.join().statusCode()).isEqualTo(200));
        await().until(() -> state("team-a") == KeyFigures.State.REFUSED);
        assertThat(state("team-b")).isEqualTo(KeyFigures.State.OK);
        int refused = sentWith("team-a");
        for (int i = 0; i < 20; i++) {
            assertThat(send(CHAT, "{\"model\":\"shared\"}").headers().firstValue("X-Sidecar-Key"))
                    .hasValue("team-b");
        }
        assertThat(sentWith("team-a")).isEqualTo(refused);
    }

    @Test
    void aNewValueOfARefusedKeyIsUsedAtOnce() throws Exception {
        revoked.add("team-a");
        await().until(() -> {
            send(CHAT, "{\"model\":\"shared\"}");
            return state("team-a") == KeyFigures.State.REFUSED;
        });
        Files.writeString(folder.resolve("team-a"), "secret-of-new-a");
        await().until(() -> state("team-a") == KeyFigures.State.OK);
        await().until(() -> send(CHAT, "{\"model\":\"shared\"}").headers().firstValue("X-Sidecar-Key")
                .filter("team-a"::equals).isPresent());
        assertThat(one.requests()).anyMatch(each -> key(each).equals("new-a"));
        assertThat(state("team-a")).isEqualTo(KeyFigures.State.OK);
    }

    @Test
    void aModelThatOneKeyMayNotUseGoesToTheOtherAndTheKeyStays() throws Exception {
        forbidden.add("team-a {\"model\":\"meta/secret\"");
        for (int i = 0; i < 6; i++) {
            var response = send(CHAT, "{\"model\":\"meta/secret\"}");
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("X-Sidecar-Key")).hasValue("team-b");
        }
        assertThat(one.requests().stream().filter(each -> key(each).equals("team-a") && each.method().equals("POST")))
                .hasSizeLessThanOrEqualTo(1);
        assertThat(state("team-a")).isEqualTo(KeyFigures.State.OK);
        for (int i = 0; i < 10; i++) {
            send(CHAT, "{\"model\":\"shared\"}");
        }
        assertThat(one.requests()).anyMatch(each -> key(each).equals("team-a") && each.bodyText().contains("shared"));
    }

    @Test
    void withEveryKeyRefusedTheProvidersOwnAnswerReachesTheClient() throws Exception {
        revoked.addAll(List.of("team-a", "team-b", "spare"));
        for (int i = 0; i < 3; i++) {
            var response = send(CHAT, "{\"model\":\"shared\"}");
            assertThat(response.statusCode()).isEqualTo(401);
            assertThat(response.body()).contains("the provider's own words");
            assertThat(response.headers().firstValue("X-Sidecar-Key-Refused")).isPresent();
        }
    }

    @Test
    void whileTheCircuitIsOpenTheNextProviderServesAtOnce() throws Exception {
        one.script(_ -> Answer.error(503, "busy", "not now"));
        var answers = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 20; i++) {
            answers.add(async(CHAT, "{\"model\":\"shared\"}"));
        }
        assertThat(answers).allSatisfy(each -> {
            assertThat(each.join().statusCode()).isEqualTo(200);
            assertThat(each.join().headers().firstValue("X-Sidecar-Provider")).hasValue("two");
        });
        int tried = one.requests().size();
        assertThat(send(CHAT, "{\"model\":\"shared\"}").headers().firstValue("X-Sidecar-Provider")).hasValue("two");
        assertThat(one.requests()).hasSize(tried);
        // What only the first provider serves is told so.
        assertThat(send(CHAT, "{\"model\":\"meta/x\"}").body()).contains("circuit_open");
    }

    @Test
    void whatMayBeStoredGoesWithThePrimaryKey() throws Exception {
        for (int i = 0; i < 4; i++) {
            send("/v1/files", "{}");
            send("/v1/responses", "{\"model\":\"shared\"}");
            send("/v1/responses", "{\"model\":\"shared\",\"store\":false,\"previous_response_id\":\"r\"}");
            http.send(request("/v1/batches/x").GET().build(), BodyHandlers.ofString());
        }
        assertThat(one.requests()).hasSize(16).allMatch(each -> key(each).equals("team-a"));
        for (int i = 0; i < 10; i++) {
            send("/v1/responses", "{\"model\":\"shared\",\"store\":false}");
        }
        assertThat(one.requests()).anyMatch(each -> key(each).equals("team-b"));
    }

    @Test
    void theListOfModelsHasThoseOfAllProvidersInTheClientsNames() throws Exception {
        one.script(_ -> Answer.json(200, "{\"data\":[{\"id\":\"meta/x\"},{\"id\":\"unreachable\"}]}"));
        two.script(_ -> Answer.json(200, "{\"data\":[{\"id\":\"two\",\"owned_by\":\"b\"}]}"));
        var list = http.send(request("/v1/models").GET().build(), BodyHandlers.ofString());
        assertThat(list.statusCode()).isEqualTo(200);
        assertThat(list.body()).contains("\"meta/x\"", "\"only-two\"", "\"shared\"").doesNotContain("unreachable",
                "\"two\",");
        assertThat(two.requests().getFirst().header("api-key")).hasValue("secret-of-spare");
    }

    @Test
    void aRetryAfterA429GoesToTheOtherKey() throws Exception {
        var refused = new AtomicInteger();
        one.script(request -> request.method().equals("POST") && refused.getAndIncrement() == 0
                ? Answer.tooManyRequests("Retry-After", "30")
                : answer(request));
        assertThat(send(CHAT, "{\"model\":\"shared\"}").statusCode()).isEqualTo(200);
        var posts = one.requests().stream().filter(each -> each.method().equals("POST")).map(SeveralKeysTest::key)
                .toList();
        assertThat(posts).hasSize(2).doesNotHaveDuplicates();
    }

    private int sentWith(String key) {
        return (int) one.requests().stream().filter(each -> key(each).equals(key) && each.method().equals("POST"))
                .count();
    }

    private KeyFigures.State state(String key) {
        return Objects.requireNonNull(sidecar.throttle().snapshot().keys().stream()
                .filter(each -> each.name().equals(key)).findFirst().orElse(null)).state();
    }

    private HttpResponse<String> send(String path, String body) throws Exception {
        return http.send(post(path, body), BodyHandlers.ofString());
    }

    private CompletableFuture<HttpResponse<String>> async(String path, String body) {
        return http.sendAsync(post(path, body), BodyHandlers.ofString());
    }

    private HttpRequest post(String path, String body) {
        return request(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)).build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + sidecar.port() + path));
    }
}
