package dev.sidecar.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.order.Priority;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a key makes a client known. */
class ClientsTest {

    private static final AnonymousEntry ALLOWED = new AnonymousEntry(true, null, 1, List.of(), 0, 0, List.of(), false,
            null);

    @Test
    void eachOfAClientsKeysMakesItKnown() {
        var clients = Clients.of(List.of(client("a", "one", "two"), client("b", "three")), null);
        assertThat(who(clients, "one")).isEqualTo("a");
        assertThat(who(clients, "two")).isEqualTo("a");
        assertThat(who(clients, "three")).isEqualTo("b");
        assertThat(clients.identify("four")).isInstanceOf(Identity.UnknownKey.class);
        assertThat(clients.identify(ClientKey.hash("one"))).isInstanceOf(Identity.UnknownKey.class);
        assertThat(clients.identify(null)).isInstanceOf(Identity.NoKey.class);
    }

    @Test
    void anUnknownKeyIsAnonymousWhereThatIsAllowedButNeverOneThatOnlyASidecarCanHaveMade() {
        var clients = Clients.of(List.of(client("a", "one")), ALLOWED);
        assertThat(who(clients, "sk-of-an-sdk")).isEqualTo("anonymous");
        assertThat(who(clients, null)).isEqualTo("anonymous");
        assertThat(clients.identify("sk-sidecar-unknown")).isInstanceOf(Identity.UnknownKey.class);
    }

    @Test
    void withoutAFileNoKeyMatters() {
        assertThat(who(Clients.ANYBODY, "sk-sidecar-unknown")).isEqualTo("anonymous");
        assertThat(who(Clients.ANYBODY, null)).isEqualTo("anonymous");
    }

    @Test
    void aClientIsFoundByNameToo() {
        var clients = Clients.of(List.of(client("a")), ALLOWED);
        assertThat(clients.named("a")).isPresent();
        assertThat(clients.named("anonymous")).isPresent();
        assertThat(clients.named("b")).isEmpty();
        assertThat(clients.all()).extracting(Client::name).containsExactly("a", "anonymous");
    }

    @Test
    void aNewKeyIsLikeNoOtherAndHasTheFormThatScannersKnow() {
        var random = new SecureRandom();
        var keys = new HashSet<>(IntStream.range(0, 100).mapToObj(i -> ClientKey.next(random)).toList());
        assertThat(keys).hasSize(100).allSatisfy(key -> assertThat(key).matches("sk-sidecar-[A-Za-z0-9_-]{43}"));
        assertThat(ClientKey.hash("test"))
                .isEqualTo("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"Bearer k, -, -, k", "bearer  k , x, y, k", "Basic k, x, y, x",
            "-, ' x ', y, x",
            "-, -, y, y", "-, '', y, y", "Bearer, -, y, y", "-, -, -, -", "Bearer a b, -, -, -"})
    void theFirstFieldThatHasAKeyCounts(@Nullable String authorization, @Nullable String xApiKey,
            @Nullable String apiKey, @Nullable String key) {
        Map<String, @Nullable String> fields = new HashMap<>();
        fields.put("Authorization", authorization);
        fields.put("x-api-key", xApiKey);
        fields.put("api-key", apiKey);
        assertThat(CredentialFields.key(fields::get)).isEqualTo(key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HIGH", " high "})
    void aRequestThatAsksForMoreGetsTheHighestOfItsClient(String asked) {
        var range = new ClassesEntry(null, Priority.NORMAL).range();
        assertThat(range.of(asked).label()).isEqualTo("normal");
        assertThat(range.of("low").label()).isEqualTo("low");
        assertThat(range.of("urgent").label()).isEqualTo("normal");
    }

    private static @Nullable String who(Clients clients, @Nullable String key) {
        return clients.identify(key) instanceof Identity.Identified(var client) ? client.name() : null;
    }

    private static ClientEntry client(String name, String... keys) {
        return new ClientEntry(name, List.of(keys).stream().map(ClientKey::hash).toList(), null, 1, List.of(), 0, 0,
                List.of(), false, null);
    }
}
