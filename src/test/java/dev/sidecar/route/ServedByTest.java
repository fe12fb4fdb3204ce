package dev.sidecar.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.providers.AccountLimit;
import dev.sidecar.providers.AuthForm;
import dev.sidecar.providers.ModelMap;
import dev.sidecar.providers.Provider;
import dev.sidecar.providers.ProviderKey;
import dev.sidecar.providers.Providers;
import dev.sidecar.providers.ProvidersInForce;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which providers may serve a request, and by which name of its model. */
class ServedByTest {

    private static final Provider ONE = provider("one", Map.of("llama", "meta/llama"));
    private static final Provider TWO = provider("two", Map.of("*", "*"));

    private final ProvidersInForce inForce = new ProvidersInForce(new Providers(List.of(ONE, TWO)));

    private static Provider provider(String name, Map<String, String> models) {
        return new Provider(name, new UpstreamAddress("http://" + name), AuthForm.BEARER,
                List.of(new ProviderKey(name, null, name)), List.of(new AccountLimit(name, 40, 0)), ModelMap.of(models),
                Duration.ZERO);
    }

    @Test
    void eachProviderKnowsTheModelByItsOwnName() {
        assertThat(at("llama", true, false, "one")).isEqualTo("meta/llama");
        assertThat(at("llama", true, false, "two")).isEqualTo("llama");
        assertThat(at("qwen", true, false, "one")).isEqualTo("none");
        assertThat(at("qwen", true, false, "three")).isEqualTo("none");
    }

    @Test
    void aProviderThatRenamesGetsNoNameThatCannotBeRead() {
        assertThat(at("llama", false, false, "one")).isEqualTo("none");
        assertThat(at("llama", false, false, "two")).isEqualTo("llama");
        assertThat(at(null, false, false, "one")).isEqualTo("none");
        assertThat(at(null, false, false, "two")).isEqualTo("unknown");
    }

    @Test
    void whatMayBeStoredGoesToTheFirstProviderUnderItsName() {
        assertThat(at("llama", true, true, "one")).isEqualTo("meta/llama");
        assertThat(at("qwen", true, true, "one")).isEqualTo("qwen");
        assertThat(at("llama", true, true, "two")).isEqualTo("none");
        assertThat(at("llama", false, true, "one")).as("twice in its body").isEqualTo("none");
    }

    @Test
    void aRequestForAnObjectNeedsNoModel() {
        var upload = new ServedBy(inForce, null, false, true);
        assertThat(upload.by("one", null)).isNotNull();
        var compressedResponse = new ServedBy(inForce, null, true, true);
        assertThat(compressedResponse.by("one", null)).isNull();
    }

    @Test
    void itIsAskedAnewWhenOtherProvidersAreInForce() {
        var served = new ServedBy(inForce, "llama", true, false);
        assertThat(served.by("one", "llama")).isNotNull();
        inForce.put(new Providers(List.of(provider("one", Map.of("qwen", "q")))));
        assertThat(served.by("one", "llama")).isNull();
        assertThat(served.by("two", "llama")).isNull();
    }

    private String at(@Nullable String model, boolean readable, boolean primaryOnly, String provider) {
        var at = new ServedBy(inForce, readable ? model : null, true, primaryOnly).by(provider, model);
        return at == null ? "none" : at.model() == null ? "unknown" : at.model();
    }
}
