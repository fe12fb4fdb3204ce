package dev.sidecar.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.RawClient.Received;
import dev.sidecar.testkit.RecordedRequest;
import dev.sidecar.testkit.Sidecar;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages of every kind, byte by byte: what is refused, and that nothing slips by with what is not. */
@ProgramTest
class WireTest {

    private static final int MAX_BODY = 64 * 1024;
    private static final String CHAT = "POST /v1/chat/completions HTTP/1.1\r\nHost: sidecar\r\n";
    private static final String JSON = "Content-Type: application/json\r\n";
    private static final String GET_HEALTH = "GET /health HTTP/1.1\r\nHost: sidecar\r\n\r\n";

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private RawClient client;
    private int problemsBefore;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.max-body-bytes=" + MAX_BODY);
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        provider.close();
    }

    @BeforeEach
    void connect() {
        provider.script(_ -> Answer.chat("Hello"));
        problemsBefore = provider.problems().size();
        client = RawClient.to(sidecar.port());
    }

    @AfterEach
    void disconnect() {
        client.close();
        var problems = provider.problems();
        assertThat(problems.subList(problemsBefore, problems.size()))
                .as("requests that broke HTTP's rules at the provider").isEmpty();
    }

    // ---- too large ----

    @Test
    void aHeaderBlockOver32KilobytesIsRefused() {
        client.send(CHAT + "X-Long: " + "x".repeat(33 * 1024) + "\r\n\r\n");
        assertLastError(client, 431, "headers_too_large");
    }

    @Test
    void manySmallHeadersOver32KilobytesAreRefusedToo() {
        client.send(CHAT + "X-Many: 0123456789\r\n".repeat(2000) + "\r\n");
        assertLastError(client, 431, "headers_too_large");
    }

    @Test
    void aRequestLineOver16KilobytesIsRefused() {
        client.send("GET /v1/models?q=" + "x".repeat(17 * 1024) + " HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        assertLastError(client, 414, "uri_too_long");
    }

    @Test
    void headersAndARequestLineJustBelowTheLimitsPass() {
        var tag = tag();
        client.send(
                "GET /v1/models?tag=" + tag + "&q=" + "x".repeat(15 * 1024) + " HTTP/1.1\r\nHost: sidecar\r\nX-Long: "
                        + "y".repeat(30 * 1024) + "\r\n\r\n");
        assertThat(client.receive().status()).isEqualTo(200);
        var request = requestsTagged(tag).getFirst();
        assertThat(request.header("X-Long").orElseThrow()).hasSize(30 * 1024);
        assertThat(request.target()).hasSizeGreaterThan(15 * 1024);
    }

    @Test
    void aBodyThatAnnouncesTooMuchIsRefusedBeforeItIsRead() {
        client.send(CHAT + JSON + "Content-Length: " + (MAX_BODY + 1) + "\r\n\r\n");
        assertLastError(client, 413, "body_too_large");
    }

    @Test
    void aBodyOfASizeBeyondEveryNumberIsRefused() {
        client.send(CHAT + JSON + "Content-Length: 99999999999999999999\r\n\r\n");
        assertThat(client.receive().status()).isIn(400, 413);
        assertThat(client.closesWithin(Duration.ofSeconds(5))).isTrue();
    }

    @Test
    void aChunkedBodyIsRefusedAsSoonAsItHasGrownTooLarge() {
        client.send(CHAT + JSON + "Transfer-Encoding: chunked\r\n\r\n");
        var chunk = "1000\r\n" + "x".repeat(0x1000) + "\r\n";
        client.send(chunk.repeat(MAX_BODY / 0x1000 + 1)); // one chunk too many, and no end
        assertLastError(client, 413, "body_too_large");
    }

    @Test
    void aClientThatSendsItsWholeOversizedBodyBeforeItReadsCanStillReadWhyItWasRefused() {
        client.send(CHAT + JSON + "Content-Length: 8000000\r\n\r\n").send("x".repeat(8_000_000));
        assertLastError(client, 413, "body_too_large");
    }

    @Test
    void aBodyOfExactlyTheLimitPassesHoweverItIsFramed() {
        var tag = tag();
        client.send(chat(tag, "Content-Length: " + MAX_BODY + "\r\n", "x".repeat(MAX_BODY)));
        assertThat(client.receive().status()).isEqualTo(200);
        client.send(chat(tag, "Transfer-Encoding: chunked\r\n",
                Integer.toHexString(MAX_BODY) + "\r\n" + "x".repeat(MAX_BODY) + "\r\n0\r\n\r\n"));
        assertThat(client.receive().status()).isEqualTo(200);
        assertThat(requestsTagged(tag)).extracting(request -> request.body().length).containsExactly(MAX_BODY,
                MAX_BODY);
    }

    // ---- Expect ----

    @Test
    void aClientThatAsksFirstIsToldToContinueAndTheQuestionIsNotForwarded() {
        var tag = tag();
        client.send(chat(tag, "Content-Length: 4\r\nExpect: 100-continue\r\n", ""));
        assertThat(client.receive().status()).isEqualTo(100);
        client.send("body");
        assertThat(client.receive().status()).isEqualTo(200);
        assertThat(requestsTagged(tag)).singleElement().satisfies(request -> {
            assertThat(request.bodyText()).isEqualTo("body");
            assertThat(request.headers("Expect")).isEmpty();
        });
    }

    @Test
    void aClientOfHttp1Dot0ThatAsksFirstGetsNoInterimAnswer() { // RFC 9110 §15.2 and §10.1.1
        var tag = tag();
        client.send("POST /v1/audio/speech?tag=" + tag
                + " HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n").send("body");
        assertThat(client.receiveAll()).singleElement()
                .satisfies(answer -> assertThat(answer.status()).isEqualTo(200));
        assertThat(requestsTagged(tag)).singleElement()
                .satisfies(request -> assertThat(request.bodyText()).isEqualTo("body"));
    }

    @Test
    void aClientThatAsksFirstAboutTooLargeABodyIsRefusedWithoutAContinue() {
        client.send(CHAT + JSON + "Content-Length: " + (MAX_BODY + 1) + "\r\nExpect: 100-continue\r\n\r\n");
        assertLastError(client, 413, "body_too_large");
    }

    // ---- other protocols ----

    @Test
    void anUpgradeToHttp2IsIgnoredAndNotForwarded() {
        var tag = tag();
        client.send(
                "GET /v1/models?tag=" + tag + " HTTP/1.1\r\nHost: sidecar\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                        + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n");
        assertThat(client.receive().status()).isEqualTo(200);
        assertThat(requestsTagged(tag)).singleElement().satisfies(request -> {
            assertThat(request.headers("Upgrade")).isEmpty();
            assertThat(request.headers("HTTP2-Settings")).isEmpty();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"websocket", "WebSocket", "h2c, websocket", "tcp", "connect-ip"})
    void anUpgradeThatOnlyAnotherProtocolWouldDoForIsRefusedInSoManyWords(String protocols) {
        var tag = tag();
        client.send("GET /v1/realtime?tag=" + tag + " HTTP/1.1\r\nHost: sidecar\r\nConnection: keep-alive, Upgrade\r\n"
                + "Upgrade: " + protocols
                + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        assertLastError(client, 501, "upgrade_not_supported");
        assertThat(requestsTagged(tag)).isEmpty();
    }

    @ParameterizedTest // RFC 9110 §7.8: a server may ignore the field, and must without the connection option or in 1.0
    @ValueSource(strings = {"HTTP/1.1\r\nHost: sidecar\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2",
            "HTTP/1.1\r\nHost: sidecar\r\nConnection: Upgrade\r\nUpgrade: HTTP/2.0",
            "HTTP/1.1\r\nHost: sidecar\r\nConnection: Upgrade\r\nUpgrade: h2,h2c",
            "HTTP/1.1\r\nHost: sidecar\r\nConnection: Upgrade",
            "HTTP/1.1\r\nHost: sidecar\r\nUpgrade: websocket",
            "HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket"})
    void anUpgradeThatIsAnOfferOnlyIsIgnoredAndNotForwarded(String versionAndFields) {
        var tag = tag();
        client.send("GET /v1/models?tag=" + tag + " " + versionAndFields + "\r\n\r\n");
        assertThat(client.receive().status()).isEqualTo(200);
        assertThat(requestsTagged(tag)).singleElement()
                .satisfies(request -> assertThat(request.headers("Upgrade")).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /v1/models HTTP/2.0\r\nHost: sidecar\r\n\r\n",
            "GET /v1/models HTTP/3.1\r\nHost: sidecar\r\n\r\n", "GET /v1/models HTTP/0.9\r\nHost: sidecar\r\n\r\n"})
    void otherMajorVersionsOfHttpAreRefused(String message) { // RFC 9110 §15.6.6
        var before = provider.requests().size();
        client.send(message);
        assertLastError(client, 505, "http_version_not_supported");
        assertThat(provider.requests()).hasSize(before);
    }

    @ParameterizedTest // RFC 9112 §2.3: case-sensitive, one digit, a dot, one digit
    @ValueSource(strings = {"HTTP/01.1", "HTTP/1.01", "HTTP/1.10", "http/1.1", "Http/1.1", "HTTP/1", "HTTP/1.",
            "HTTP/11",
            "HTTP/.1", "HTTP/1.x", "HTTP/1,1", "HTTPS/1.1", "HTTP-1.1", "ICAP/1.0", "HTTP/1.1/"})
    void aVersionThatIsNoneIsRefused(String version) {
        var before = provider.requests().size();
        client.send("GET /v1/models " + version + "\r\nHost: sidecar\r\n\r\n");
        assertLastError(client, 400, "bad_request");
        assertThat(provider.requests()).hasSize(before);
    }

    @Test
    void aHigherMinorVersionIsAnsweredAs1Dot1Is() { // RFC 9110 §2.5 and §6.2
        var tag = tag();
        client.send("GET /v1/models?tag=" + tag + " HTTP/1.2\r\nHost: sidecar\r\n\r\n" + GET_HEALTH);
        assertThat(client.receive()).satisfies(answer -> {
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.version()).isEqualTo("HTTP/1.1");
        });
        assertThat(client.receive().text()).contains("\"ok\"");
        assertThat(requestsTagged(tag)).hasSize(1);
    }

    @Test
    void theRulesOf1Dot1HoldForAHigherMinorVersion() {
        client.send("GET /v1/models HTTP/1.9\r\n\r\n");
        assertLastError(client, 400, "bad_request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n",
            "hello\r\n\r\n",
            "GET\r\n\r\n", "GET /v1/models\r\n\r\n", "GET  /v1/models  HTTP/1.1 x\r\nHost: sidecar\r\n\r\n",
            "G\u0000T /v1/models HTTP/1.1\r\nHost: sidecar\r\n\r\n"})
    void whatIsNotHttpIsRefused(String message) {
        client.send(message);
        assertLastError(client, 400, "bad_request");
    }

    @ParameterizedTest
    @ValueSource(strings = {"CONNECT provider.example:443", "TRACE /v1/models", "TRACE /health"})
    void connectAndTraceAreRefused(String methodAndTarget) {
        client.send(methodAndTarget + " HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        assertLastError(client, 405, "method_not_allowed");
    }

    // ---- Host ----

    @ParameterizedTest
    @ValueSource(strings = {"", "Host: a\r\nHost: b\r\n", "Host: a\r\nHost: a\r\n", "Host:\r\n", "Host:   \r\n"})
    void aRequestWithoutExactlyOneHostIsRefused(String hosts) {
        client.send("GET /v1/models HTTP/1.1\r\n" + hosts + "\r\n");
        assertLastError(client, 400, "bad_request");
    }

    // ---- messages that two parsers could read differently ----

    static Stream<Arguments> ambiguousMessages() {
        return Stream.of(
                Arguments.of("both framings", "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nX"),
                Arguments.of("both framings, reversed", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                        "0\r\n\r\n"),
                Arguments.of("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n", "hello"),
                Arguments.of("the same length twice", "Content-Length: 5\r\nContent-Length: 5\r\n", "hello"),
                Arguments.of("a list of lengths", "Content-Length: 5, 5\r\n", "hello"),
                Arguments.of("a list of different lengths", "Content-Length: 5, 6\r\n", "hello"),
                Arguments.of("a negative length", "Content-Length: -5\r\n", "hello"),
                Arguments.of("a length with a sign", "Content-Length: +5\r\n", "hello"),
                Arguments.of("a hexadecimal length", "Content-Length: 0x5\r\n", "hello"),
                Arguments.of("a length with a space in it", "Content-Length: 5 0\r\n", "hello"),
                Arguments.of("an empty length", "Content-Length: \r\n", "hello"),
                Arguments.of("no transfer coding known", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
                Arguments.of("chunked not last", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
                Arguments.of("two codings", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
                Arguments.of("chunked twice", "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
                Arguments.of("two fields of codings",
                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"),
                Arguments.of("identity", "Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello"),
                Arguments.of("a quoted coding", "Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
                Arguments.of("a vertical tab before the coding", "Transfer-Encoding: \u000bchunked\r\n", "0\r\n\r\n"),
                Arguments.of("an empty coding", "Transfer-Encoding: \r\n", "0\r\n\r\n"),
                Arguments.of("a space before the colon", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
                Arguments.of("a tab before the colon", "Content-Length\t: 5\r\n", "hello"),
                Arguments.of("a field folded into Host", " Content-Length: 5\r\n", "hello"),
                Arguments.of("a bare line feed in a field", "X-Odd: a\nContent-Length: 5\r\n", "hello"),
                Arguments.of("a bare carriage return in a field", "X-Odd: a\rContent-Length: 5\r\n", "hello"),
                Arguments.of("a null in a field", "X-Odd: a\u0000b\r\nContent-Length: 5\r\n", "hello"),
                Arguments.of("a null in a name", "X-O\u0000dd: a\r\nContent-Length: 5\r\n", "hello"),
                Arguments.of("a field without a colon", "Nonsense\r\nContent-Length: 5\r\n", "hello"),
                Arguments.of("a field without a name", ": nothing\r\nContent-Length: 5\r\n", "hello"),
                Arguments.of("a chunk size beyond every number", "Transfer-Encoding: chunked\r\n",
                        "100000000000000005\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("a chunk size beyond an int", "Transfer-Encoding: chunked\r\n",
                        "100000005\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("a negative chunk size", "Transfer-Encoding: chunked\r\n", "-5\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("a chunk size with a sign", "Transfer-Encoding: chunked\r\n", "+5\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("a chunk size with a prefix", "Transfer-Encoding: chunked\r\n",
                        "0x5\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("a chunk size that is no number", "Transfer-Encoding: chunked\r\n",
                        "five\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("a chunk longer than its size", "Transfer-Encoding: chunked\r\n",
                        "5\r\nhello!!\r\n0\r\n\r\n"),
                Arguments.of("a bare line feed after a chunk size", "Transfer-Encoding: chunked\r\n",
                        "5\nhello\r\n0\r\n\r\n"),
                Arguments.of("a bare line feed in a chunk extension", "Transfer-Encoding: chunked\r\n",
                        "5;a\nb\r\nhello\r\n0\r\n\r\n"),
                Arguments.of("a bare line feed after a chunk", "Transfer-Encoding: chunked\r\n",
                        "5\r\nhello\n0\r\n\r\n"),
                Arguments.of("two letters instead of a line end after a chunk", "Transfer-Encoding: chunked\r\n",
                        "5\r\nhelloXX0\r\n\r\n"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ambiguousMessages")
    void aMessageWithTwoMeaningsIsRefusedAndHidesNoSecondOne(String what, String framing, String body) {
        var tag = tag();
        client.send(chat(tag, framing, body) + "GET /v1/hidden?tag=" + tag + " HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        var answers = client.receiveAll();
        assertThat(answers).as(what).hasSizeLessThanOrEqualTo(1);
        answers.forEach(answer -> assertError(answer, 400, "bad_request"));
        provider.awaitIdle(Duration.ofSeconds(5));
        assertThat(requestsTagged(tag)).as(what).isEmpty();
    }

    @Test
    void aFoldedFieldReachesTheProviderAsOneLine() { // RFC 9112 §5.2: either this, or refuse
        var tag = tag();
        client.send(chat(tag, "X-Folded: a\r\n Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n",
                "0\r\n\r\n"));
        assertThat(client.receive().status()).isEqualTo(200);
        assertThat(requestsTagged(tag)).singleElement().satisfies(request -> {
            assertThat(request.header("X-Folded")).contains("a Content-Length: 5");
            assertThat(request.body()).isEmpty();
        });
    }

    @Test
    void theFieldsOfAChunkExtensionAndOfATrailerStayOutOfTheRequest() {
        var tag = tag();
        client.send(chat(tag, "Transfer-Encoding: chunked\r\n",
                "5;name=value\r\nhello\r\n0\r\nX-Trailer: 1\r\nAuthorization: Bearer x\r\n\r\n"));
        assertThat(client.receive().status()).isEqualTo(200);
        assertThat(requestsTagged(tag)).singleElement().satisfies(request -> {
            assertThat(request.bodyText()).isEqualTo("hello");
            assertThat(request.headers("X-Trailer")).isEmpty();
            assertThat(request.headers("Authorization")).containsExactly("Bearer " + Sidecar.API_KEY);
        });
    }

    @ParameterizedTest // RFC 9112 §7.1.1
    @ValueSource(strings = {"5;", "5; ", "5;;", "5;a;", "5;;a", "5;=x", "5; =x", "5;a b", "5;a=", "5;a=;b", "5;a=b c",
            "5;a=\"b",
            "5;a=\"b\"c", "5;a=(", "5;(", "5;a\u0000", "5 6"})
    void aChunkExtensionThatIsNoneIsRefused(String sizeLine) {
        var tag = tag();
        var hidden = "GET /v1/hidden?tag=" + tag + " HTTP/1.1\r\nHost: sidecar\r\n\r\n";
        client.send(chat(tag, "Transfer-Encoding: chunked\r\n", sizeLine + "\r\nhello\r\n0\r\n\r\n" + hidden));
        assertLastError(client, 400, "bad_request");
        provider.awaitIdle(Duration.ofSeconds(5));
        assertThat(requestsTagged(tag)).isEmpty();
    }

    @Test
    void aChunkExtensionThatIsNoneIsRefusedInALaterChunkAndInTheLastOneToo() {
        var tag = tag();
        for (var body : List.of("5;a=b\r\nhello\r\n6;\r\n world\r\n0\r\n\r\n", "5\r\nhello\r\n0;\r\n\r\n",
                "5\r\nhello\r\n00;=\r\n\r\n")) {
            for (var step : List.of(1, 4, 1000)) {
                try (var another = RawClient.to(sidecar.port())) {
                    another.send("POST /v1/audio/speech?tag=" + tag
                            + " HTTP/1.1\r\nHost: sidecar\r\nTransfer-Encoding: chunked\r\n\r\n");
                    for (int i = 0; i < body.length(); i += step) {
                        another.send(body.substring(i, Math.min(body.length(), i + step)));
                    }
                    assertLastError(another, 400, "bad_request");
                }
            }
        }
        assertThat(requestsTagged(tag)).isEmpty();
    }

    @Test
    void chunkExtensionsOfEveryFormAreReadOverHoweverTheyArrive() {
        var tag = tag();
        var body = "5;name=value\r\nhello\r\n1 ; a\r\n \r\n0006;a;b=\"c;\\\"\r\td\";e = f\r\nworlds\r\n"
                .replace("\\\"\r", "\\\"")
                + "00;last\r\nX-Trailer: 1;\r\n\r\n";
        for (var step : List.of(1, 3, 7, 1000)) {
            client.send("POST /v1/audio/speech?tag=" + tag
                    + " HTTP/1.1\r\nHost: sidecar\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < body.length(); i += step) {
                client.send(body.substring(i, Math.min(body.length(), i + step)));
            }
            assertThat(client.receive().status()).isEqualTo(200);
        }
        assertThat(requestsTagged(tag)).extracting(RecordedRequest::bodyText).hasSize(4).containsOnly("hello worlds");
    }

    @Test
    void whatLooksLikeAChunkExtensionInsideAChunkIsContent() {
        var tag = tag();
        client.send(chat(tag, "Transfer-Encoding: chunked\r\n", "8\r\n\r\n5;\r\n5;\r\n0\r\n\r\n")
                + chat(tag, "Content-Length: 4\r\n", "5;\r\n"));
        assertThat(client.receive().status()).isEqualTo(200);
        assertThat(client.receive().status()).isEqualTo(200);
        assertThat(requestsTagged(tag)).extracting(RecordedRequest::bodyText).containsExactly("\r\n5;\r\n5;", "5;\r\n");
    }

    // ---- connections ----

    @Test
    void requestsSentInOneGoAreAnsweredInOrder() {
        var tag = tag();
        provider.script(request -> {
            if (request.bodyText().equals("first")) {
                // Were both sent to the provider at once, the second would be ready first.
                return Answer.chat("first").after(Duration.ofMillis(200));
            }
            return Answer.chat(request.bodyText());
        });
        client.send(chat(tag, "Content-Length: 5\r\n", "first") + chat(tag, "Content-Length: 6\r\n", "second")
                + GET_HEALTH);
        assertThat(client.receive().text()).contains("\"first\"");
        assertThat(client.receive().text()).contains("\"second\"");
        assertThat(client.receive().text()).contains("\"ok\"");
    }

    @Test
    void aConnectionIsUsedAgainAfterAnErrorThatLeftNoDoubtWhereTheNextRequestBegins() {
        client.send(CHAT + JSON + "Content-Length: 1\r\n\r\n{");
        assertError(client.receive(), 400, "invalid_json");
        client.send("GET /nothing HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        assertError(client.receive(), 404, "not_found");
        client.send("POST /health HTTP/1.1\r\nHost: sidecar\r\nContent-Length: 5\r\n\r\nhello");
        assertError(client.receive(), 405, "method_not_allowed");
        client.send(GET_HEALTH);
        assertThat(client.receive().status()).isEqualTo(200);
    }

    @Test
    void aConnectionThatShallCloseAfterTheAnswerDoes() {
        client.send("GET /health HTTP/1.1\r\nHost: sidecar\r\nConnection: close\r\n\r\n" + GET_HEALTH);
        assertThat(client.receiveAll()).singleElement()
                .satisfies(answer -> assertThat(answer.status()).isEqualTo(200));
    }

    @Test
    void aHeadRequestGetsTheHeadAlone() {
        client.send("HEAD /health HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        assertThat(client.receiveHead().status()).isEqualTo(200);
        client.send(GET_HEALTH);
        assertThat(client.receive().text()).contains("\"ok\"");
    }

    // ---- HTTP/1.0 ----

    @Test
    void aClientOfHttp1Dot0GetsAnAnswerWithoutAHost() {
        client.send("GET /health HTTP/1.0\r\n\r\n");
        assertThat(client.receiveAll()).singleElement().satisfies(answer -> {
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Transfer-Encoding")).isEmpty();
            assertThat(answer.text()).contains("\"ok\"");
        });
    }

    @Test
    void aClientOfHttp1Dot0GetsAStreamThatEndsWithTheConnection() {
        provider.script(_ -> Answer.chatStream(List.of("one", "two"), Duration.ofMillis(10)));
        client.send("POST /v1/chat/completions HTTP/1.0\r\n" + JSON + "Content-Length: 2\r\n\r\n{}");
        assertThat(client.receiveAll()).singleElement().satisfies(answer -> {
            assertThat(answer.endedByClose()).isTrue();
            assertThat(answer.header("Transfer-Encoding")).isEmpty();
            assertThat(answer.text()).startsWith("data: ").contains("one", "two").endsWith("data: [DONE]\n\n");
        });
    }

    @Test
    void aClientOfHttp1Dot0ThatKeepsItsConnectionGetsAStreamThatEndsWithItToo() {
        provider.script(_ -> Answer.chatStream(List.of("one", "two"), Duration.ofMillis(10)));
        client.send("POST /v1/chat/completions HTTP/1.0\r\nConnection: keep-alive\r\n" + JSON
                + "Content-Length: 2\r\n\r\n{}");
        assertThat(client.receiveAll()).singleElement().satisfies(answer -> {
            assertThat(answer.header("Connection")).isEqualTo("close");
            assertThat(answer.text()).endsWith("data: [DONE]\n\n");
        });
    }

    // ---- targets ----

    @Test
    void aTargetInAbsoluteFormReachesTheProviderAsAPath() {
        var tag = tag();
        client.send("GET http://sidecar.example/v1/models?tag=" + tag + "&x=%20 HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        assertThat(client.receive().status()).isEqualTo(200);
        assertThat(requestsTagged(tag)).extracting(RecordedRequest::target)
                .containsExactly("/v1/models?tag=" + tag + "&x=%20");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "//v1/x", "///v1/x", "/v1//../x", "/v1/../x", "/v1/../health", "/health/../v1/x",
            "/v1/./x", "/v1/%2e%2e/x", "/v1/%2E%2E/x", "/v1/.%2e/x", "/v1/..", "/V1/x", "/v1x", "/v2/x", "/nothing",
            "/health/", "/health/nothing", "/HEALTH", "/status.json", "/api", "/api/nothing", "/favicon.ico",
            "http://sidecar/nothing", "http://sidecar", "v1/models", "*"})
    void whatIsNotBelowV1IsNotFoundAndNotForwarded(String path) {
        var before = provider.requests().size();
        client.send("POST " + path + " HTTP/1.1\r\nHost: sidecar\r\nContent-Length: 0\r\n\r\n");
        var answer = client.receive();
        assertThat(answer.status()).isIn(400, 404, 405);
        assertError(answer, answer.status(), null);
        assertThat(provider.requests()).hasSize(before);
    }

    @ParameterizedTest // RFC 9112 §3.2: an invalid request line
    @ValueSource(strings = {"/v1/mod\u0000els", "/v1/models?a=\u0000", "/\u0000", "\u0000", "/v1/models\u0001",
            "/v1/a\u001fb",
            "/v1/models\u007f", "v1/models", "models"})
    void aTargetThatIsNoneIsRefused(String target) {
        var before = provider.requests().size();
        client.send("GET " + target + " HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        assertLastError(client, 400, "bad_request");
        assertThat(provider.requests()).hasSize(before);
    }

    @Test
    void optionsForTheServerAsAWholeIsAnsweredWithTheMethodsThereAre() { // RFC 9110 §9.3.7
        client.send("OPTIONS * HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        var answer = client.receive();
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("Allow")).contains("GET", "POST", "OPTIONS");
        assertThat(answer.header("X-Request-Id")).isNotEmpty();
        client.send(GET_HEALTH);
        assertThat(client.receive().status()).isEqualTo(200);
    }

    @ParameterizedTest // RFC 9112 §3.2.4: only OPTIONS has this form
    @ValueSource(strings = {"GET", "HEAD", "POST", "DELETE", "FOO"})
    void theServerAsAWholeIsNoTargetOfAnotherMethod(String method) {
        client.send(method + " * HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        if (method.equals("HEAD")) {
            assertThat(client.receiveHead().status()).isEqualTo(400);
        } else {
            assertLastError(client, 400, "bad_request");
        }
    }

    @Test
    void v1WithoutAnythingBelowItIsNotFound() {
        client.send("GET /v1 HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        var answer = client.receive();
        assertThat(answer.status()).isEqualTo(404);
        assertError(answer, 404, "not_found");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/health/ready", "/status", "/api/dashboard"})
    void aWrongMethodOnAPathOfTheSidecarsOwnIsToldTheRightOnes(String path) {
        for (var method : List.of("POST", "PUT", "DELETE", "PATCH")) {
            client.send(method + " " + path + " HTTP/1.1\r\nHost: sidecar\r\nContent-Length: 0\r\n\r\n");
            var answer = client.receive();
            assertError(answer, 405, "method_not_allowed");
            assertThat(answer.header("Allow")).contains("GET").contains("HEAD");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%zz", "a=%", "a=%f", "a=%00", "a=%ff", "%ff=1", "a=b=c&&&=",
            "include[]=a&include[]=b",
            "a={x}|\"<>^`\\", "q=a+b%2Bc", "?", "/../", "a=\u00e4"})
    void aQueryIsPassedOnAsItIsHoweverOdd(String query) {
        var tag = tag();
        for (var method : List.of("GET", "POST")) {
            client.send(method + " /v1/models?tag=" + tag + "&" + query
                    + " HTTP/1.1\r\nHost: sidecar\r\nContent-Length: 0\r\n\r\n");
            assertThat(client.receive().status()).isEqualTo(200);
        }
        assertThat(requestsTagged(tag)).hasSize(2)
                .allSatisfy(request -> assertThat(request.target()).isEqualTo("/v1/models?tag=" + tag + "&" + query));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/files/a%2Fb", "/v1/models/%zz", "/v1/a%20b", "/v1/a%", "/v1/..a/b..", "/v1/a//b",
            "/v1/a;x=1/b", "/v1/a%00b", "/v1/org:model@1,2"})
    void aPathBelowV1IsPassedOnAsItIsOrRefusedInSoManyWords(String path) {
        var tag = tag();
        client.send("GET " + path + "?tag=" + tag + " HTTP/1.1\r\nHost: sidecar\r\n\r\n");
        var answer = client.receive();
        if (answer.status() == 200) {
            assertThat(requestsTagged(tag)).singleElement()
                    .satisfies(request -> assertThat(request.path()).isEqualTo(path));
        } else {
            assertError(answer, 400, "bad_request");
            assertThat(requestsTagged(tag)).isEmpty();
        }
    }

    // ---- error answers ----

    @Test
    void anErrorCarriesTheClientsOwnRequestIdIfItIsSane() {
        client.send("GET /nothing HTTP/1.1\r\nHost: sidecar\r\nX-Request-Id: mine-1\r\n\r\n");
        assertThat(client.receive().header("X-Request-Id")).isEqualTo("mine-1");
        client.send("GET /nothing HTTP/1.1\r\nHost: sidecar\r\nX-Request-Id: <script>\r\n\r\n");
        assertThat(client.receive().header("X-Request-Id")).isNotEmpty().doesNotContain("script");
    }

    // ---- helpers ----

    private static String tag() {
        return UUID.randomUUID().toString();
    }

    /** A request that the provider can be asked about. */
    private static String chat(String tag, String framing, String body) {
        return "POST /v1/audio/speech?tag=" + tag + " HTTP/1.1\r\nHost: sidecar\r\n" + framing + "\r\n" + body;
    }

    private static List<RecordedRequest> requestsTagged(String tag) {
        return provider.requests().stream().filter(request -> request.target().contains(tag)).toList();
    }

    /** The error, and nothing after it but the end of the connection. */
    private static void assertLastError(RawClient client, int status, String code) {
        assertThat(client.receiveAll()).singleElement().satisfies(answer -> {
            assertError(answer, status, code);
            assertThat(answer.header("Connection")).isEqualTo("close");
        });
    }

    private static void assertError(Received answer, int status, @Nullable String code) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.version()).startsWith("HTTP/1.");
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.header("X-Request-Id")).isNotEmpty();
        assertThat(answer.headers()).extracting(Header::name).doesNotContain("Server");
        assertThat(answer.text()).doesNotContain("Exception", "at dev.", "at io.", "<html");
        try {
            var error = new JsonMapper().readTree(answer.text()).get("error");
            assertThat(error.get("message").asText()).isNotEmpty();
            assertThat(error.get("type").asText()).isEqualTo("invalid_request_error");
            assertThat(error.has("param")).isTrue();
            assertThat(error.get("code").asText()).isNotEmpty();
            if (code != null) {
                assertThat(error.get("code").asText()).isEqualTo(code);
            }
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + answer, e);
        }
    }
}
