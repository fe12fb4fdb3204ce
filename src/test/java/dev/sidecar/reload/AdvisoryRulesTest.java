package dev.sidecar.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sidecar.files.FileProblem;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RoutesFolder;
import dev.sidecar.testkit.Sidecar;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Edited routes that would let in what an advisory on Camel is about are refused, with file, line and reason. */
@ProgramTest
@Timeout(60)
class AdvisoryRulesTest {

    private static final String OWN = "own.camel.yaml";

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private static RouteGenerations generations;

    @TempDir
    Path temp;
    private RoutesFolder routes;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "HOOK=http://hooks.example/x",
                "SAFE_HOOK=http://hooks.example/x?skipControlHeaders=true");
        generations = sidecar.bean(RouteGenerations.class);
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        provider.close();
    }

    @BeforeEach
    void copy() {
        routes = RoutesFolder.in(temp);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            skipControlHeaders: true | skipControlHeaders: false | skipControlHeaders: true
            skipControlHeaders: true | connectTimeout: 1000 | skipControlHeaders: true
            copyHeaders: false | followRedirects: true | leave out followRedirects
            httpClient: '#upstreamClient' | connectTimeout: 1000 | httpClient: '#upstreamClient'
            """)
    void theWiresOfTheShippedRoutesMustStayAsSafeAsTheyAre(String from, String to, String reason) {
        assertThatTheWireIsWatched("                    uri: '{{sidecar.upstream-base-url}}'", 22, from, to, reason);
        routes = RoutesFolder.in(temp);
        assertThatTheWireIsWatched("                  - toD:", 24, from, to, reason);
    }

    private void assertThatTheWireIsWatched(String seenAt, int indent, String from, String to, String reason) {
        var line = "\n" + " ".repeat(indent);
        routes.edit("upstream.camel.yaml", line + from, line + to);
        var uri = routes.read("upstream.camel.yaml").lines().toList().indexOf(seenAt);
        assertThat(problems()).anySatisfy(problem -> {
            assertThat(problem.reason()).contains(reason);
            assertThat(problem.file()).isEqualTo("upstream.camel.yaml");
            assertThat(problem.line()).isEqualTo(uri + 1);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"to: {uri: 'http://hooks.example/x'}",
            "to: {uri: 'https://hooks.example/x?skipControlHeaders=false'}",
            "to: 'http:hooks.example'",
            "to: {uri: '{{HOOK}}'}", "to: {uri: '{{HOOK}}', parameters: {httpMethod: POST}}",
            "toD: {uri: 'http://hooks.example/${header.X}'}", "wireTap: {uri: 'http://hooks.example/x'}",
            "wireTap: {uri: 'http://hooks.example/x', dynamicUri: false}", "poll: {uri: 'http://hooks.example/x'}",
            "enrich: {expression: {constant: {expression: 'http://hooks.example/x'}}}",
            "pollEnrich: {expression: {simple: {expression: 'http://hooks.example/x'}}}",
            "recipientList: {expression: {constant: {expression: 'direct:nowhere,http://hooks.example/x'}}}",
            "routingSlip: {expression: {constant: {expression: 'http://hooks.example/x'}}}",
            "to: {uri: 'rest:get:x?host=hooks.example'}",
            "choice: {when: [{expression: {simple: {expression: 'true'}}, steps: [{to: {uri: 'http://hooks.example/x'}}]}]}",
            "circuitBreaker: {steps: [{log: {message: x}}], onFallback: {steps: [{to: {uri: 'http://hooks.example/x'}}]}}",
            "doTry: {steps: [{log: {message: x}}], doCatch: [{exception: [java.lang.Exception], steps: [{to: {uri: 'http://hooks.example/x'}}]}]}"})
    void anHttpEndpointThatHeaderFieldsCanSteerIsRefusedWhereverItStands(String step) {
        routes.write(OWN, """
                - route:
                    id: own
                    from:
                      uri: direct:own
                      steps:
                        - log: {message: x}
                        - %s
                """.formatted(step));
        assertThat(problems()).anySatisfy(problem -> {
            assertThat(problem.toString()).startsWith(OWN + ":7:");
            assertThat(problem.reason()).contains("skipControlHeaders: true", "CVE-2026-78164");
        });
    }

    @Test
    void soItIsInWhatConfiguresRoutes() {
        routes.write(OWN, """
                - routeConfiguration:
                    onException:
                      - onException:
                          exception: [java.io.IOException]
                          steps:
                            - to: {uri: 'http://hooks.example/x'}
                """);
        assertThat(problems()).anySatisfy(problem -> assertThat(problem.toString()).startsWith(OWN + ":6:")
                .contains("skipControlHeaders: true"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"to: {uri: 'http://hooks.example/x?skipControlHeaders=true'}",
            "to: {uri: 'https://hooks.example/x', parameters: {skipControlHeaders: true, followRedirects: false}}",
            "to: {uri: '{{SAFE_HOOK}}'}", "log: {message: 'see http://hooks.example'}", "to: {uri: 'log:http'}",
            "setHeader: {name: Location, expression: {constant: {expression: 'http://hooks.example'}}}"})
    void whatCannotBeSteeredIsGood(String step) {
        routes.write(OWN, """
                - route:
                    id: own
                    from:
                      uri: direct:own
                      steps:
                        - %s
                """.formatted(step));
        assertThat(problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"platform-http:proxy", "platform-http:proxyStats", "platform-http:proxy-health",
            "platform-http:PROXY",
            "platform-http:/proxy", "platform-http:/Proxy/x", "platform-http://proxy", "platform-http:///proxying"})
    void aPathThatBeginsWithProxyIsRefused(String uri) {
        routes.write(OWN, """
                - route:
                    id: own
                    from:
                      uri: %s
                      steps:
                        - log: {message: x}
                """.formatted(uri));
        assertThat(problems()).anySatisfy(problem -> {
            assertThat(problem.file()).isEqualTo(OWN);
            assertThat(problem.line()).isBetween(3, 4);
            assertThat(problem.reason()).contains("begins with 'proxy'", "CVE-2026-85316");
        });
    }

    @Test
    void aRedirectIsNotToBeFollowedNorARequestUnderAKeySentByAnotherClient() {
        routes.write(OWN, """
                - route:
                    id: own
                    from:
                      uri: direct:own
                      steps:
                        - to: {uri: 'http://hooks.example/x?skipControlHeaders=true'}
                        - process: {ref: otherUpstreamRequest}
                        - to: {uri: 'direct:own-wire'}
                - route:
                    id: own-wire
                    from:
                      uri: direct:own-wire
                      steps:
                        - to: {uri: 'http://hooks.example/x?skipControlHeaders=true&followRedirects=true'}
                """);
        assertThat(problems()).extracting(FileProblem::toString).hasSize(2).allSatisfy(
                said -> assertThat(said).startsWith(OWN + ":14:").contains("CVE-2026-85251"));
    }

    private List<FileProblem> problems() {
        var thrown = catchThrowableOfType(RouteProblemsException.class,
                () -> generations.next(new RouteFolder(temp).read(), List.of()).stop());
        return thrown == null ? List.of() : thrown.problems();
    }
}
