package dev.sidecar.configfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sidecar.clients.Clients;
import dev.sidecar.clients.Identity;
import dev.sidecar.files.FileProblem;
import dev.sidecar.providers.KeyReader;
import dev.sidecar.throttle.order.ClientPolicy;
import dev.sidecar.throttle.order.Priority;
import dev.sidecar.throttle.quota.RequestLimit;
import dev.sidecar.throttle.quota.TokenLimit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the file may say, and where it says what it may not. */
class ConfigReaderTest {

    private static final String HASH = "a".repeat(64);

    @Test
    void everyFieldIsRead() {
        var clients = clients("""
                clients:
                  - name: ci
                    key-sha256: ["%s"]
                    class: {default: low, max: normal}
                    weight: 2
                    limits:
                      - {requests: 10, per: 1m}
                      - {tokens: 200000, per: 1d}
                    concurrent: 8
                    queue: 200
                    models: ["meta/*"]
                    stored: true
                    heartbeat: 15s
                anonymous: {allow: true, class: {max: low}, weight: 3, heartbeat: 0s}
                """.formatted(HASH.toUpperCase(Locale.ROOT)));
        var ci = clients.named("ci").orElseThrow();
        assertThat(ci.policy()).isEqualTo(new ClientPolicy("ci", 2,
                List.of(new RequestLimit(10, Duration.ofMinutes(1))),
                List.of(new TokenLimit(200_000, Duration.ofDays(1))), 8, 200));
        assertThat(ci.classes().of(null)).isEqualTo(Priority.LOW);
        assertThat(ci.classes().of("high")).isEqualTo(Priority.NORMAL);
        assertThat(ci.models().refusal("POST", "/v1/chat/completions", "meta/llama")).isEmpty();
        assertThat(ci.models().refusal("POST", "/v1/chat/completions", "other")).isPresent();
        assertThat(ci.models().refusal("POST", "/v1/batches", null)).isEmpty();
        assertThat(ci.heartbeat()).hasSeconds(15);
        var anonymous = clients.named("anonymous").orElseThrow();
        assertThat(anonymous.policy()).isEqualTo(new ClientPolicy("anonymous", 3, List.of(), List.of(), 0, 0));
        assertThat(anonymous.classes().of(null)).isEqualTo(Priority.LOW);
        assertThat(anonymous.heartbeat()).isZero();
    }

    @Test
    void aNameIsEnough() {
        var client = clients("clients: [{name: a}]").named("a").orElseThrow();
        assertThat(client.policy()).isEqualTo(new ClientPolicy("a", 1, List.of(), List.of(), 0, 0));
        assertThat(client.classes().of(null)).isEqualTo(Priority.NORMAL);
        assertThat(client.classes().of("high")).isEqualTo(Priority.HIGH);
        assertThat(client.models().refusal("POST", "/v1/batches", null)).isEmpty();
    }

    @Test
    void withoutClientsEverybodyIsTheSameAnonymousClient() {
        assertThat(clients("clients: []")).isSameAs(Clients.ANYBODY);
        assertThat(clients("{}")).isSameAs(Clients.ANYBODY);
    }

    @Test
    void withClientsAnonymousCallersAreRefusedUnlessTheFileAllowsThem() {
        assertThat(clients("clients: [{name: a}]").identify(null)).isInstanceOf(Identity.NoKey.class);
        assertThat(clients("clients: [{name: a}]\nanonymous: {allow: false}").identify(null))
                .isInstanceOf(Identity.NoKey.class);
        assertThat(clients("clients: [{name: a}]\nanonymous: {allow: true}").identify(null))
                .isInstanceOf(Identity.Identified.class);
    }

    @Test
    void theExampleIsGood() {
        assertThat(new ConfigFile(Path.of("deploy/sidecar.example.yaml")).read().clients())
                .extracting(client -> client.name()).containsExactly("support-desk", "agents", "nightly");
    }

