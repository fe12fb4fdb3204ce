package dev.sidecar.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which requests a client with models may send. */
class ModelRuleTest {

    private static final List<String> MODELS = List.of("meta/*", "nvidia/e5", "*-mini", "a*c*e");

    @ParameterizedTest
    @CsvSource({"meta/llama, true", "meta/, true", "meta, false", "x/meta/llama, false", "nvidia/e5, true",
            "nvidia/e5-2, false",
            "nvidia.e5, false", "gpt-mini, true", "gpt-mini-2, false", "abcde, true", "ace, true", "acd, false",
            "META/llama, false"})
    void aStarStandsForAnyText(String model, boolean allowed) {
        assertThat(allows(false, "POST", "/v1/chat/completions", model)).isEqualTo(allowed);
        assertThat(new ModelRule(MODELS, false).allows(model)).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
            // method, path, model; without and with stored: true
            "POST, /v1/chat/completions, -, false, false", "POST, /v1/chat/completions, other, false, false",
            "POST, /v1/embeddings, nvidia/e5, true, true", "GET, /v1/models, -, true, true",
            "GET, /v1/models/meta/llama, -, true, true", "POST, /v1/models, meta/a, false, true",
            "GET, /v1/files, -, false, true", "GET, /v1/files/file-1/content, -, false, true",
            "POST, /v1/files, -, false, true", "POST, /v1/batches, meta/a, false, true",
            "POST, /v1/messages/batches, meta/a, false, true", "DELETE, /v1/files/file-1, -, false, true",
            "POST, /v1/engines/other/completions, meta/a, false, true",
            "POST, /v1/fine_tuning/jobs, meta/a, false, true",
            "post, /v1/chat/completions, meta/a, true, true", "post, /v1/chat/completions, -, false, false",
            "POST, /v1/chat/completions/, meta/a, false, true",
            "POST, /v1/b%61tches, meta/a, false, true", "POST, //v1/batches, meta/a, false, true",
            "PUT, /v1/anything, meta/a, false, true", "GET, /v1/responses/resp-1, -, false, true"})
    void whatMayHideAModelNeedsStored(String method, String path, @Nullable String model, boolean allowed,
            boolean withStored) {
        assertThat(allows(false, method, path, model)).isEqualTo(allowed);
        assertThat(allows(true, method, path, model)).isEqualTo(withStored);
    }

    @Test
    void withoutModelsEverythingIsAllowed() {
        assertThat(new ModelRule(List.of(), false).refusal("POST", "/v1/batches", null)).isEmpty();
        assertThat(new ModelRule(List.of(), false).refusal("POST", "/v1/chat/completions", "any")).isEmpty();
        assertThat(ModelRule.ANY.allows("any")).isTrue();
    }

    @Test
    void aLongNameFullOfStarsIsMatchedInTime() {
        var rule = new ModelRule(List.of("*a*a*a*a*a*a*a*a*b"), false);
        assertThat(rule.refusal("POST", "/v1/chat/completions", "a".repeat(128))).isPresent();
    }

    private static boolean allows(boolean stored, String method, String path, @Nullable String model) {
        return new ModelRule(MODELS, stored).refusal(method, path, model).isEmpty();
    }
}
