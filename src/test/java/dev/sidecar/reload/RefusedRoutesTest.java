package dev.sidecar.reload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sidecar.files.FileProblem;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RoutesFolder;
import dev.sidecar.testkit.Sidecar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.camel.model.ModelCamelContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with a folder of routes is found before it is put in force, and said with its place. */
@ProgramTest
@Timeout(60)
class RefusedRoutesTest {

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private static RouteGenerations generations;

    @TempDir
    Path temp;
    private RoutesFolder routes;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl());
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

    private List<FileProblem> problems() {
        var thrown = catchThrowableOfType(RouteProblemsException.class,
                () -> generations.next(new RouteFolder(temp).read(), List.of()).stop());
        return thrown == null ? List.of() : thrown.problems();
    }

    @Test
    void shippedRoutesAreGood() {
        assertThat(problems()).isEmpty();
    }

    /** {@code ⏎} stands for a line's end, and the fourth column for the text at which the problem is seen. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ops | uri: platform-http:/status | uri: 'platform-http:/status | | expected <block end>, but found '<scalar>'
            ops | ref: readiness | reff: readiness | readiness⏎ | Unsupported field: reff
            ops | ref: readiness | ref: readines | readines⏎ | No bean could be found in the registry for: readines
            ops | uri: platform-http:/health/ready | uri: platfrm-http:/health/ready | platfrm-http | No endpoint could be found for: platfrm-http:
            proxy | uri: direct:passthrough⏎      steps: | uri: direct:passthroug⏎      steps: | | no route begins at direct:passthrough, to which this step sends
            proxy | uri: direct:provider | uri: driect:provider | driect:provider | No endpoint could be found for: driect:
            proxy | timeout: 0 | timout: 0 | timout: 0 | Failed to resolve endpoint: seda:
            proxy | ${header.CamelHttpMethod} !in | ${header.CamelHttpMethod !in | - choice:⏎            id: is-throttled | expected symbol functionEnd but was eol
            upstream | ⏎                      disableStreamCache: true | ⏎                      disableStreamCache: maybe | maybe | Cannot convert the String value: maybe to type: boolean
            upstream | {{sidecar.upstream-base-url}} | {{sidecar.upstream-base}} | sidecar.upstream-base} | Property with key [sidecar.upstream-base] not found
            upstream | circuitBreaker: providerBreaker | circuitBreaker: providerBreakr | providerBreakr | No bean could be found in the registry for: providerBreakr
            ops | id: health-ready⏎ | id: health⏎ | health⏎ | Duplicate id detected: health
            dashboard | id: home⏎ | id: status⏎ | | there is a route with the id 'status' in dashboard.camel.yaml too
            proxy | uri: platform-http:/v1/ | uri: platform-http:/v2/ | | no route receives requests: none begins at platform-http:/v1/
            proxy | ref: adaptiveThrottle | ref: jsonBodyCheck | | has ref: adaptiveThrottle, which keeps to the provider's limit; a proxy without a limiter has to be asked for with SIDECAR_ALLOW_ROUTES_WITHOUT_THROTTLE=true
            upstream | ref: takeSlot | ref: jsonBodyCheck | | has ref: takeSlot, which takes a slot of the budget
            errors | ref: errorAnswer | ref: jsonBodyCheck | | failures would be answered with nothing
            proxy | expression: X-Priority | expression: ${env:SIDECAR_API_KEY} | ${env | '${env:SIDECAR_API_KEY}' is a secret of the sidecar's
            dashboard | expression: /api/dashboard⏎ | expression: '{{sidecar.api-key}}'⏎ | {{sidecar | is a secret of the sidecar's
            dashboard | expression: /api/dashboard⏎ | expression: ${bean:environment?method=getProperty}⏎ | bean:env | the bean 'environment' knows the sidecar's secrets
            dashboard | expression: /api/dashboard⏎ | expression: ${bean:providersInForce?method=get}⏎ | bean:prov | the bean 'providersInForce' knows the sidecar's secrets
            ops | - route:⏎    id: topology | - rout:⏎    id: topology | rout:⏎    id: topology | Unknown node id: rout
            ops | id: topology⏎ | descrption: x⏎    id: topology⏎ | | Unsupported field: descrption
            ops | uri: platform-http:/health⏎ | url: platform-http:/health⏎ | | Unsupported field: url
            """)
    void found(String file, String from, String to, @Nullable String at, String reason) {
        routes.edit(file + ".camel.yaml", from.replace("⏎", "\n"), to.replace("⏎", "\n"));
        var problems = problems();
        assertThat(problems).extracting(FileProblem::reason).anySatisfy(said -> assertThat(said).contains(reason));
        if (at != null) {
            var text = routes.read(file + ".camel.yaml");
            var place = text.indexOf(at.replace("⏎", "\n"));
            var lines = text.substring(0, place).split("\n", -1);
            assertThat(problems.getFirst().toString()).startsWith(
                    file + ".camel.yaml:" + lines.length + ":" + (lines[lines.length - 1].length() + 1) + ": ");
        }
    }

    /** Where a way breaks off, that is all that is wrong: what would have come behind it is not missing. */
    @ParameterizedTest
    @ValueSource(strings = {
            "to:⏎    uri: direct:throtled",
            "to: direct:throtled",
            "to:⏎    uri: direct⏎    parameters:⏎      name: throtled",
            "toD:⏎    uri: direct:throtled",
            "toD: direct:throtled?block=true",
            "recipientList:⏎    constant: direct:throtled",
            "enrich:⏎    simple: direct:throtled",
            "to: seda:throtled"})
    void aStepThatLeadsNowhereIsTheOnlyProblemAndHasItsPlace(String step) {
        replaceToThrottled(step);
        var uri = step.contains("seda") ? "seda:throtled" : "direct:throtled";
        assertThat(problems()).singleElement().satisfies(problem -> {
            assertThat(problem.file()).isEqualTo("proxy.camel.yaml");
            assertThat(problem.reason()).startsWith("no route begins at " + uri);
            var lines = routes.read("proxy.camel.yaml").lines().toList();
            if (step.contains(uri)) {
                assertThat(lines.get(problem.line() - 1).substring(problem.column() - 1)).startsWith(uri);
            } else {
                assertThat(lines.get(problem.line() - 1)).contains("- to:");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"toD: direct:throttled", "toD: direct:${header.way}",
            "recipientList:⏎    constant: direct:throttled,direct:provider",
            "to: direct:nobody?failIfNoConsumers=false"})
    void aWayThatIsWrittenInAnotherFormIsFollowedAsFarAsItCanBeSeen(String step) {
        replaceToThrottled(step);
        var followed = step.contains("throttled");
        assertThat(problems()).extracting(FileProblem::reason)
                .noneMatch(reason -> reason.contains("no route begins at direct"))
                .hasSize(followed ? 0 : 3);
    }

    @Test
    void aCopyOfARequestDoesNotGoTheRequestsWay() {
        replaceToThrottled("wireTap:⏎    uri: direct:throttled");
        assertThat(problems()).extracting(FileProblem::reason)
                .anySatisfy(reason -> assertThat(reason).contains("ref: adaptiveThrottle"));
    }

    private void replaceToThrottled(String step) {
        var text = routes.read("proxy.camel.yaml");
        var from = text.indexOf("- to:\n                      id: to-throttled");
        var to = text.indexOf("            otherwise:", from);
        routes.edit("proxy.camel.yaml", text.substring(from, to),
                "- " + step.replace("⏎", "\n                  ") + "\n");
    }

    @Test
    void aProxyWithoutALimiterCanBeAskedFor() {
        routes.edit("proxy.camel.yaml", "ref: adaptiveThrottle", "ref: jsonBodyCheck");
        var files = new RouteFolder(temp).read();
        var camel = (ModelCamelContext) sidecar.bean(RoutesInForce.class).context();
        var demanding = new GuardRails(true, false).problems(files, camel.getRouteDefinitions(),
                camel.getRouteConfigurationDefinitions());
        assertThat(demanding).isEmpty(); // the routes in force have one
        try (var lax = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.routes-dir=" + temp,
                "sidecar.allow-routes-without-throttle=true")) {
            assertThat(lax.bean(RoutesInForce.class).report().isCurrent()).isTrue();
        }
    }

    /** Else everybody would be anonymous, and nobody would notice. */
    @ParameterizedTest
    @ValueSource(strings = {"identifyClient", "modelAccess"})
    void withAFileOfClientsTheRoutesMustAskWhoCalls(String bean) throws IOException {
        routes.edit("proxy.camel.yaml", "ref: " + bean + "\n", "ref: jsonBodyCheck\n");
        var clients = Files.writeString(temp.resolve("clients.yaml"), "clients: [{name: a}]\n");
        assertThatThrownBy(() -> Sidecar.inFrontOf(provider.baseUrl(), "sidecar.routes-dir=" + temp,
                "sidecar.config=" + clients)).hasStackTraceContaining("has ref: " + bean);
        try (var without = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.routes-dir=" + temp)) {
            assertThat(without.bean(RoutesInForce.class).report().isCurrent()).isTrue();
        }
    }
}
