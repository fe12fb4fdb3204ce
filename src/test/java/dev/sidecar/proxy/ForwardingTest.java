package dev.sidecar.proxy;

import static dev.sidecar.proxy.Bytes.concat;
import static dev.sidecar.proxy.Bytes.gzip;
import static dev.sidecar.proxy.Bytes.json;
import static dev.sidecar.proxy.Bytes.random;
import static dev.sidecar.proxy.Bytes.sha256;
import static dev.sidecar.proxy.Bytes.utf8;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RecordedRequest;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.WireAnswer;
import dev.sidecar.testkit.WireClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the provider sees is what the client sent, and the other way round, but for what section 3 of the contract names. */
@ProgramTest
class ForwardingTest {

    private static final String PREFIX = "/gateway/llm";
    private static final Map<String, Answer> ANSWERS = new ConcurrentHashMap<>();

    private static FakeProvider provider;
    private static Sidecar sidecar;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start(request -> {
            var answer = ANSWERS.get(request.path());
            return answer != null ? answer : echo(request);
        });
        sidecar = Sidecar.inFrontOf(provider.baseUrl() + PREFIX + "/v1/");
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    /** The request's body, under its own type and coding. */
    private static Answer echo(RecordedRequest request) {
        var headers = request.headers().stream()
                .filter(h -> h.name().equalsIgnoreCase("Content-Type") || h.name().equalsIgnoreCase("Content-Encoding"))
                .toList();
        return new Answer.Full(200, headers, request.body());
    }

    private static void answer(String path, Answer answer) {
        ANSWERS.put(PREFIX + path, answer);
    }

    private static Answer.Full answer(int status, String body, String... headers) {
        return new Answer.Full(status, Header.list(headers), utf8(body));
    }

    private static WireAnswer exchange(String method, String target, byte @Nullable [] body, String... headers)
            throws IOException {
        return WireClient.exchange(sidecar.port(), method, target, body, headers);
    }

