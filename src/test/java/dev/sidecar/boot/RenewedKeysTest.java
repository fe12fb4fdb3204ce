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

/** Of which keys everything is forgotten. */
class RenewedKeysTest {

    @Test
    void aKeyWithAnotherValueOrAnotherAddressIsNewAndOneThatComesOrStaysIsNot() {
        var before = providers(provider("p", "https://p", "a=1", "b=2", "c=3"), provider("q", "https://q", "d=4"));
        assertThat(RenewedKeys.between(before, before)).isEmpty();
        var after = providers(provider("p", "https://p", "b=2", "a=9", "e=5"), provider("q", "https://r", "d=4"));
        assertThat(RenewedKeys.between(before, after)).containsExactly(new Evidences.Id("p", "a"),
                new Evidences.Id("q", "d"));
    }

    private static Providers providers(Provider... all) {
        return new Providers(List.of(all));
    }

    private static Provider provider(String name, String address, String... keys) {
        return new Provider(name, new UpstreamAddress(address), AuthForm.BEARER,
                Arrays.stream(keys).map(each -> each.split("="))
                        .map(each -> new ProviderKey(each[0], new Secret(each[1]), each[0])).toList(),
                Arrays.stream(keys).map(each -> new AccountLimit(each.split("=")[0], 40, 0)).toList(),
                ModelMap.EVERYTHING, Duration.ZERO);
    }
}
