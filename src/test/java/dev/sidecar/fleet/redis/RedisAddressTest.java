package dev.sidecar.fleet.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.config.Secret;
import dev.sidecar.config.SettingsException;
import io.lettuce.core.SslVerifyMode;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of SIDECAR_REDIS_URL, and what is shown of them. */
class RedisAddressTest {

    private static final Duration PATIENCE = Duration.ofMillis(1234);

    private static RedisAddress address(String url) {
        return RedisAddress.of(new Secret(url), PATIENCE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "redis://redis | redis:6379",
            "redis://:secret@redis:7000/3 | redis:7000",
            "rediss://user:secret@redis.example:6380?timeout=5s | redis.example:6380",
            "redis-sentinel://secret@one:26379,two:26380/0#main | one:26379,two:26380",
            "rediss-sentinel://one#main | one:26379"})
    void onlyHostAndPortAreShown(String url, String shown) {
        assertThat(address(url).shown()).isEqualTo(shown);
        assertThat(address(url)).hasToString(shown);
    }

    @Test
    void userPasswordAndDatabaseAreRead() {
        var uri = address("rediss://me:p%40ss@redis/3?verifyPeer=NONE&timeout=60s").uri();
        var login = uri.getCredentialsProvider().resolveCredentials().block();
        assertThat(login.getUsername()).isEqualTo("me");
        assertThat(login.getPassword()).isEqualTo("p@ss".toCharArray());
        assertThat(uri.getDatabase()).isEqualTo(3);
        assertThat(uri.isSsl()).isTrue();
        assertThat(uri.getVerifyMode()).as("no URL can switch it off").isEqualTo(SslVerifyMode.FULL);
        assertThat(uri.getTimeout()).isEqualTo(PATIENCE);
    }

    @Test
    void eachSentinelHasTheSamePatience() {
        assertThat(address("redis-sentinel://one,two#main").uri().getSentinels())
                .allMatch(sentinel -> sentinel.getTimeout().equals(PATIENCE)).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"canary", "http://canary", "redis://", "redis://user:canary%@redis:6379",
            "redis://user:canary@:6379", "redis-sentinel://canary:26379", "redis-socket:///tmp/canary",
            "redis://user:canary@redis:99999", "redis://user:can#ary@redis:6379", "redis://user:123?canary@redis",
            "redis://user:123/canary@redis",
            "redis://user:can@ary@redis:6379", "redis-sentinel://:1#canary@one#main", "redis://redis:6379/canary"})
    void aUrlThatCannotBeUsedIsRefusedAndNotShown(String url) {
        assertThatThrownBy(() -> address(url)).isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("SIDECAR_REDIS_URL: must be such as redis://host:6379").hasNoCause()
                .hasMessageNotContaining("canary");
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis://:canary@redis.example:6379", "redis://10.0.0.1",
            "redis-sentinel://127.0.0.1,two#m"})
    void passwordsThatWouldGoThroughANetworkInTheClearAreWarnedOf(String url) {
        assertThat(address(url).warning()).hasValueSatisfying(warning -> assertThat(warning)
                .contains("SIDECAR_REDIS_URL has no TLS", "rediss://").doesNotContain("canary"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis://localhost", "redis://127.0.0.1:1", "redis://[::1]:6379", "rediss://redis.example",
            "rediss-sentinel://one,two#main", "redis-sentinel://localhost#main"})
    void onThisMachineOrWithTlsThereIsNothingToWarnOf(String url) {
        assertThat(address(url).warning()).isEmpty();
    }
}
