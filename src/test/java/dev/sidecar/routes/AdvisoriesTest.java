package dev.sidecar.routes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.reload.RoutesInForce;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.RawClient.Received;
import dev.sidecar.testkit.Sidecar;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.camel.component.http.HttpEndpoint;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Advisories on Apache Camel that the version in use has no release for do not reach the sidecar with the routes that it
 * ships and the recipes of {@code routes/README.md}, all in one folder. SECURITY.md has the table.
 */
@ProgramTest
@Timeout(60)
class AdvisoriesTest {

    private static final String ALONE = "Maintenance";
    private static final String SECRETS = String.join("\r\n", "Authorization: Bearer client-secret",
            "cookie: session=client-secret", "PROXY-AUTHORIZATION: Basic client-secret", "x-api-key: client-secret",
            "");

    @TempDir
    static Path folder;

    private static FakeProvider provider;
    private static FakeProvider elsewhere;
    private static Sidecar sidecar;

    @BeforeAll
    static void start() throws Exception {
        RouteFiles.copyTo(folder);
        RecipeBook.recipes().stream().filter(recipe -> !recipe.name().equals(ALONE))
                .forEach(recipe -> recipe.follow(folder));
        Files.writeString(folder.resolve("own.camel.yaml"), """
                - route:
                    id: own-answer
                    from:
                      uri: platform-http:/v1/own
                      steps:
                        - process:
                            ref: headerPolicy
                        - setBody:
                            expression:
                              constant:
                                expression: an answer of the route's own
                """);
        provider = FakeProvider.start();
        elsewhere = FakeProvider.start(_ -> Answer.chat("Elsewhere"));
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.routes-dir=" + folder,
                "OTHER_UPSTREAM=" + provider.baseUrl(), "MIRROR_UPSTREAM=" + provider.baseUrl());
    }

    @AfterAll
    static void stop() {
        assertThat(elsewhere.requests()).as("requests that went where no route sends them").isEmpty();
        sidecar.close();
        provider.close();
        elsewhere.close();
    }

    @BeforeEach
    void answer() {
        provider.script(_ -> Answer.chat("Hello"));
    }

    // ---- CVE-2026-78164: a message's header fields say where an HTTP endpoint sends, with placeholders expanded ----

    static Stream<String> controlFields() {
        return Stream.of("CamelHttpUri", "camelhttpuri", "CAMELHTTPURI", "CamelRestHttpUri", "CamelHttpPath",
                "CamelHttpQuery", "CamelHttpRawQuery", "CamelHttpHost", "CamelHttpMethod", "CamelRestHttpQuery",
                "org.apache.camel.HttpUri");
    }

    @ParameterizedTest
    @MethodSource("controlFields")
    void noFieldOrParameterOfAClientSaysWhereARequestGoes(String name) {
        var value = elsewhere.baseUrl() + "/{{env:PATH}}{{sidecar.api-key}}";
        var before = provider.requests().size();
        for (var model : List.of("m", "other/model")) {
            var answer = send("POST /v1/chat/completions?" + name + "=" + elsewhere.baseUrl() + " HTTP/1.1",
                    name + ": " + value
                            + "\r\nContent-Type: application/json\r\n",
                    "{\"model\":\"" + model + "\"}");
            assertThat(answer.status()).isEqualTo(200);
        }
        assertThat(send("GET /v1/models HTTP/1.1", name + ": " + value + "\r\n", "").status()).isEqualTo(200);
        var seen = provider.requests().subList(before, provider.requests().size());
        assertThat(seen).hasSizeGreaterThanOrEqualTo(3).allSatisfy(request -> {
            assertThat(request.path()).isIn("/v1/chat/completions", "/v1/models");
            assertThat(request.headers(name)).isEmpty();
        });
    }

    @ParameterizedTest
    @MethodSource("controlFields")
    void noFieldOfAnAnswerSaysWhereTheNextAttemptGoes(String name) {
        var answers = FakeProvider.inOrder(full(503, new Header(name, elsewhere.baseUrl() + "/{{env:PATH}}")),
                Answer.chat("Hello"));
        var before = provider.requests().size();
        provider.script(
                request -> request.headers("X-Mirrored").isEmpty() ? answers.apply(request) : Answer.chat("Hello"));
        var answer = send("POST /v1/chat/completions HTTP/1.1", "Content-Type: application/json\r\n",
                "{\"model\":\"m\"}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(provider.requests().subList(before, provider.requests().size())).hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(request -> assertThat(request.path()).isEqualTo("/v1/chat/completions"));
    }

    @Test
    void everyHttpEndpointIgnoresControlFieldsAndFollowsNoRedirect() {
        assertThat(endpoints(HttpEndpoint.class)).isNotEmpty().allSatisfy(endpoint -> {
            assertThat(endpoint.isSkipControlHeaders()).isTrue();
            assertThat(endpoint.isFollowRedirects()).isFalse();
        });
    }

    // ---- CVE-2026-85316: a platform-http path that begins with "proxy" is an open proxy ----

    @Test
    void noRouteIsAnOpenProxy() {
        assertThat(endpoints(PlatformHttpEndpoint.class)).isNotEmpty()
                .noneSatisfy(endpoint -> assertThat(endpoint.isHttpProxy()).isTrue());
        for (var target : List.of("/proxy", "/proxyStats", "/proxy/v1/models", elsewhere.baseUrl() + "/x",
                "/anything")) {
            assertThat(RawClient.to(sidecar.port())
                    .send("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + elsewhere.port() + "\r\n\r\n").receive()
                    .status()).as(target).isBetween(400, 404);
        }
    }

    // ---- CVE-2026-85254: fields of the request come back in the answer, depending on how their names are written ----

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/health/ready", "/status", "/api/dashboard", "/api/dashboard/history",
            "/api/dashboard/topology", "/api/admin/config", "/nothing", "/v1/models", "/v1/own"})
    void noCredentialOfARequestComesBack(String path) {
        for (var fields : List.of(SECRETS, SECRETS.toLowerCase(Locale.ROOT), SECRETS.toUpperCase(Locale.ROOT))) {
            var answer = send("GET " + path + " HTTP/1.1", fields, "");
            assertThat(answer.headers()).extracting(Header::name).map(name -> name.toLowerCase(Locale.ROOT))
                    .doesNotContain("authorization", "cookie", "proxy-authorization", "x-api-key");
            assertThat(answer.toString() + answer.text()).doesNotContainIgnoringCase("client-secret");
        }
    }

    // ---- CVE-2026-85251: credentials go along with a redirect ----

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void aRedirectIsPassedOnAndNotFollowed(int status) {
        provider.script(_ -> full(status, new Header("Location", elsewhere.baseUrl() + "/v1/chat/completions")));
        var answer = send("GET /v1/models HTTP/1.1", "", "");
        assertThat(answer.status()).isEqualTo(status);
        answer = send("POST /v1/chat/completions HTTP/1.1", "Content-Type: application/json\r\n", "{\"model\":\"m\"}");
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Location")).startsWith(elsewhere.baseUrl());
    }

    @Test
    void aDemandForCredentialsIsPassedOnAndNotAnswered() {
        provider.script(_ -> full(401, new Header("WWW-Authenticate", "Basic realm=\"x\"")));
        var before = provider.requests().size();
        assertThat(send("GET /v1/models HTTP/1.1", "X-Mark: mine\r\n", "").status()).isEqualTo(401);
        assertThat(provider.requests().subList(before, provider.requests().size()))
                .filteredOn(request -> !request.headers("X-Mark").isEmpty()) // a probe may clarify whether the key is good
                .singleElement()
                .satisfies(request -> assertThat(request.headers("Authorization"))
                        .containsExactly("Bearer " + Sidecar.API_KEY));
    }

    // ---- CVE-2026-84176: any web page is let in, with credentials ----

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/status", "/api/dashboard", "/api/admin/config", "/v1/models", "/nothing"})
    void noOtherSitesPageIsLetIn(String path) {
        for (var method : List.of("GET", "OPTIONS")) {
            var answer = send(method + " " + path + " HTTP/1.1",
                    "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n", "");
            assertThat(answer.headers()).extracting(Header::name)
                    .noneSatisfy(name -> assertThat(name).startsWithIgnoringCase("access-control-allow-"));
        }
    }

    @Test
    void theServerThatTheAdvisoryIsAboutIsNotThere() {
        assertThat(sidecar.bean(RoutesInForce.class).context().hasService(VertxPlatformHttpServer.class)).isNull();
    }

    // ---- helpers ----

    private static <T> List<T> endpoints(Class<T> type) {
        return sidecar.bean(RoutesInForce.class).context().getEndpoints().stream().filter(type::isInstance)
                .map(type::cast)
                .toList();
    }

    private static Answer full(int status, Header field) {
        return new Answer.Full(status, List.of(field), "{}".getBytes(StandardCharsets.UTF_8));
    }

    private static Received send(String start, String fields, String body) {
        try (var client = RawClient.to(sidecar.port())) {
            return client.send(start + "\r\nHost: localhost\r\n" + fields
                    + (start.startsWith("POST") ? "Content-Length: " + body.length() + "\r\n" : "") + "\r\n" + body)
                    .receive();
        }
    }
}