    @Test
    void aThousandClientsAreRead() {
        var text = IntStream.range(0, 1000).mapToObj("- {name: c-%d, key-sha256: [\"%<064d\"]}\n"::formatted)
                .collect(Collectors.joining("", "clients:\n", ""));
        assertThat(read(text).clients()).hasSize(1000);
        assertThat(problems(text + "- {name: one-too-many}\n"))
                .containsExactly("sidecar.yaml:2:1: must have at most 1000");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', ignoreLeadingAndTrailingWhitespace = true, value = {
            "`clients: [{name: a, wieght: 2}]` | 1:21: unknown field: perhaps 'weight' is meant",
            "`client: [{name: a}]` | 1:1: unknown field: perhaps 'clients' is meant",
            "`clients: [{weight: 2}]` | 1:11: the field 'name' is missing",
            "`clients: {name: a}` | 1:10: must be a list",
            "`clients: a` | 1:10: must be a list",
            "`clients: [a]` | 1:11: must be a map of fields",
            "`clients: [{name: A}]` | 1:18: must be 1 to 40 of a-z, 0-9 and '-'",
            "`clients: [{name: 12}]` | 1:18: must be a text: put it in quotes",
            "`clients: [{name: anonymous}]` | 1:18: 'anonymous' is the name of callers without a key: choose another",
            "`clients: [{name: a}, {name: a}]` | 1:29: a client above has the name 'a' too",
            "`clients: [{name: a, weight: 0}]` | 1:29: must be at least 1",
            "`clients: [{name: a, weight: 1001}]` | 1:29: must be at most 1000",
            "`clients: [{name: a, weight: 1.5}]` | 1:29: must be a whole number",
            "`clients: [{name: a, class: {max: urgent}}]` | 1:34: must be one of high, normal, low",
            "`clients: [{name: a, class: {default: high, max: low}}]` | 1:38: default is a higher class than max",
            "`clients: [{name: a, models: []}]` | 1:29: must have at least 1",
            "`clients: [{name: a, stored: true}]` | 1:29: has no effect without models: such a client may use everything",
            "`clients: [{name: a, heartbeat: 15}]` | 1:32: must be a text: put it in quotes",
            "`clients: [{name: a, heartbeat: 0m}]` | 1:32: must be a number and a unit, such as 15s or 1m; 0s for never",
            "`clients: [{name: a, heartbeat: 61m}]` | 1:32: must be at most 1h",
            "`clients: [{name: a, limits: [{per: 1m}]}]` | 1:30: must have exactly one of the fields requests, tokens",
            "`clients: [{name: a, limits: [{requests: 1, tokens: 1, per: 1m}]}]` | 1:30: must have exactly one of the fields "
                    + "requests, tokens",
            "`clients: [{name: a, limits: [{requests: 1, per: 1w}]}]` | 1:49: must be a number and a unit, such as 10s, 1m, "
                    + "12h or 31d",
            "`clients: [{name: a, limits: [{requests: 1, per: 32d}]}]` | 1:49: must be at most 31d",
            "`clients: [{name: a, limits: [{requests: 1, per: 745h}]}]` | 1:49: must be at most 31d",
            "`clients: [{name: a}]\nanonymous: {}` | 2:12: the field 'allow' is missing",
            "`anonymous: {allow: false}` | 1:20: nobody could call: there are no clients, and anonymous callers are refused",
            "`clients: [{name: a}]\nclients: []` | 2:1: found duplicate key clients",
            "`clients: [{name: a]` | 1:19: expected ',' or '}', but got ]",
            "` ` | the file is empty",
            "`# nothing` | must be a map of fields",
            "`[]` | 1:1: must be a map of fields"})
    void whatIsWrongIsSaidWithItsPlace(String text, String problem) {
        assertThat(problems(text)).containsExactly("sidecar.yaml:" + (problem.matches("[0-9].*") ? "" : " ") + problem);
    }

    @Test
    void hashesAreChecked() {
        var text = """
                clients:
                  - name: a
                    key-sha256: ["%1$s", "%1$s"]
                  - name: b
                    key-sha256: ["%1$s"]
                  - name: c
                    key-sha256: ["%2$s"]
                """.formatted(HASH, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assertThat(problems(text)).containsExactly("sidecar.yaml:3:86: the client 'a' has this key already",
                "sidecar.yaml:5:18: the client 'a' has this key already",
                "sidecar.yaml:7:18: this is the hash of an empty key");
    }

    /** Someone writes the key itself, or digits without quotes, which YAML reads as a number. */
    @Test
    void aValueInAWrongPlaceIsNeverShown() {
        var canary = "sk-sidecar-canary";
        for (var text : List.of("clients: [{name: a, key-sha256: [" + canary + "]}]",
                "clients: [{name: " + canary + "!}]",
                "clients: [{name: a, class: " + canary + "}]", "anonymous: {allow: " + canary + "}",
                "clients: [{name: a, limits: [{requests: 1, per: " + canary + "}]}]")) {
            assertThat(problems(text)).isNotEmpty().allSatisfy(problem -> assertThat(problem).doesNotContain("canary"));
        }
        assertThat(problems("clients: [{name: a, key-sha256: [" + "1".repeat(64) + "]}]"))
                .containsExactly("sidecar.yaml:1:34: must be a text: put it in quotes");
    }

    @Test
    void allProblemsOfAStageAreReported() {
        assertThat(problems("clients:\n- {name: A}\n- {name: b, weight: 0}\n- {nam: c}\n")).hasSize(3);
    }

    @Test
    void aFileOfAliasesThatGrowsIsRefused() {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            text.append("a%d: &a%d [%s]\n".formatted(i, i, "*a%d, ".formatted(i - 1).repeat(10)));
        }
        assertThat(problems(text.toString())).isNotEmpty();
    }

    private static Clients clients(String text) {
        var config = read(text);
        return Clients.of(config.clients(), config.anonymous());
    }

    private static SidecarConfig read(String text) {
        return new ConfigReader(new KeyReader(name -> null, Path.of("sidecar.yaml"))).read("sidecar.yaml", text);
    }

    private static List<String> problems(String text) {
        var refused = catchThrowableOfType(ConfigProblemsException.class, () -> read(text));
        return refused.problems().stream().map(FileProblem::toString).toList();
    }
}
