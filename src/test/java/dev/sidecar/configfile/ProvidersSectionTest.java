package dev.sidecar.configfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sidecar.clients.Clients;
import dev.sidecar.config.Secret;
import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.files.FileProblem;
import dev.sidecar.providers.AccountLimit;
import dev.sidecar.providers.AuthForm;
import dev.sidecar.providers.KeyReader;
import dev.sidecar.providers.ModelMap;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.ProviderKey;
import dev.sidecar.providers.Providers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the file may say about providers, and where it says what it may not. */
class ProvidersSectionTest {

    private static final Map<String, String> VARIABLES = Map.of("A", "value-of-a", "B", "value-of-b", "C",
            "value-of-c", "D", "value-of-d", "AGAIN", "value-of-a", "BLANK", " ", "NVIDIA_KEY_A", "1", "NVIDIA_KEY_C",
            "2", "SPARE_KEY", "3");

    /** What makes a provider of keys. */
    private static final String P = "providers: [{name: p, base-url: 'https://p', keys: ";

    @TempDir
    Path folder;

    @Test
    void everyFieldIsRead() throws IOException {
        Files.writeString(folder.resolve("team-b"), "value-of-the-file\n");
        var providers = Objects.requireNonNull(read("""
                providers:
                  - name: nvidia
                    base-url: https://integrate.example/v1/
                    keys:
                      - {name: team-a, env: A, rate-rpm: 60}
                      - {name: team-b, file: team-b, rate-rpm: 20, rate-tpm: 1000}
                      - {name: team-c, env: C, account: team-b}
                    models: {"*": "*"}
                  - name: Else.where_2
                    base-url: http://api.example:8080/openai
                    auth: api-key
                    keys: [{name: spare, env: D}]
                    models: {"llama": "meta-llama/Llama", "m/*": "*"}
                    fallback-after: 10s
                """).providers());
        assertThat(providers).isEqualTo(new Providers(List.of(
                new Provider("nvidia", new UpstreamAddress("https://integrate.example"), AuthForm.BEARER,
                        List.of(new ProviderKey("team-a", new Secret("value-of-a"), "team-a"),
                                new ProviderKey("team-b", new Secret("value-of-the-file"), "team-b"),
                                new ProviderKey("team-c", new Secret("value-of-c"), "team-b")),
                        List.of(new AccountLimit("team-a", 60, 0), new AccountLimit("team-b", 20, 1000)),
                        ModelMap.EVERYTHING, Duration.ZERO),
                new Provider("Else.where_2", new UpstreamAddress("http://api.example:8080/openai"), AuthForm.API_KEY,
                        List.of(new ProviderKey("spare", new Secret("value-of-d"), "spare")),
                        List.of(new AccountLimit("spare", 40, 0)), providers.all().getLast().models(),
                        Duration.ofSeconds(10)))));
        assertThat(providers.all().getLast().models().nameAt("llama")).isEqualTo("meta-llama/Llama");
        assertThat(providers.all().getLast().models().nameAt("m/x")).isEqualTo("x");
        assertThat(providers.all().getLast().models().nameAt("x")).isNull();
    }

    @Test
    void aFileOfProvidersAloneLetsEverybodyIn() {
        var config = read(P + "[{name: a, env: A}]}]");
        assertThat(Clients.of(config.clients(), config.anonymous())).isSameAs(Clients.ANYBODY);
        assertThat(config.summary()).isEqualTo("0 clients, 1 provider with 1 key");
        assertThat(problems(P + "[{name: a, env: A}]}]\nanonymous: {allow: false}")).containsExactly(
                "sidecar.yaml:2:20: nobody could call: there are no clients, and anonymous callers are refused");
    }

    @Test
    void withoutTheSectionThereAreNone() {
        assertThat(read("clients: [{name: a}, {name: b}]").providers()).isNull();
        assertThat(read("clients: [{name: a}, {name: b}]").summary()).isEqualTo("2 clients");
    }

