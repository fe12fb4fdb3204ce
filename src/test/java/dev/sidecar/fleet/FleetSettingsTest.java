package dev.sidecar.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sidecar.config.Secret;
import dev.sidecar.config.SettingsException;
import dev.sidecar.config.SidecarProperties;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.convert.converter.Converter;

/** Who a replica is, by its settings. */
class FleetSettingsTest {

    private static SidecarProperties settings(Map<String, String> given) {
        var conversion = new ApplicationConversionService();
        conversion.addConverter(String.class, Secret.class, (Converter<String, Secret>) Secret::new);
        return new Binder(java.util.List.of(new MapConfigurationPropertySource(given)), null, conversion)
                .bindOrCreate("sidecar", SidecarProperties.class);
    }

    private static SidecarProperties withRedis(Map<String, String> given) {
        var all = new HashMap<>(given);
        all.put("sidecar.redis-url", "redis://:canary@redis");
        return settings(all);
    }

    @Test
    void withoutRedisThereIsNoFleetAndNobodyAsksForTheHostName() {
        assertThat(FleetSettings.of(settings(Map.of()), () -> {
            throw new AssertionError();
        })).isEmpty();
    }

    @Test
    void aReplicaIsCalledByHostAndPortWhereItHasNoName() {
        assertThat(FleetSettings.of(withRedis(Map.of("sidecar.replica-id", " ")), () -> "box")).hasValue(
                new FleetSettings(new Secret("redis://:canary@redis"), "sidecar", "box:9190", Duration.ofSeconds(3)));
        assertThat(FleetSettings.of(withRedis(Map.of("sidecar.port", "1")), () -> "an odd/näme")).hasValueSatisfying(
                found -> assertThat(found.replica()).isEqualTo("an-odd-n-me:1"));
        assertThat(FleetSettings.of(withRedis(Map.of()), () -> "x".repeat(99))).hasValueSatisfying(
                found -> assertThat(found.replica()).hasSize(64).endsWith("x:9190"));
    }

    @Test
    void itsOwnNameAndThatOfTheFleetAreTaken() {
        var found = FleetSettings.of(withRedis(Map.of("sidecar.fleet", "prod", "sidecar.replica-id", "a",
                "sidecar.port", "0")), () -> "box").orElseThrow();
        assertThat(found.fleet()).isEqualTo("prod");
        assertThat(found.replica()).isEqualTo("a");
        assertThat(found.toString()).doesNotContain("canary");
    }

    @Test
    void aPortThatIsPickedMakesNoName() {
        assertThatThrownBy(() -> FleetSettings.of(withRedis(Map.of("sidecar.port", "0")), () -> "box"))
                .isInstanceOf(SettingsException.class).hasMessageStartingWith("SIDECAR_REPLICA_ID is not set");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "{a}"})
    void otherCharactersAreRefusedInNames(String name) {
        var url = new Secret("redis://redis");
        assertThatThrownBy(() -> new FleetSettings(url, name, "a", FleetSettings.LEASE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new FleetSettings(url, "fleet", name, FleetSettings.LEASE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aLeaseOfNoTimeIsRefused() {
        assertThatThrownBy(() -> new FleetSettings(new Secret("redis://redis"), "f", "a", Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void thisMachineHasAName() {
        assertThat(HostName.get()).isNotBlank().doesNotContain("\n");
    }
}
