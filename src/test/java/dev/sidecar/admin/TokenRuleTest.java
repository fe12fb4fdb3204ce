package dev.sidecar.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.config.Secret;
import dev.sidecar.throttle.NanoClock;
import io.github.resilience4j.ratelimiter.RateLimiterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenRuleTest {

    private static final String TOKEN = "correct-horse-battery";
    private static final String CLIENT = "192.0.2.1";

    private final TokenRule rule = rule(new Secret(TOKEN), "127.0.0.1");

    private static TokenRule rule(@Nullable Secret token, String listenHost) {
        NanoClock clock = () -> 0;
        return new TokenRule(token, listenHost, new Guesses(RateLimiterRegistry.ofDefaults(), clock), new Audit(clock));
    }

    private static int status(Access access) {
        return access instanceof Access.Denied(var error, _) ? error.status() : 200;
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer " + TOKEN, "bearer " + TOKEN, "BEARER   " + TOKEN + " "})
    void whoKnowsTheTokenMay(String authorization) {
        assertThat(status(rule.byBearer(authorization, CLIENT))).isEqualTo(200);
        assertThat(status(rule.byBearerOrPassword(authorization, CLIENT))).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "Bearer ", TOKEN, "Basic " + TOKEN, "Bearer a b", "Digest x"})
    void whoHasGivenNoneIsAskedForIt(String authorization) {
        assertThat(status(rule.byBearer(authorization, CLIENT))).isEqualTo(401);
        assertThat(status(rule.byBearer(null, CLIENT))).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer x", "Bearer " + TOKEN + "x", "Bearer Correct-horse-battery",
            "Bearer correct-horse-batter"})
    void aWrongOneIsForbiddenAndNotRepeated(String authorization) {
        assertThat(rule.byBearer(authorization, CLIENT)).isInstanceOfSatisfying(Access.Denied.class, denied -> {
            assertThat(denied.error().status()).isEqualTo(403);
            assertThat(denied.error().message()).doesNotContain(authorization.substring(7));
        });
    }

    @ParameterizedTest
    @CsvSource({"admin:" + TOKEN + ", 200", ":" + TOKEN + ", 200", TOKEN + ", 200", "admin:wrong, 403", "admin:, 403"})
    void aBrowserGivesItAsAPassword(String userAndPassword, int status) {
        var encoded = Base64.getEncoder().encodeToString(userAndPassword.getBytes(StandardCharsets.UTF_8));
        assertThat(status(rule.byBearerOrPassword("Basic " + encoded, CLIENT))).isEqualTo(status);
        assertThat(status(rule.byBearer("Basic " + encoded, CLIENT))).isEqualTo(401);
        assertThat(status(rule.byBearerOrPassword("Basic =====", CLIENT))).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 200", "localhost, 200", "::1, 200", "127.1.2.3, 200", "0.0.0.0, 403", "::, 403",
            "192.0.2.7, 403"})
    void withoutATokenEverythingIsOpenOnALoopbackAddressOnly(String host, int status) {
        assertThat(status(rule(null, host).byBearer(null, CLIENT))).isEqualTo(status);
        assertThat(status(rule(new Secret(""), host).byBearer("Bearer x", CLIENT))).isEqualTo(status);
        assertThat(status(rule(new Secret(TOKEN), host).byBearer("Bearer " + TOKEN, CLIENT))).isEqualTo(200);
    }

    @Test
    void whoGuessesIsToldToWaitAndWhoKnowsTheTokenIsNot() {
        for (int i = 0; i < Guesses.PERMITTED; i++) {
            assertThat(status(rule.byBearer("Bearer x" + i, CLIENT))).isEqualTo(403);
            assertThat(status(rule.byBearer("Bearer " + TOKEN, CLIENT))).isEqualTo(200);
            assertThat(status(rule.byBearer(null, CLIENT))).isEqualTo(401);
        }
        assertThat(rule.byBearer("Bearer x", CLIENT)).isInstanceOfSatisfying(Access.Denied.class, denied -> {
            assertThat(denied.error().status()).isEqualTo(429);
            assertThat(denied.error().code()).isEqualTo("too_many_guesses");
            assertThat(denied.error().message()).contains("60 s");
            assertThat(denied.retryAfter()).isEqualTo(Guesses.PERIOD);
        });
        assertThat(status(rule.byBearer("Bearer " + TOKEN, CLIENT))).isEqualTo(200);
        assertThat(status(rule.byBearer(null, CLIENT))).isEqualTo(401);
        assertThat(status(rule.byBearer("Bearer x", "192.0.2.2"))).isEqualTo(403);
    }

    @Test
    void theReasonNamesTheSetting() {
        assertThat(rule(null, "0.0.0.0").byBearer(null, CLIENT)).isInstanceOfSatisfying(Access.Denied.class,
                denied -> assertThat(denied.error().message()).contains("SIDECAR_ADMIN_TOKEN"));
    }
}