    @Test
    void whatTheExampleShowsIsGood() throws IOException {
        Files.writeString(folder.resolve("team-b"), "4");
        var text = Files.readAllLines(Path.of("deploy/sidecar.example.yaml")).stream()
                .map(line -> line.matches("# (providers:|  (  |- )).*") ? line.substring(2) : line)
                .collect(Collectors.joining("\n"))
                .replace("/run/secrets/team-b", folder.resolve("team-b").toString());
        assertThat(read(text).summary()).isEqualTo("3 clients, 2 providers with 4 keys");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', ignoreLeadingAndTrailingWhitespace = true, value = {
            "`providers: []` | 1:12: must have at least 1",
            "`providers: {name: p}` | 1:12: must be a list",
            "`providers: [{base-url: 'http://p', keys: [{name: a, env: A}]}]` | 1:13: the field 'name' is missing",
            "`providers: [{name: p, keys: [{name: a, env: A}]}]` | 1:13: the field 'base-url' is missing",
            "`providers: [{name: p, base-url: 'http://p'}]` | 1:13: the field 'keys' is missing",
            "`providers: [{name: p/q, base-url: 'http://p', keys: [{name: a, env: A}]}]` | 1:20: must be 1 to 64 letters, "
                    + "digits, '.', '_' or '-'",
            "`providers: [{nam: p}]` | 1:14: unknown field: perhaps 'name' is meant",
            "`providers: [{name: p, base-url: 'ftp://p', keys: [{name: a, env: A}]}]` | 1:33: must be an http:// or https:// "
                    + "URL with a host",
            "`providers: [{name: p, base-url: 'http://p q', keys: [{name: a, env: A}]}]` | 1:33: must be an http:// or "
                    + "https:// URL",
            "`providers: [{name: p, base-url: 'http://u:canary@p', keys: [{name: a, env: A}]}]` | 1:33: must have no user "
                    + "info, query or fragment",
            "`providers: [{name: p, base-url: 'http://p', auth: basic, keys: [{name: a, env: A}]}]` | 1:51: must be one of "
                    + "bearer, x-api-key, api-key"})
    void whatIsWrongWithAProviderIsSaidWithItsPlace(String text, String problem) {
        assertThat(problems(text)).containsExactly("sidecar.yaml:" + problem);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', ignoreLeadingAndTrailingWhitespace = true, value = {
            "`[]` | 1:52: must have at least 1",
            "`[{name: a}]` | 1:53: must have exactly one of the fields env, file",
            "`[{name: a, env: A, file: b}]` | 1:53: must have exactly one of the fields env, file",
            "`[{env: A}]` | 1:53: the field 'name' is missing",
            "`[{name: A, env: A}]` | 1:60: must be 1 to 40 of a-z, 0-9 and '-'",
            "`[{name: a, env: nvapi-canary}]` | 1:68: must be the name of an environment variable: letters, digits and '_'",
            "`[{name: a, env: A, rate-rpm: 0}]` | 1:81: must be at least 1",
            "`[{name: a, env: A, rate-rpm: 1000001}]` | 1:81: must be at most 1000000",
            "`[{name: a, env: A, rate-rpm: fast}]` | 1:81: must be a whole number",
            "`[{name: a, env: A, rate-tpm: -1}]` | 1:81: must be at least 0",
            "`[{name: a, env: A, key: canary}]` | 1:71: unknown field; known are name, env, file, account, rate-rpm, rate-tpm",
            "`[{name: a, env: CANARY}]` | 1:68: there is no environment variable of this name",
            "`[{name: a, env: BLANK}]` | 1:68: the environment variable is empty",
            "`[{name: a, file: canary}]` | 1:69: there is no such file",
            "`[{name: a, file: .}]` | 1:69: is no regular file",
            "`[{name: a, env: A}, {name: a, env: B}]` | 1:79: the provider 'p' has a key of this name already",
            "`[{name: a, env: A}, {name: b, env: AGAIN}]` | 1:87: the key 'a' has this value already: a key is listed once",
            "`[{name: a, env: A, account: a}]` | 1:80: is the name of the key itself: leave it out",
            "`[{name: team, env: A}, {name: b, env: B, account: taem}]` | 1:102: no other key has this account: perhaps 'team' "
                    + "is meant",
            "`[{name: a, env: A}, {name: b, env: B, account: spare}]` | 1:99: no other key has this account",
            "`[{name: a, env: A}, {name: b, env: B, account: a, rate-rpm: 50}]` | 1:112: has no effect: the limit is that of "
                    + "the key 'a', 40",
            "`[{name: a, env: A}, {name: b, env: B, account: a, rate-tpm: 40}]` | 1:112: has no effect: the limit is that of "
                    + "the key 'a', 0",
            "`[{name: a, env: A, account: x, rate-rpm: 40}, {name: b, env: B, account: x, rate-rpm: 50}]` | 1:138: the key 'a' "
                    + "says another limit for the account that they share"})
    void whatIsWrongWithAKeyIsSaidWithItsPlaceAndNotShown(String keys, String problem) {
        assertThat(problems(P + keys + "}]")).containsExactly("sidecar.yaml:" + problem)
                .allSatisfy(line -> assertThat(line).doesNotContainIgnoringCase("canary"));
    }

    @Test
    void anAccountIsNoKeyThatSpendsAnothers() {
        assertThat(problems(P + "[{name: a, env: A}, {name: b, env: B, account: a}, {name: c, env: C, account: b}]}]"))
                .containsExactly(
                        "sidecar.yaml:1:130: the key 'b' has no budget of its own: name the account 'a'");
    }

    @Test
    void keysMayShareANameOrTheBudgetOfOneOfThem() {
        for (var keys : List.of("[{name: a, env: A, account: x, rate-rpm: 50}, {name: b, env: B, account: x}]",
                "[{name: a, env: A, account: x, rate-rpm: 50}, {name: b, env: B, account: x, rate-rpm: 50}]",
                "[{name: a, env: A, account: b}, {name: b, env: B, rate-rpm: 50}]",
                "[{name: a, env: A, account: b, rate-rpm: 50, rate-tpm: 0}, {name: b, env: B, rate-rpm: 50}]",
                "[{name: a, env: A, account: b, rate-rpm: 50}]")) {
            assertThat(Objects.requireNonNull(read(P + keys + "}]").providers()).rateRpm()).isEqualTo(50);
        }
    }

    /** Each step of the page deploy/PROVIDERS.md. */
    @Test
    void aKeyIsRotatedWithoutLosingItsAccount() {
        for (var keys : List.of("[{name: a, env: A, rate-rpm: 50}]",
                "[{name: a, env: A, rate-rpm: 50}, {name: next, env: B, account: a, rate-rpm: 50}]",
                "[{name: next, env: B, account: a, rate-rpm: 50}]")) {
            assertThat(Objects.requireNonNull(read(P + keys + "}]").providers()).first().accounts())
                    .containsExactly(new AccountLimit("a", 50, 0));
        }
    }

    @Test
    void namesKeysAndAccountsAreThoseOfOneProvider() {
        assertThat(problems("""
                providers:
                  - {name: p, base-url: https://p, keys: [{name: a, env: A}, {name: b, env: B, account: x}]}
                  - {name: p, base-url: https://p, keys: [{name: a, env: C}, {name: d, env: D, account: x}]}
                """)).containsExactlyInAnyOrder("sidecar.yaml:3:12: a provider above has the name 'p' too",
                "sidecar.yaml:3:50: the provider 'p' has a key of this name already",
                "sidecar.yaml:2:89: an account has keys of one provider only, and 'p' has this one too",
                "sidecar.yaml:3:89: an account has keys of one provider only, and 'p' has this one too");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "`{a: m*n}` | 13: may have one * and only at its end",
            "`{a: \"*x*\"}` | 13: may have one * and only at its end",
            "`{\"a*b\": c}` | 10: may have one * and only at its end",
            "`{a: \"m*\"}` | 13: may have a * only where the client's name has one",
            "`{\"\": c}` | 10: a name of a model must have 1 to 128 characters",
            "`{a: \"\"}` | 13: must be the provider's name of the model, of 1 to 128 characters",
            "`{a: 1}` | 13: must be a text: put it in quotes",
            "`{}` | 9: must have at least 1",
            "`[a]` | 9: must be a map of fields"})
    void modelsAreChecked(String models, String problem) {
        assertThat(problems(P + "[{name: a, env: A}],\nmodels: " + models + "}]"))
                .containsExactly("sidecar.yaml:2:" + problem);
    }

    @Test
    void aFallbackIsForProvidersBelowTheFirstAndForAnHourAtMost() {
        var second = """
                providers:
                - {name: p, base-url: https://p, keys: [{name: a, env: A}]}
                - {name: q, base-url: https://q, keys: [{name: b, env: B}], fallback-after: %s}
                """;
        assertThat(Objects.requireNonNull(read(second.formatted("60m")).providers()).all().getLast().fallbackAfter())
                .hasHours(1);
        assertThat(problems(second.formatted("61m"))).containsExactly("sidecar.yaml:3:77: must be at most 1h");
        assertThat(problems(second.formatted("soon")))
                .containsExactly("sidecar.yaml:3:77: must be a number and a unit, such as 10s, 1m or 1h");
        assertThat(problems(P + "[{name: a, env: A}], fallback-after: 10s}]")).containsExactly(
                "sidecar.yaml:1:89: has no effect on the first provider: it is always asked first");
    }

    @Test
    void twentyProvidersOfFiftyKeysAreEnough() throws IOException {
        var fifty = IntStream.range(0, 50).mapToObj("{name: k-%1$d-%%1$d, file: k-%1$d-%%1$d}"::formatted)
                .collect(Collectors.joining(", "));
        for (int i = 0; i < 50; i++) {
            for (int p = 0; p < 20; p++) {
                Files.writeString(folder.resolve("k-" + i + "-" + p), "value-" + i + "-" + p);
            }
        }
        var text = IntStream.range(0, 20).mapToObj(p -> "- {name: p-%1$d, base-url: https://p, keys: [".formatted(p)
                + fifty.formatted(p) + "]}\n").collect(Collectors.joining("", "providers:\n", ""));
        assertThat(read(text).summary()).isEqualTo("0 clients, 20 providers with 1000 keys");
        assertThat(problems(text + "- {name: q, base-url: https://p, keys: [{name: a, env: A}]}"))
                .containsExactly("sidecar.yaml:2:1: must have at most 20");
        assertThat(problems(P + "[" + IntStream.range(0, 51).mapToObj("{name: k-%d, env: A}"::formatted)
                .collect(Collectors.joining(", ")) + "]}]")).containsExactly("sidecar.yaml:1:52: must have at most 50");
    }

    @Test
    void aProgramThatStartedWithoutTheSectionNeedsARestartForItAndTheOtherWayRound() {
        var with = P + "[{name: a, env: A}]}]";
        var without = "clients: [{name: a}]";
        assertThat(problems("\n" + with, read(without)))
                .containsExactly("sidecar.yaml:2:12: the section is new, so it needs a restart");
        assertThat(problems(without, read(with))).containsExactly(
                "sidecar.yaml:1:1: without the section 'providers', which it had at the start, it needs a restart");
        assertThat(reader().read("sidecar.yaml", with.replace("env: A", "env: B"), read(with)).providers())
                .isNotEqualTo(read(with).providers());
    }

    @Test
    void noTextShowsAKey() {
        assertThat(read(P + "[{name: a, env: A}]}]").toString()).contains("name=a").doesNotContain("value-of");
    }

    private ConfigReader reader() {
        return new ConfigReader(new KeyReader(VARIABLES::get, folder.resolve("sidecar.yaml")));
    }

    private SidecarConfig read(String text) {
        return reader().read("sidecar.yaml", text);
    }

    private List<String> problems(String text) {
        return problems(text, null);
    }

    private List<String> problems(String text, @Nullable SidecarConfig inForce) {
        var refused = catchThrowableOfType(ConfigProblemsException.class,
                () -> reader().read("sidecar.yaml", text, inForce));
        return refused.problems().stream().map(FileProblem::toString).toList();
    }
}
