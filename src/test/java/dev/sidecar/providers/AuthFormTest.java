package dev.sidecar.providers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.config.Secret;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthFormTest {

    @ParameterizedTest
    @CsvSource({"BEARER, Authorization, Bearer k-1", "X_API_KEY, x-api-key, k-1", "API_KEY, api-key, k-1"})
    void eachFormHasItsFieldAndItsValue(AuthForm form, String field, String value) {
        assertThat(form.field()).isEqualTo(field);
        assertThat(form.value(new Secret("k-1"))).isEqualTo(value);
    }
}
