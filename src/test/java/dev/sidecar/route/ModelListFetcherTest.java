package dev.sidecar.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.sidecar.config.Secret;
import dev.sidecar.providers.AuthForm;
import dev.sidecar.providers.ModelListRefusedException;
import dev.sidecar.providers.ModelMap;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.ProviderKey;
import dev.sidecar.providers.ProviderOf;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.traffic.Evidences;
import dev.sidecar.upstream.UpstreamClient;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a provider is asked for its models. */
@Timeout(30)
class ModelListFetcherTest {

    private static final String LIST = "{\"object\":\"list\",\"data\":[{\"id\":\"a\"}]}";

    private final FakeProvider upstream = FakeProvider.start(_ -> Answer.json(200, LIST));
    private final UpstreamClient client = new UpstreamClient(() -> Duration.ofSeconds(20));
    private final ModelListFetcher fetcher = new ModelListFetcher(client, _ -> false, Duration.ofSeconds(5));

    @AfterEach
    void stop() {
        client.shutdown();
        upstream.close();
    }

    @ParameterizedTest
    @CsvSource({"BEARER, Authorization, Bearer secret-of-one", "X_API_KEY, x-api-key, secret-of-one",
            "API_KEY, api-key, secret-of-one"})
    void theFirstKeyGoesInTheFieldThatTheProviderWants(AuthForm auth, String field, String value) throws IOException {
        assertThat(new String(fetcher.fetch(provider(auth)), UTF_8)).isEqualTo(LIST);
        var request = upstream.requests().getFirst();
        assertThat(request.method() + " " + request.target()).isEqualTo("GET /base/v1/models");
        assertThat(request.headers()).filteredOn(each -> each.value().contains("secret"))
                .extracting(Header::name, Header::value).containsExactly(tuple(field, value));
    }

    @ParameterizedTest
    @CsvSource({"'', a", "a, b", "'a,b', c", "'a,b,c', a", "b, a"})
    void aKeyThatIsKnownToBeRefusedIsNotTried(String refused, String sent) throws IOException {
        var evidences = new Evidences(System::nanoTime, InstantSource.system());
        for (var key : refused.isEmpty() ? new String[0] : refused.split(",")) {
            evidences.of(new Evidences.Id("one", key)).requestAnswered(402, true, "m", "client");
        }
        var one = provider(AuthForm.BEARER);
        var provider = new Provider("one", one.address(), one.auth(),
                Stream.of("a", "b", "c").map(key -> new ProviderKey(key, new Secret(key), "a")).toList(),
                one.accounts(), one.models(), one.fallbackAfter());
        new ModelListFetcher(client, evidences).fetch(provider);
        assertThat(upstream.requests()).singleElement()
                .satisfies(request -> assertThat(request.header("Authorization")).hasValue("Bearer " + sent));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 302, 204, 500})
    void anotherStatusIsNoList(int status) {
        upstream.script(_ -> new Answer.Full(status, Header.list(), new byte[0]));
        assertThatThrownBy(() -> fetcher.fetch(provider(AuthForm.BEARER))).isInstanceOfSatisfying(
                ModelListRefusedException.class, refused -> assertThat(refused.status()).isEqualTo(status))
                .hasMessageNotContaining("secret");
        assertThat(client.isIdle()).isTrue();
    }

    @Test
    void aProviderThatDoesNotRespondIsNotWaitedFor() {
        upstream.script(_ -> new Answer.Silent());
        var impatient = new ModelListFetcher(client, _ -> false, Duration.ofMillis(200));
        assertThatThrownBy(() -> impatient.fetch(provider(AuthForm.BEARER)))
                .isInstanceOf(SocketTimeoutException.class);
        assertThat(client.isIdle()).isTrue();
    }

    @Test
    void aListWithoutEndIsNotRead() {
        upstream.script(_ -> Answer.json(200, " ".repeat(4 * 1024 * 1024) + LIST));
        assertThatThrownBy(() -> fetcher.fetch(provider(AuthForm.BEARER))).isInstanceOf(IOException.class)
                .hasMessageContaining("4194304");
        assertThat(client.isIdle()).isTrue();
    }

    @Test
    void aProviderThatIsNotThereIsAFailure() {
        upstream.stop();
        assertThatThrownBy(() -> fetcher.fetch(provider(AuthForm.BEARER))).isInstanceOf(IOException.class)
                .isNotInstanceOf(ModelListRefusedException.class);
        assertThat(client.isIdle()).isTrue();
    }

    private Provider provider(AuthForm auth) {
        return ProviderOf.with("one", upstream.baseUrl() + "/base", auth, ModelMap.EVERYTHING);
    }
}
