package dev.sidecar.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.config.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenRuleTest {

    private static final String TOKEN = "correct-horse-battery";

    private final TokenRule rule = new TokenRule(new Secret(TOKEN), "127.0.0.1");

    private static int status(Access access) {
        return access instanceof Access.Denied(var error) ? error.status() : 200;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer " + TOKEN, "bearer " + TOKEN, "BEARER   " + TOKEN + " "})
    void who_knows_the_token_may(String authorization) {
        assertThat(status(rule.byBearer(authorization))).isEqualTo(200);
        assertThat(status(rule.byBearerOrPassword(authorization))).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "Bearer ", TOKEN, "Basic " + TOKEN, "Bearer a b", "Digest x"})
    void who_has_given_none_is_asked_for_it(String authorization) {
        assertThat(status(rule.byBearer(authorization))).isEqualTo(401);
        assertThat(status(rule.byBearer(null))).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer x", "Bearer " + TOKEN + "x", "Bearer Correct-horse-battery",
            "Bearer correct-horse-batter"})
    void a_wrong_one_is_forbidden_and_not_repeated(String authorization) {
        assertThat(rule.byBearer(authorization)).isInstanceOfSatisfying(Access.Denied.class, denied -> {
            assertThat(denied.error().status()).isEqualTo(403);
            assertThat(denied.error().message()).doesNotContain(authorization.substring(7));
        });
    }

    @ParameterizedTest
    @CsvSource({"admin:" + TOKEN + ", 200", ":" + TOKEN + ", 200", TOKEN + ", 200", "admin:wrong, 403", "admin:, 403"})
    void a_browser_gives_it_as_a_password(String userAndPassword, int status) {
        var encoded = Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
        assertThat(status(rule.byBearerOrPassword("Basic " + encoded))).isEqualTo(status);
        assertThat(status(rule.byBearer("Basic " + encoded))).isEqualTo(401);
        assertThat(status(rule.byBearerOrPassword("Basic ====="))).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 200", "localhost, 200", "::1, 200", "127.1.2.3, 200", "0.0.0.0, 403", "::, 403",
            "192.0.2.7, 403"})
    void without_a_token_everything_is_open_on_a_loopback_address_only(String host, int status) {
        assertThat(status(new TokenRule(null, host).byBearer(null))).isEqualTo(status);
        assertThat(status(new TokenRule(new Secret(""), host).byBearer("Bearer x"))).isEqualTo(status);
        assertThat(status(new TokenRule(new Secret(TOKEN), host).byBearer("Bearer " + TOKEN))).isEqualTo(200);
    }

    @Test
    void the_reason_names_the_setting() {
        assertThat(new TokenRule(null, "0.0.0.0").byBearer(null)).isInstanceOfSatisfying(Access.Denied.class,
                denied -> assertThat(denied.error().message()).contains("SIDECAR_ADMIN_TOKEN"));
    }
}
