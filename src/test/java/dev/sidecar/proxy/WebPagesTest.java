package dev.sidecar.proxy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.RawClient.Received;
import dev.sidecar.testkit.Sidecar;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What reaches the provider of what browsers send on behalf of web pages, octet by octet. */
@ProgramTest
class WebPagesTest {

    private static final String APP = "https://app.example";
    private static final String EVIL = "http://evil.example";

    private static FakeProvider provider;
    private static Sidecar sidecar;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start(request -> switch (request.path()) {
            case "/v1/open" -> new Answer.Full(200, Header.list("Access-Control-Allow-Origin", "*",
                    "Access-Control-Allow-Credentials", "true", "access-control-expose-headers", "x-theirs", "X-Theirs",
                    "1", "Vary", "Accept-Encoding"), "{}".getBytes(US_ASCII));
            case "/v1/busy" -> Answer.tooManyRequests("Retry-After", "3000");
            default -> Answer.chat("Hello");
        });
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.allowed-hosts=sidecar.example",
                "sidecar.allowed-origins=" + APP + ",http://Tools.example:8080", "sidecar.max-body-bytes=1024");
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        provider.close();
    }

    private static Received ask(String method, String path, String... fields) {
        return ask(sidecar, method, path, fields);
    }

    private static Received ask(Sidecar asked, String method, String path, String... fields) {
        var head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
        if (Stream.of(fields).noneMatch(field -> field.startsWith("Host:"))) {
            head.append("Host: 127.0.0.1:").append(asked.port()).append("\r\n");
        }
        for (var field : fields) {
            head.append(field).append("\r\n");
        }
        var body = List.of("POST", "PUT", "PATCH").contains(method) ? "{}" : "";
        if (!body.isEmpty()) {
            head.append("Content-Type: application/json\r\nContent-Length: 2\r\n");
        }
        try (var client = RawClient.to(asked.port()).send(head + "\r\n" + body)) {
            return method.equals("HEAD") ? client.receiveHead() : client.receive();
        }
    }

    private static void refused(Received answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(403);
        assertThat(answer.headers())
                .noneMatch(field -> field.name().toLowerCase(Locale.ROOT).startsWith("access-control-"));
        assertThat(answer.header("X-Request-Id")).isNotEmpty();
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    }

    private static int reached() {
        return provider.requests().size();
    }

    // ---- who may not ----

    @ParameterizedTest
    @ValueSource(strings = {"POST", "GET", "HEAD", "DELETE", "PUT", "PATCH", "OPTIONS", "post", "QUERY"})
    void noMethodOfAnotherSitesPageReachesTheProvider(String method) {
        var before = reached();
        refused(ask(method, "/v1/chat/completions", "Origin: " + EVIL, "Sec-Fetch-Site: cross-site"));
        refused(ask(method, "/v1/chat/completions", "Origin: " + EVIL));
        refused(ask(method, "/v1/chat/completions", "Sec-Fetch-Site: cross-site"));
        assertThat(reached()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "http://127.0.0.1.evil.example", "http://localhost.evil.example",
            "https://app.example.evil.example",
            "https://app.example:444", "http://app.example", "https://user@app.example", "http://evil.localhost",
            "http://0.0.0.0:3000",
            "http://[::2]", "http://192.0.2.7", "file://", "", "http://localhost/", "chrome-extension://abcdef",
            "http://1270.0.1", "https://app.example, https://app.example"})
    void anOriginIsAllowedAsAWholeOrNotAtAll(String origin) {
        var before = reached();
        refused(ask("POST", "/v1/chat/completions", "Origin: " + origin));
        assertThat(reached()).isEqualTo(before);
    }

    @Test
    void anOriginIsNeverComparedWithTheHostThatItChose() {
        var before = reached();
        refused(ask("POST", "/v1/chat/completions", "Host: sidecar.example:9190", "Origin: http://sidecar.example:9190",
                "Sec-Fetch-Site: same-origin"));
        refused(ask("POST", "/v1/chat/completions", "Origin: " + APP, "Origin: " + EVIL));
        assertThat(reached()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "evil.example:9190", "EVIL.example", "sidecar", "evil.localhost",
            "sidecar.example.evil.example",
            "127.0.0.1.evil.example", "printer.local"})
    void aNameThatMayHaveBeenMadeToPointHereGetsNowhere(String host) {
        var before = reached();
        var answer = ask("POST", "/v1/chat/completions", "Host: " + host);
        refused(answer);
        assertThat(answer.text()).contains("SIDECAR_ALLOWED_HOSTS", "\"forbidden\"", "\"authentication_error\"");
        refused(ask("GET", "/v1/models", "Host: " + host));
        assertThat(reached()).isEqualTo(before);
    }

    @Test
    void aRefusalComesBeforeTheBodyAndIsCountedAndLogged() {
        try (var client = RawClient.to(sidecar.port())) {
            var answers = client.send("POST /v1/files HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: " + EVIL
                    + "\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n").receiveAll();
            assertThat(answers).extracting(Received::status).containsExactly(403);
            assertThat(answers.getFirst().text()).contains("SIDECAR_ALLOWED_ORIGINS");
        }
    }

    @Test
    void elsewhereThanOnLoopbackCallersUseNamesOfTheirOwnAndPagesReadRefusals() {
        try (var open = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.host=0.0.0.0", "sidecar.admin-token=t")) {
            assertThat(ask(open, "POST", "/v1/x", "Host: llm.team.svc.cluster.example").status()).isEqualTo(200);
            refused(ask(open, "POST", "/v1/x", "Host: evil.example", "Origin: http://evil.example"));
            // After this the sidecar itself refuses, for a while.
            ask(open, "POST", "/v1/busy", "X-Request-Timeout-Ms: 500");
            var refusal = ask(open, "POST", "/v1/x", "Origin: http://localhost:3000");
            assertThat(refusal.status()).isEqualTo(429);
            assertThat(refusal.header("Access-Control-Allow-Origin")).isEqualTo("http://localhost:3000");
            assertThat(refusal.header("Access-Control-Expose-Headers")).contains("Retry-After");
        }
    }

    // ---- who may ----

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST:1", "127.0.0.1", "127.9.8.7:9190", "[::1]:9190", "192.0.2.7",
            "sidecar.example",
            "Sidecar.Example:80"})
    void programsNoticeNothing(String host) {
        var answer = ask("POST", "/v1/chat/completions", "Host: " + host);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.headers())
                .noneMatch(field -> field.name().toLowerCase(Locale.ROOT).startsWith("access-control-"));
        assertThat(answer.header("Vary")).isEmpty();
        assertThat(ask("GET", "/v1/open", "Host: " + host).header("Access-Control-Allow-Origin")).isEqualTo("*");
    }

    @ParameterizedTest
    @ValueSource(strings = {APP, "http://tools.example:8080", "http://localhost:3000", "https://localhost",
            "http://127.0.0.1:8000", "http://[::1]:5173", "http://127.0.0.53"})
    void aPageThatMayReadsTheAnswerAndItsHeaderFields(String origin) {
        var answer = ask("POST", "/v1/open", "Origin: " + origin, "Sec-Fetch-Site: cross-site");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(origin);
        assertThat(answer.header("Access-Control-Allow-Credentials")).isEmpty();
        assertThat(answer.header("Vary")).isEqualTo("Accept-Encoding, Origin");
        assertThat(answer.header("Access-Control-Expose-Headers").split(", ")).contains("X-Request-Id", "X-Theirs",
                "X-Sidecar-Provider", "X-Sidecar-Priority", "X-Sidecar-Queue-Wait-Ms");
    }

    @Test
    void aPageThatMayReadsRefusalsToo() {
        var busy = ask("GET", "/v1/busy", "Origin: " + APP);
        assertThat(busy.status()).isEqualTo(429);
        assertThat(busy.header("Access-Control-Allow-Origin")).isEqualTo(APP);
        assertThat(busy.header("Access-Control-Expose-Headers").split(", ")).contains("Retry-After", "X-Request-Id");
        var nothing = ask("GET", "/v1/../x", "Origin: " + APP);
        assertThat(nothing.status()).isEqualTo(404);
        assertThat(nothing.header("Access-Control-Allow-Origin")).isEqualTo(APP);
        try (var client = RawClient.to(sidecar.port())) {
            var tooLarge = client.send("POST /v1/x HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: " + APP
                    + "\r\nContent-Length: 2000\r\n\r\n").receive();
            assertThat(tooLarge.status()).isEqualTo(413);
            assertThat(tooLarge.header("Access-Control-Allow-Origin")).isEqualTo(APP);
        }
    }

    // ---- preflights ----

    @Test
    void aPreflightIsAnsweredHere() {
        var before = reached();
        var answer = ask("OPTIONS", "/v1/chat/completions", "Origin: " + APP, "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: authorization,content-type,x-stainless-os",
                "Sec-Fetch-Site: cross-site",
                "Access-Control-Request-Private-Network: true");
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(APP);
        assertThat(answer.header("Access-Control-Allow-Methods").split(", ")).contains("GET", "POST", "PUT", "PATCH",
                "DELETE");
        assertThat(answer.header("Access-Control-Allow-Headers"))
                .isEqualTo("authorization,content-type,x-stainless-os");
        assertThat(Integer.parseInt(answer.header("Access-Control-Max-Age"))).isPositive();
        assertThat(answer.header("Access-Control-Allow-Private-Network")).isEqualTo("true");
        assertThat(answer.header("Vary")).contains("Origin");
        assertThat(answer.header("X-Request-Id")).isNotEmpty();
        assertThat(reached()).isEqualTo(before);
    }

    @Test
    void aPreflightOfAnotherSitesPageIsToldNothing() {
        var before = reached();
        refused(ask("OPTIONS", "/v1/chat/completions", "Origin: " + EVIL, "Access-Control-Request-Method: POST",
                "Access-Control-Request-Private-Network: true"));
        assertThat(reached()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"a b", "x\u00e9", "authorization;q=1", "a,,\"b\""})
    void whatIsNoListOfFieldNamesIsNotGivenBack(String fields) {
        var answer = ask("OPTIONS", "/v1/x", "Origin: " + APP, "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: " + fields);
        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("Access-Control-Allow-Headers")).isEmpty();
        assertThat(answer.header("Access-Control-Allow-Private-Network")).isEmpty();
    }

    @Test
    void optionsThatAreNoPreflightAreTheProvidersBusiness() {
        var before = reached();
        assertThat(ask("OPTIONS", "/v1/x").status()).isEqualTo(200);
        assertThat(ask("OPTIONS", "/v1/x", "Origin: " + APP).status()).isEqualTo(200);
        assertThat(reached()).isEqualTo(before + 2);
    }
}
