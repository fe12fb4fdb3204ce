package dev.sidecar.proxy;

import static dev.sidecar.proxy.Bytes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the provider does not serve is tried again behind the client's back, as long as its deadline allows. */
@ProgramTest
class RetryTest {

    private static final Answer.Full OK = Answer.chat("Hello");
    private static final String[] SHORT = {"X-Request-Timeout-Ms", "200"};
    private static final Duration LONGER = Duration.ofMillis(250);

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private int before;

    @BeforeAll
    static void start() throws IOException {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl());
        Limits.open(sidecar);
        post("/v1/warm-up");
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    @BeforeEach
    void begin() throws IOException {
        Limits.open(sidecar);
        // What the test before let the provider refuse is over and forgotten.
        await().until(() -> sidecar.throttle().snapshot().retreat().paused().isZero());
        provider.script(request -> OK);
        post("/v1/begin");
        before = provider.requests().size();
    }

    @AfterEach
    void theProviderHasNothingLeftToDo() {
        provider.awaitIdle(Duration.ofSeconds(2));
    }

    private static WireAnswer post(String path, String... headers) throws IOException {
        return WireClient.exchange(sidecar.port(), "POST", path, utf8("{\"prompt\":\"x\"}"), headers);
    }

    private List<RecordedRequest> tries() {
        return provider.requests().subList(before, provider.requests().size());
    }

    private static JsonNode status() throws IOException {
        return new ObjectMapper().readTree(WireClient.exchange(sidecar.port(), "GET", "/status", null).body());
    }

    // ---- served in the end ----

    static final List<Arguments> NOT_SERVED = Stream.of(Answer.tooManyRequests(),
            Answer.error(502, "bad_gateway", "no"), Answer.error(503, "overloaded", "no"),
            Answer.error(504, "slow", "no"), new Answer.ResetBeforeHead(), new Answer.Garbage(new byte[0]),
            new Answer.Chunked(503, List.of(), List.of(utf8("half "), utf8("a whole")), Duration.ZERO),
            new Answer.CutMidStream(429, List.of(), List.of(utf8("half")), Answer.Framing.CONTENT_LENGTH,
                    Duration.ZERO),
            drips(429), drips(503))
            .map(answer -> Arguments.of(answer.getClass().getSimpleName(), answer)).toList();

    /** Takes minutes. */
    private static Answer drips(int status) {
        return new Answer.Chunked(status, List.of(), Collections.nCopies(500, utf8("drip ")), Duration.ofMillis(400));
    }

    @ParameterizedTest(name = "{index} {0}")
    @Timeout(60)
    @FieldSource("NOT_SERVED")
    void whatTheProviderDoesNotServeIsTriedAgainAndTheClientSeesNoneOfIt(String name, Answer answer)
            throws IOException {
        provider.script(FakeProvider.inOrder(answer, answer, OK));
        var seen = post("/v1/again?x=1", "X-Own", "a", "X-Own", "b", "Content-Type", "text/plain");
        assertThat(seen.status()).isEqualTo(200);
        assertThat(seen.body()).isEqualTo(OK.body());
        assertThat(tries()).hasSize(3).allSatisfy(request -> {
            assertThat(request.target()).isEqualTo("/v1/again?x=1");
            assertThat(request.bodyText()).isEqualTo("{\"prompt\":\"x\"}");
            assertThat(request.headers("X-Own")).containsExactly("a", "b");
            assertThat(request.header("Content-Type")).hasValue("text/plain");
            assertThat(request.header("Authorization")).hasValue("Bearer " + Sidecar.API_KEY);
        });
    }