    /** The only request that the provider saw on this path; tests use a path of their own each. */
    private static RecordedRequest seen(String path) {
        var all = provider.requests().stream().filter(r -> r.path().equals(PREFIX + path)).toList();
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    // ---- bodies ----

    static Stream<Arguments> bodies() {
        var fields = utf8(String.join("\r\n", "--b0undary", "Content-Disposition: form-data; name=\"purpose\"", "",
                "fine-tune", "--b0undary", "Content-Disposition: form-data; name=\"file\"; filename=\"ä b.wav\"",
                "Content-Type: audio/wav", "", ""));
        var upload = concat(fields, random(100_000), utf8("\r\n--b0undary--\r\n"));
        return Stream.of(
                arguments("20 MB of JSON", "POST", "application/json", null, json(20_000_000)),
                arguments("JSON that a parser would write differently", "POST", "application/json; charset=utf-8", null,
                        json(100)),
                arguments("a multipart upload", "POST", "multipart/form-data; boundary=b0undary", null, upload),
                arguments("a form", "POST", "application/x-www-form-urlencoded", null, utf8("a=1&a=2&b=%2F+x&&c")),
                arguments("compressed JSON", "POST", "application/json", "gzip", gzip(json(50_000))),
                arguments("an empty body", "POST", null, null, new byte[0]),
                arguments("an empty JSON body", "POST", "application/json", null, new byte[0]),
                arguments("bytes that are not UTF-8", "POST", "application/octet-stream", null,
                        new byte[]{(byte) 0xc3, 0x28, (byte) 0xff, 0, 13, 10, (byte) 0x80}),
                arguments("bytes without a type", "POST", null, null, random(70_001)),
                arguments("a DELETE with a body", "DELETE", "application/json", null, utf8("{\"ids\":[1]}")),
                arguments("a PUT", "PUT", "audio/mpeg", null, random(200_000)),
                arguments("a PATCH", "PATCH", "application/json", null, utf8("[ ]")),
                arguments("a GET with a body", "GET", "text/plain", null, utf8("odd, but allowed")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bodies")
    void aBodyArrivesByteForByteInBothDirections(String name, String method, @Nullable String type,
            @Nullable String coding, byte[] body) throws IOException {
        var path = "/v1/bodies/" + name.replace(' ', '-');
        var headers = Stream.of("Content-Type", type, "Content-Encoding", coding).toArray(String[]::new);
        var sent = type == null ? new String[0] : coding == null ? new String[]{headers[0], headers[1]} : headers;

        var answer = exchange(method, path, body, sent);

        var request = seen(path);
        assertThat(request.method()).isEqualTo(method);
        assertThat(sha256(request.body())).isEqualTo(sha256(body));
        assertThat(request.header("Content-Length")).hasValue(Integer.toString(body.length));
        assertThat(request.header("Content-Type").orElse(null)).isEqualTo(type);
        assertThat(request.header("Content-Encoding").orElse(null)).isEqualTo(coding);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(sha256(answer.body())).isEqualTo(sha256(body));
        assertThat(answer.headers("Content-Type")).isEqualTo(type == null ? List.of() : List.of(type));
        assertThat(answer.headers("Content-Encoding")).isEqualTo(coding == null ? List.of() : List.of(coding));
        assertThat(answer.header("Content-Length")).isEqualTo(Integer.toString(body.length));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1000, 100_000})
    void aChunkedRequestBodyArrivesWhole(int chunkSize) throws IOException {
        var body = random(chunkSize * 5 + 3);
        var path = "/v1/chunked/" + chunkSize;
        try (var client = WireClient.to(sidecar.port())) {
            client.sendChunked("POST", path, body, chunkSize, "Content-Type", "application/octet-stream");
            assertThat(sha256(client.read().body())).isEqualTo(sha256(body));
        }
        assertThat(sha256(seen(path).body())).isEqualTo(sha256(body));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "DELETE", "OPTIONS", "POST"})
    void aRequestWithoutABodyStaysWithoutOne(String method) throws IOException {
        var path = "/v1/no-body/" + method;
        assertThat(exchange(method, path, null).status()).isEqualTo(200);
        var request = seen(path);
        assertThat(request.method()).isEqualTo(method);
        assertThat(request.body()).isEmpty();
        assertThat(request.headers("Transfer-Encoding")).isEmpty();
        assertThat(request.headers("Content-Length")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND", "QUERY", "M-SEARCH"})
    void anyMethodIsTheProvidersBusiness(String method) throws IOException {
        answer("/v1/methods/" + method, answer(207, "done by " + method));
        var answer = exchange(method, "/v1/methods/" + method, null);
        assertThat(answer.statusLine()).isEqualTo("HTTP/1.1 207 Scripted");
        assertThat(answer.text()).isEqualTo("done by " + method);
        assertThat(seen("/v1/methods/" + method).method()).isEqualTo(method);
    }

    @Test
    void headTellsTheLengthWithoutABodyAndLeavesTheConnectionUsable() throws IOException {
        answer("/v1/head", answer(200, "x".repeat(4321), "Content-Type", "text/plain", "ETag", "\"e\""));
        try (var client = WireClient.to(sidecar.port())) {
            client.send("HEAD", "/v1/head", null);
            var head = client.read();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("Content-Length")).isEqualTo("4321");
            assertThat(head.header("ETag")).isEqualTo("\"e\"");
            client.send("GET", "/v1/after-head", null);
            assertThat(client.read().status()).isEqualTo(200);
        }
        assertThat(seen("/v1/head").method()).isEqualTo("HEAD");
    }

    @Test
    void aCompressedAnswerIsNotUnpacked() throws IOException {
        var zipped = gzip(json(300_000));
        answer("/v1/zipped", new Answer.Full(200,
                Header.list("Content-Type", "application/json", "Content-Encoding", "gzip", "Vary", "Accept-Encoding"),
                zipped));
        var answer = exchange("GET", "/v1/zipped", null, "Accept-Encoding", "gzip, br;q=0.5");
        assertThat(sha256(answer.body())).isEqualTo(sha256(zipped));
        assertThat(answer.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(answer.header("Content-Length")).isEqualTo(Integer.toString(zipped.length));
        assertThat(answer.header("Vary")).isEqualTo("Accept-Encoding");
        assertThat(seen("/v1/zipped").headers("Accept-Encoding")).containsExactly("gzip, br;q=0.5");
    }

    @Test
    void aClientThatAsksBeforeSendingABodyIsToldToGoOn() throws IOException {
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST /v1/expect HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
            // Without a 100 this would wait for an answer that cannot come.
            client.send("body");
            var answer = client.read();
            assertThat(answer.interim()).containsExactly("HTTP/1.1 100 Continue");
            assertThat(answer.text()).isEqualTo("body");
        }
    }

    // ---- the target ----

    @ParameterizedTest
    @ValueSource(strings = {
            "/v1/q1?include[]=a&include[]=b&x=%2F&X-Priority=high&Authorization=x",
            "/v1/q2?CamelHttpUri=http://127.0.0.1:1/&CamelHttpMethod=DELETE&Content-Length=5&Host=evil",
            "/v1/q3?a=%zz&b=%&plus=a+b&c='quoted'|{x}^`&empty=&flag&&=&;d",
            "/v1/q4?",
            "/v1/q5/a%2Fb/c%20d/%C3%A4;v=1//e/?next=/v1/../x&u=http://h/?y",
            "/v1/q6/?${sys.user.home}={{sidecar.api-key}}"})
    void pathAndQueryArriveAsTheyWereWritten(String target) throws IOException {
        var answer = exchange("POST", target, utf8("{}"), "Content-Type", "application/json");

        var request = provider.requests().getLast();
        assertThat(request.target()).isEqualTo(PREFIX + target);
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.headers().stream().map(h -> h.name().toLowerCase(java.util.Locale.ROOT)))
                .containsExactlyInAnyOrder("host", "authorization", "content-type", "content-length");
        assertThat(request.header("Authorization")).hasValue("Bearer " + Sidecar.API_KEY);
        assertThat(answer.header("X-Sidecar-Priority")).isEqualTo("normal");
    }

    @Test
    void aTargetInAbsoluteFormMeansItsPath() throws IOException {
        assertThat(exchange("GET", "http://somewhere.example/v1/absolute?x=1", null).status()).isEqualTo(200);
        assertThat(seen("/v1/absolute").target()).isEqualTo(PREFIX + "/v1/absolute?x=1");
    }

    // ---- request headers ----

    @Test
    void theProviderSeesItsOwnKeyAndNeverTheClients() throws IOException {
        try (var client = WireClient.to(sidecar.port())) {
            client.send("POST", "/v1/key", utf8("x"), "authorization", "Bearer client-secret", "AUTHORIZATION",
                    "Basic client-secret", "Proxy-Authorization", "Basic client-secret", "Connection", "Authorization");
            client.read();
        }
        var request = seen("/v1/key");
        assertThat(request.headers("Authorization")).containsExactly("Bearer " + Sidecar.API_KEY);
        assertThat(request.headers()).noneMatch(h -> h.value().contains("client-secret"));
    }

    @Test
    void theClientNeverSeesTheProvidersKey() throws IOException {
        var answer = exchange("POST", "/v1/secret", utf8("x"));
        assertThat(answer.headers()).noneMatch(h -> h.value().contains(Sidecar.API_KEY));
    }

    @Test
    void nothingIsAddedToARequestThatSaysNothing() throws IOException {
        exchange("GET", "/v1/bare", null);
        var request = seen("/v1/bare");
        assertThat(request.headers().stream().map(Header::name)).containsExactlyInAnyOrder("Host", "Authorization");
        assertThat(request.header("Host")).hasValue("127.0.0.1:" + provider.port());
    }

    @Test
    void repeatedRequestHeadersStaySeparateAndInOrder() throws IOException {
        exchange("GET", "/v1/repeated", null, "X-Many", "one", "X-Other", "between", "x-many", "two, three", "X-MANY",
                "four", "Accept", "a/b", "Accept", "c/d");
        var request = seen("/v1/repeated");
        assertThat(request.headers("X-Many")).containsExactly("one", "two, three", "four");
        assertThat(request.headers("Accept")).containsExactly("a/b", "c/d");
        assertThat(request.headers("X-Other")).containsExactly("between");
    }

    @Test
    void endToEndHeadersArriveWithTheirExactValues() throws IOException {
        exchange("POST", "/v1/values", utf8("x"), "X-Empty", "", "X-Code", "${sys.user.home} {{sidecar.api-key}} %s $1",
                "X-Octets", "caf\u00e9 \u00c3\u00a9 \u00ff", "X-Cookie", "a=1; b=2", "X-Long", "y".repeat(20_000),
                "User-Agent", "probe/1.0 (x)", "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                "X-Stainless-Lang", "python", "Breadcrumb", "kept", "If-None-Match", "\"a\", W/\"b\"");
        var request = seen("/v1/values");
        assertThat(request.header("X-Empty")).hasValue("");
        assertThat(request.header("X-Code")).hasValue("${sys.user.home} {{sidecar.api-key}} %s $1");
        assertThat(request.header("X-Octets")).hasValue("caf\u00e9 \u00c3\u00a9 \u00ff");
        assertThat(request.header("X-Cookie")).hasValue("a=1; b=2");
        assertThat(request.header("X-Long")).hasValue("y".repeat(20_000));
        assertThat(request.header("User-Agent")).hasValue("probe/1.0 (x)");
        assertThat(request.header("Traceparent"))
                .hasValue("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assertThat(request.header("X-Stainless-Lang")).hasValue("python");
        assertThat(request.header("Breadcrumb")).hasValue("kept");
        assertThat(request.header("If-None-Match")).hasValue("\"a\", W/\"b\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Cookie", "cookie", "x-api-key", "X-API-Key", "api-key", "x-goog-api-key",
            "Proxy-Authorization", "Forwarded", "X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Anything",
            "X-Real-IP", "Via"})
    void whatIsBetweenTheClientAndTheSidecarDoesNotReachTheProvider(String name) throws IOException {
        for (var method : List.of("POST", "GET")) {
            var path = "/v1/private/" + method + "/" + name;
            exchange(method, path, null, name, "a secret", name, "another", "X-Kept", "1");
            var request = seen(path);
            assertThat(request.headers(name)).isEmpty();
            assertThat(request.headers("X-Kept")).containsExactly("1");
            assertThat(request.headers("Authorization")).containsExactly("Bearer " + Sidecar.API_KEY);
        }
    }

    @Test
    void whatBelongsToTheHopOrToTheSidecarDoesNotReachTheProvider() throws IOException {
        exchange("POST", "/v1/hop", utf8("x"), "Connection", "keep-alive, X-Listed", "Connection", "x-too", "X-Listed",
                "1", "X-Too", "1", "Keep-Alive", "timeout=5", "TE", "trailers", "Trailer", "X-T", "Upgrade", "h2c",
                "Proxy-Connection", "keep-alive", "X-Priority", "high", "X-Sidecar-Priority", "low", "x-sidecar-secret",
                "1", "CamelHttpUri", "http://127.0.0.1:1/", "camelHttpMethod", "DELETE", "CAMELHTTPPATH", "/evil",
                "CamelHttpQuery", "evil=1", "org.apache.camel.test", "1", "X-Kept", "1");
        var request = seen("/v1/hop");
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.target()).isEqualTo(PREFIX + "/v1/hop");
        assertThat(request.headers().stream().map(h -> h.name().toLowerCase(java.util.Locale.ROOT)))
                .containsExactlyInAnyOrder("host", "authorization", "content-length", "x-kept");
    }

    // ---- priority ----

    @ParameterizedTest
    @CsvSource({"high, high", "HIGH, high", "Low, low", "normal, normal", "urgent, normal", "'', normal"})
    void thePriorityIsWhatTheClientAsksFor(String asked, String given) throws IOException {
        var answer = exchange("POST", "/v1/priority", utf8("x"), "X-Priority", asked, "X-Sidecar-Priority", "low");
        assertThat(answer.header("X-Sidecar-Priority")).isEqualTo(given);
    }

    // ---- answers ----

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 206, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 407, 409, 413,
            418, 422, 429, 451, 499, 500, 501, 502, 503, 504, 529, 599})
    void statusAndReasonPassUntouched(int status) throws IOException {
        var path = "/v1/status/" + status;
        answer(path, answer(status, "said " + status, "Content-Type", "text/plain", "Location",
                sidecar.address() + "/v1/elsewhere", "WWW-Authenticate", "Bearer", "Retry-After", "7"));
        var answer = exchange("GET", path, null);
        assertThat(answer.statusLine()).isEqualTo("HTTP/1.1 " + status + " Scripted");
        assertThat(answer.text()).isEqualTo("said " + status);
        assertThat(answer.header("Location")).isEqualTo(sidecar.address() + "/v1/elsewhere");
        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(answer.header("Retry-After")).isEqualTo("7");
        seen(path);
        assertThat(provider.requests()).noneMatch(r -> r.path().endsWith("/elsewhere"));
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 303, 307, 400, 401, 422, 500})
    void theStatusOfAThrottledRequestPassesUntouchedToo(int status) throws IOException {
        var path = "/v1/throttled-status/" + status;
        answer(path, answer(status, "{\"said\":" + status + "}", "Location", "/v1/elsewhere"));
        var answer = exchange("POST", path, utf8("{}"), "Content-Type", "application/json");
        assertThat(answer.statusLine()).isEqualTo("HTTP/1.1 " + status + " Scripted");
        assertThat(answer.text()).isEqualTo("{\"said\":" + status + "}");
        seen(path);
    }

    @ParameterizedTest
    @CsvSource({"204, GET", "304, GET", "204, POST", "304, HEAD"})
    void anAnswerWithoutABodyEndsWithItsHead(int status, String method) throws IOException {
        var path = "/v1/bodiless/" + status + method;
        answer(path, new Answer.Full(status, status == 304
                ? Header.list("ETag", "\"e\"", "Content-Length", "1234")
                : Header.list("ETag", "\"e\""), new byte[0]));
        try (var client = WireClient.to(sidecar.port())) {
            client.send(method, path, method.equals("POST") ? utf8("x") : null);
            var answer = client.read();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.header("ETag")).isEqualTo("\"e\"");
            assertThat(answer.headers("Transfer-Encoding")).isEmpty();
            assertThat(answer.headers("Content-Length"))
                    .isEqualTo(status == 304 ? List.of("1234") : List.of());
            client.send("GET", "/v1/after", null);
            assertThat(client.read().status()).isEqualTo(200);
        }
    }

    @Test
    void interimAnswersComeBeforeTheFinalOneAndLeaveNothingInIt() throws IOException {
        answer("/v1/hints", new Answer.Informational(103, Header.list("Link", "</s.css>; rel=preload", "X-Hint", "1"),
                new Answer.Informational(102, List.of(), answer(200, "final"))));
        var answer = exchange("GET", "/v1/hints", null);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("final");
        assertThat(answer.headers("X-Hint")).isEmpty();
        assertThat(answer.headers("Link")).isEmpty();
    }

    @Test
    void repeatedAndOddAnswerHeadersPassAsTheyAre() throws IOException {
        answer("/v1/answer-headers", answer(200, "x", "Set-Cookie", "a=1; Path=/", "X-Octets",
                "caf\u00e9 \u00c3\u00a9 \u00ff", "set-cookie", "b=2; Path=/", "X-Empty", "", "X-RateLimit-Remaining",
                "3", "Server", "their server/1", "Date", "Tue, 15 Nov 1994 08:12:31 GMT", "Link", "<a>", "Link", "<b>",
                "X-Long", "z".repeat(30_000)));
        var answer = exchange("GET", "/v1/answer-headers", null);
        assertThat(answer.headers("Set-Cookie")).containsExactly("a=1; Path=/", "b=2; Path=/");
        assertThat(answer.header("X-Octets")).isEqualTo("caf\u00e9 \u00c3\u00a9 \u00ff");
        assertThat(answer.header("X-Empty")).isEmpty();
        assertThat(answer.header("X-RateLimit-Remaining")).isEqualTo("3");
        assertThat(answer.header("Server")).isEqualTo("their server/1");
        assertThat(answer.header("Date")).isEqualTo("Tue, 15 Nov 1994 08:12:31 GMT");
        assertThat(answer.headers("Link")).containsExactly("<a>", "<b>");
        assertThat(answer.header("X-Long")).hasSize(30_000);

        exchange("GET", "/v1/after-cookies", null);
        assertThat(seen("/v1/after-cookies").headers("Cookie")).isEmpty();
    }

    @Test
    void whatBelongsToTheProvidersHopOrToTheSidecarDoesNotReachTheClient() throws IOException {
        answer("/v1/answer-hop", answer(200, "x", "Connection", "X-Listed", "X-Listed", "1", "Keep-Alive", "timeout=9",
                "Proxy-Authenticate", "Basic", "Trailer", "X-T", "Upgrade", "h2c", "X-Sidecar-Provider", "forged",
                "X-Sidecar-Priority", "forged", "X-Sidecar-Own", "1", "CamelHttpResponseCode", "500", "X-Kept", "1"));
        var answer = exchange("GET", "/v1/answer-hop", null);
        assertThat(answer.status()).isEqualTo(200);
        for (var gone : List.of("X-Listed", "Connection", "Keep-Alive", "Proxy-Authenticate", "Trailer", "Upgrade",
                "X-Sidecar-Own", "CamelHttpResponseCode")) {
            assertThat(answer.headers(gone)).as(gone).isEmpty();
        }
        assertThat(answer.header("X-Kept")).isEqualTo("1");
        assertThat(answer.header("X-Sidecar-Provider")).isEqualTo("nvidia");
        assertThat(answer.header("X-Sidecar-Priority")).isEqualTo("normal");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Connection: keep-alive\r\n"})
    void anOldClientGetsAChunkedAnswerWithoutChunks(String header) throws IOException {
        answer("/v1/old",
                new Answer.Chunked(200, List.of(), List.of(utf8("one"), utf8("two")), java.time.Duration.ZERO));
        try (var client = WireClient.to(sidecar.port())) {
            client.send("GET /v1/old HTTP/1.0\r\nHost: h\r\n" + header + "\r\n");
            var head = client.readHead();
            assertThat(head.headers("Transfer-Encoding")).isEmpty();
            assertThat(new String(client.body(head).readAllBytes(), ISO_8859_1)).isEqualTo("onetwo");
        }
    }

    // ---- the sidecar's own headers ----

    @Test
    void everyAnswerSaysWhoGaveItAndHowLongItWaited() throws IOException {
        var answer = exchange("POST", "/v1/own", utf8("x"), "X-Priority", "high");
        assertThat(answer.header("X-Sidecar-Provider")).isEqualTo("nvidia");
        assertThat(answer.header("X-Sidecar-Priority")).isEqualTo("high");
        assertThat(answer.header("X-Sidecar-Queue-Wait-Ms")).matches("\\d{1,4}");
        assertThat(answer.header("X-Request-Id")).matches("[A-Za-z0-9._:/=+-]{8,128}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"my-id-1", "req/2026:11.22_a=b+c", "x"})
    void aSaneRequestIdOfTheClientsIsKept(String id) throws IOException {
        answer("/v1/id/theirs", answer(200, "x", "X-Request-Id", "the-provider-s"));
        assertThat(exchange("POST", "/v1/id/own", utf8("x"), "X-Request-Id", id).header("X-Request-Id")).isEqualTo(id);
        assertThat(exchange("POST", "/v1/id/theirs", utf8("x"), "x-request-id", id).header("X-Request-Id"))
                .isEqualTo(id);
        assertThat(provider.requests().getLast().headers("X-Request-Id")).containsExactly(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"two words", "quote\"", "{\"json\":1}", "<script>", "\u00e9", "%0d%0a", ""})
    void anInsaneRequestIdIsReplaced(String id) throws IOException {
        var own = exchange("POST", "/v1/id/insane", utf8("x"), "X-Request-Id", id).header("X-Request-Id");
        assertThat(own).isNotEqualTo(id).matches("[A-Za-z0-9._:/=+-]{8,128}");
    }

    @Test
    void anEndlessRequestIdIsReplaced() throws IOException {
        assertThat(exchange("GET", "/v1/id/long", null, "X-Request-Id", "i".repeat(129)).header("X-Request-Id"))
                .hasSizeBetween(8, 128);
    }

    @Test
    void aClientWithoutARequestIdGetsTheProviders() throws IOException {
        answer("/v1/id/provider", answer(200, "x", "X-Request-Id", "provider-42"));
        assertThat(exchange("POST", "/v1/id/provider", utf8("x")).header("X-Request-Id")).isEqualTo("provider-42");
    }
}
