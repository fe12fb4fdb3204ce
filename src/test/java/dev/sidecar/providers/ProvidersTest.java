package dev.sidecar.providers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.config.Secret;
import dev.sidecar.config.UpstreamAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of the entries of the file, and of the settings where there are none. */
class ProvidersTest {

    private static final UpstreamAddress ADDRESS = new UpstreamAddress("https://p.example");

    @Test
    void theSettingsAreOneProviderWithOneKeyOfTheSameName() {
        var secret = new Secret("nvapi-1");
        var providers = Providers.single("nvidia", ADDRESS, secret, 60, 0);
        assertThat(providers.all()).containsExactly(new Provider("nvidia", ADDRESS, AuthForm.BEARER,
                List.of(new ProviderKey("nvidia", secret, "nvidia")), List.of(new AccountLimit("nvidia", 60, 0)),
                ModelMap.EVERYTHING, Duration.ZERO));
        assertThat(providers.rateRpm()).isEqualTo(60);
        assertThat(providers.keyCount()).isEqualTo(1);
    }

    @Test
    void anEntryHasItsDefaults() {
        var provider = providers(List.of(key("a", null, null, null))).first();
        assertThat(provider.auth()).isEqualTo(AuthForm.BEARER);
        assertThat(provider.models()).isSameAs(ModelMap.EVERYTHING);
        assertThat(provider.fallbackAfter()).isZero();
        assertThat(provider.address()).isEqualTo(ADDRESS);
        assertThat(provider.keys()).containsExactly(new ProviderKey("a", new Secret("of-a"), "a"));
        assertThat(provider.accounts()).containsExactly(new AccountLimit("a", 40, 0));
    }

    @Test
    void aKeyThatNamesAnotherSpendsTheBudgetOfThatOne() {
        var provider = providers(List.of(key("c", "b", null, null), key("a", null, 10, null), key("b", null, 20, 5)))
                .first();
        assertThat(provider.keys()).extracting(ProviderKey::account).containsExactly("b", "a", "b");
        assertThat(provider.accounts()).containsExactly(new AccountLimit("b", 20, 5), new AccountLimit("a", 10, 0));
        assertThat(provider.accountOf(provider.keys().getFirst())).isEqualTo(new AccountLimit("b", 20, 5));
    }

    @Test
    void keysOfASharedNameHaveTheLimitThatAnyOfThemSays() {
        var provider = providers(List.of(key("a", "team", null, null), key("b", "team", 30, null),
                key("c", "team", null, 7))).first();
        assertThat(provider.accounts()).containsExactly(new AccountLimit("team", 30, 7));
    }

    @Test
    void theRatesOfAllAccountsAreAddedOnce() {
        assertThat(providers(List.of(key("a", null, 10, null), key("b", "a", null, null)),
                List.of(key("c", null, 5, null))).rateRpm()).isEqualTo(15);
    }

    @Test
    void aProviderIsFoundByItsName() {
        var providers = providers(List.of(key("a", null, null, null)), List.of(key("b", null, null, null)));
        assertThat(providers.named("p-1")).contains(providers.all().getLast());
        assertThat(providers.named("P-1")).isEmpty();
        assertThatThrownBy(() -> new Providers(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anotherValueOfAKeyMakesAnotherProviderAndNoTextShowsIt() {
        assertThat(Providers.single("a", ADDRESS, new Secret("one"), 1, 0))
                .isEqualTo(Providers.single("a", ADDRESS, new Secret("one"), 1, 0))
                .isNotEqualTo(Providers.single("a", ADDRESS, new Secret("two"), 1, 0));
        assertThat(Providers.single("a", ADDRESS, new Secret("nvapi-top"), 1, 0).toString())
                .doesNotContain("nvapi-top");
    }

    @Test
    void whatWasPutLastIsInForce() {
        var one = Providers.single("a", ADDRESS, null, 1, 0);
        var two = Providers.single("a", ADDRESS, null, 2, 0);
        var inForce = new ProvidersInForce(one);
        assertThat(inForce.get()).isSameAs(one);
        inForce.put(two);
        assertThat(inForce.get()).isSameAs(two);
    }

    /** Each key has the value {@code of-<name>}. */
    @SafeVarargs
    private static Providers providers(List<KeyEntry>... keys) {
        var entries = new ArrayList<ProviderEntry>();
        for (int i = 0; i < keys.length; i++) {
            entries.add(new ProviderEntry("p-" + i, "https://p.example/v1", null, keys[i], null, null));
        }
        var reader = new KeyReader(Map.of("A", "of-a", "B", "of-b", "C", "of-c")::get, Path.of("sidecar.yaml"));
        return Providers.of(entries, KeyValues.of(entries, reader));
    }

    private static KeyEntry key(String name, @Nullable String account, @Nullable Integer rpm,
            @Nullable Integer tpm) {
        return new KeyEntry(name, name.toUpperCase(Locale.ROOT), null, account, rpm, tpm);
    }
}
