package dev.sidecar.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.config.Secret;
import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.providers.AccountLimit;
import dev.sidecar.providers.AuthForm;
import dev.sidecar.providers.ModelMap;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.ProviderKey;
import dev.sidecar.providers.Providers;
import dev.sidecar.traffic.Evidences;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The keys whose evidence is forgotten. */
class RenewedKeysTest {

    @Test
    void aKeyWithAnotherValueOrAnotherAddressIsNewAndOneThatComesOrStaysIsNot() {
        var before = providers(provider("p", "https://p", "a1", "b2", "c3"), provider("q", "https://q", "d4"));
        assertThat(RenewedKeys.between(before, before)).isEmpty();
        var after = providers(provider("p", "https://p", "b2", "a9", "e5"), provider("q", "https://r", "d4"));
        assertThat(RenewedKeys.between(before, after)).containsExactly(new Evidences.Id("p", "a"),
                new Evidences.Id("q", "d"));
    }

    private static Providers providers(Provider... all) {
        return new Providers(List.of(all));
    }

    private static Provider provider(String name, String address, String... keys) {
        return new Provider(name, new UpstreamAddress(address), AuthForm.BEARER,
                Arrays.stream(keys).map(each -> new ProviderKey(each.substring(0, 1), new Secret(each), "a")).toList(),
                List.of(new AccountLimit("a", 40, 0)),
                ModelMap.EVERYTHING, Duration.ZERO);
    }
}