    @Test
    void everyTryCostsASlotAndIsCounted() throws IOException {
        var granted = sidecar.throttle().snapshot().totalDequeued();
        var counted = status();
        provider.script(FakeProvider.inOrder(Answer.tooManyRequests(), Answer.error(503, "busy", "no"), OK));
        assertThat(post("/v1/counted").status()).isEqualTo(200);
        assertThat(sidecar.throttle().snapshot().totalDequeued() - granted).isEqualTo(3);
        var now = status();
        assertThat(now.at("/retries/total").asInt() - counted.at("/retries/total").asInt()).isEqualTo(2);
        assertThat(now.at("/retries/upstream_429s").asInt() - counted.at("/retries/upstream_429s").asInt())
                .isEqualTo(1);
        assertThat(now.at("/requests/nvidia").asInt() - counted.at("/requests/nvidia").asInt()).isEqualTo(1);
        assertThat(now.at("/requests/ratelimited")).isEqualTo(counted.at("/requests/ratelimited"));
    }

    @Test
    void aProviderThatFailsAndSaysForHowLongIsLeftAloneForSoLong() throws IOException {
        provider.script(FakeProvider.inOrder(
                new Answer.Full(503, Header.list("Retry-After-Ms", "400"), new byte[0]), OK));
        assertThat(post("/v1/later").status()).isEqualTo(200);
        assertThat(Duration.ofNanos(tries().getLast().headNanos() - tries().getFirst().bodyNanos()))
                .isBetween(Duration.ofMillis(400), Duration.ofSeconds(2));
    }

    @Test
    void aRequestThatIsTriedAgainStaysBeforeThoseThatCameLater() throws Exception {
        var go = new CountDownLatch(1);
        provider.script(request -> {
            if (provider.requests().size() - before > 1) {
                return OK;
            }
            pass(go);
            return Answer.tooManyRequests();
        });
        try (var first = WireClient.to(sidecar.port());
                var second = WireClient.to(sidecar.port());
                var high = WireClient.to(sidecar.port())) {
            first.send("POST", "/v1/first", utf8("{}"));
            provider.awaitRequests(before + 1, Duration.ofSeconds(2));
            Limits.close(sidecar, 100);
            second.send("POST", "/v1/second", utf8("{}"));
            await().until(() -> sidecar.throttle().size() == 1);
            high.send("POST", "/v1/high", utf8("{}"), "X-Priority", "high");
            await().until(() -> sidecar.throttle().size() == 2);
            go.countDown();
            // A moment more than the longest jitter.
            await().pollDelay(Duration.ofMillis(150)).until(() -> sidecar.throttle().size() == 3);
            sidecar.throttle().reconfigure(Limits.limit(1, 1)); // forgets the cut that the refusal led to
            sidecar.throttle().reconfigure(Limits.limit(3_000, 1));
            for (var client : List.of(first, second, high)) {
                assertThat(client.read().status()).isEqualTo(200);
            }
        }
        assertThat(tries()).extracting(RecordedRequest::path).containsExactly("/v1/first", "/v1/high", "/v1/first",
                "/v1/second");
    }

    private static void pass(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void thirtyTriesLeaveNothingBehind() throws IOException {
        var refused = Answer.tooManyRequests("Retry-After-Ms", "1");
        provider.script(FakeProvider.inOrder(refused,
                Stream.concat(Collections.nCopies(28, refused).stream(), Stream.of(OK)).toArray(Answer[]::new)));
        assertThat(post("/v1/thirty").status()).isEqualTo(200);
        assertThat(tries()).hasSize(30);
        assertThat(tries()).extracting(RecordedRequest::connectionId).as("answers were read to their end")
                .containsOnly(tries().getFirst().connectionId());
    }

    @Test
    void theClientIsToldHowItStoodInTheLine() throws Exception {
        var alone = post("/v1/alone");
        assertThat(alone.header("X-Sidecar-Queue-Position")).isEqualTo("1");
        assertThat(Long.parseLong(alone.header("X-Sidecar-Queue-Eta-Ms"))).isLessThan(1000);
        Limits.close(sidecar, 100);
        try (var first = WireClient.to(sidecar.port()); var second = WireClient.to(sidecar.port())) {
            first.send("POST", "/v1/first", utf8("{}"));
            await().until(() -> sidecar.throttle().size() == 1);
            second.send("POST", "/v1/second", utf8("{}"));
            await().until(() -> sidecar.throttle().size() == 2);
            Limits.open(sidecar);
            assertThat(first.read().header("X-Sidecar-Queue-Position")).isEqualTo("1");
            var answer = second.read();
            assertThat(answer.header("X-Sidecar-Queue-Position")).isEqualTo("2");
            assertThat(Long.parseLong(answer.header("X-Sidecar-Queue-Eta-Ms"))).isBetween(1000L, 70_000L);
        }
        assertThat(WireClient.exchange(sidecar.port(), "GET", "/v1/models", null).headers())
                .noneMatch(header -> header.name().matches("(?i)X-Sidecar-Queue-(Position|Eta-Ms)"));
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void aCapOnAModelsWorkersIsWaitedOutAndDoesNotTouchTheKeysRate(int status) throws IOException {
        var cap = Answer.error(status, "429", "ResourceExhausted: Worker local total request limit reached (32/32)");
        var pacing = sidecar.throttle().snapshot().retreat().pacing();
        provider.script(FakeProvider.inOrder(cap, cap, OK));
        var model = "busy/model-" + status; // the cap of one that was refused before is only slowly released
        var answer = WireClient.exchange(sidecar.port(), "POST", "/v1/chat/completions",
                utf8("{\"model\":\"" + model + "\"}"), "Content-Type", "application/json");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(tries()).hasSize(3);
        assertThat(sidecar.throttle().snapshot().retreat().pacing()).isEqualTo(pacing);
        assertThat(status().get("capped_models")).map(capped -> capped.get("model").asText()).contains(model);
        assertThat(sidecar.throttle().snapshot().cappedModels())
                .anySatisfy(capped -> assertThat(capped.model()).isEqualTo(model))
                .allSatisfy(capped -> assertThat(capped.inFlight()).isZero());
    }

    // ---- passed on ----

    static final List<Arguments> LAST_ANSWERS = Stream.of(
            new Answer.Full(429, Header.list("Retry-After", "1", "X-RateLimit-Remaining", "0", "Content-Type", "a/b"),
                    utf8("not today"), LONGER),
            new Answer.Full(429, Header.list("Content-Type", "text/plain"), utf8("0123456789".repeat(2_500)), LONGER),
            new Answer.Full(503, Header.list("Retry-After", "7"), utf8("busy"), LONGER),
            new Answer.Full(502, List.of(), new byte[0], LONGER))
            .map(answer -> Arguments.of(answer.status() + ", " + answer.body().length + " bytes", answer)).toList();

    @ParameterizedTest(name = "{0}")
    @FieldSource("LAST_ANSWERS")
    void withoutTimeForAnotherTryTheProvidersAnswerIsPassedOnAsItIs(String name, Answer.Full last)
            throws IOException {
        provider.script(request -> last);
        var seen = post("/v1/last", SHORT);
        assertThat(seen.status()).isEqualTo(last.status());
        assertThat(seen.body()).isEqualTo(last.body());
        assertThat(seen.headers()).containsAll(last.headers());
        assertThat(tries()).hasSize(1);
    }

    @Test
    void anAnswerThatIsRefusedToTheEndComesBeforeTheClientGivesUp() throws IOException {
        var last = Answer.tooManyRequests("Retry-After-Ms", "1");
        provider.script(request -> last);
        for (int i = 0; i < 2; i++) {
            long began = System.nanoTime();
            assertThat(post("/v1/refused", "X-Request-Timeout-Ms", "2500").body()).isEqualTo(last.body());
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Duration.ofMillis(1500),
                    Duration.ofMillis(3000));
        }
        assertThat(tries()).hasSizeGreaterThan(10);
    }

    @Test
    void aChunked429IsPassedOnWhole() throws IOException {
        var chunks = Collections.nCopies(20, utf8("0123456789".repeat(100)));
        provider.script(request -> new Answer.Chunked(429, List.of(), chunks, Duration.ofMillis(30)));
        assertThat(post("/v1/chunked", SHORT).body()).isEqualTo(utf8("0123456789".repeat(2000)));
        assertThat(tries()).hasSize(1);
    }

    @Test
    void a429ThatDripsIsPassedOnWhole() throws IOException {
        var chunks = Collections.nCopies(10, utf8("drip "));
        provider.script(request -> new Answer.Chunked(429, List.of(), chunks, Duration.ofMillis(200)));
        assertThat(post("/v1/drips", SHORT).body()).isEqualTo(utf8("drip ".repeat(10)));
        assertThat(tries()).hasSize(1);
    }

    @Test
    void a429ThatNoWaitingHelpsAgainstIsPassedOnAtOnce() throws IOException {
        provider.script(request -> Answer.error(429, "insufficient_quota", "You exceeded your current quota"));
        var seen = post("/v1/spent");
        assertThat(seen.status()).isEqualTo(429);
        assertThat(seen.text()).contains("insufficient_quota");
        assertThat(tries()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 404, 413, 422, 500, 501, 529})
    void otherErrorsAreTheClientsToSee(int status) throws IOException {
        provider.script(request -> Answer.error(status, "theirs", "their words"));
        assertThat(post("/v1/theirs").status()).isEqualTo(status);
        // Beside that the sidecar may ask for the models, since the key is suspect.
        assertThat(tries()).filteredOn(request -> request.method().equals("POST")).hasSize(1);
    }

    @Test
    void anAnswerThatHasBegunIsNeverTriedAgain() throws IOException {
        for (var framing : Answer.Framing.values()) {
            provider.script(request -> new Answer.CutMidStream(200, List.of(),
                    List.of(utf8("x".repeat(100_000)), utf8("y")), framing, Duration.ZERO));
            assertThatThrownBy(() -> post("/v1/cut")).isInstanceOf(IOException.class);
        }
        provider.script(request -> new Answer.Garbage(utf8("HTTP/1.1 200 OK\r\nhalf a head")));
        assertThat(post("/v1/half-a-head").status()).isEqualTo(502);
        assertThat(tries()).hasSize(Answer.Framing.values().length + 1);
    }

    @Test
    void whatDoesNotCountAgainstTheLimitIsTriedOnce() throws IOException {
        provider.script(request -> Answer.error(503, "busy", "no"));
        assertThat(WireClient.exchange(sidecar.port(), "GET", "/v1/models", null).status()).isEqualTo(503);
        assertThat(tries()).hasSize(1);
    }

    @Test
    void whatWentBesideAFullLineIsTriedOnce() throws IOException {
        provider.script(request -> Answer.tooManyRequests());
        Limits.close(sidecar, 100);
        sidecar.throttle().reconfigure(Limits.queue(Limits.limit(100, 100), 0, true));
        assertThat(post("/v1/beside").status()).isEqualTo(429);
        assertThat(tries()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 700, 1200})
    void aProviderThatStaysDownIsSaidToBeUnreachableBeforeTheDeadline(int patience) throws IOException {
        provider.stop();
        try {
            long began = System.nanoTime();
            var answer = post("/v1/down", "X-Request-Timeout-Ms", Integer.toString(patience));
            assertThat(answer.status()).isEqualTo(502);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(patience + 1000));
        } finally {
            provider.restart();
        }
    }

    // ---- the client ----

    @Test
    void aClientThatLeavesWhileItsNextTryWaitsIsForgottenAtOnce() throws IOException {
        provider.script(request -> new Answer.Full(503, Header.list("Retry-After", "20"), new byte[0]));
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/leaves", utf8("{}"));
            await().until(() -> sidecar.throttle().size() == 1);
            client.reset();
        }
        await().atMost(Duration.ofSeconds(1)).until(() -> sidecar.throttle().size() == 0);
        assertThat(tries()).hasSize(1);
    }

    @Test
    void anSdkThatSaysItRepeatsIsCountedAndWaitsLikeAnyOther() throws IOException {
        var counted = status().at("/retries/sdk_retries").asInt();
        provider.script(request -> OK);
        for (var count : List.of("0", "1", "2", "x", "-1", "")) {
            assertThat(post("/v1/sdk", "X-Stainless-Retry-Count", count).status()).isEqualTo(200);
        }
        assertThat(status().at("/retries/sdk_retries").asInt() - counted).isEqualTo(2);
    }
}
