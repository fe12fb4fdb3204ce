package dev.sidecar.fleet.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Keys and channels of a fleet, and whose name the holder of a lease has. */
class NamesTest {

    private final Names names = new Names("prod", "a:9190", "boot");

    @Test
    void theFleetStandsInBracesInEachName() {
        assertThat(names.leader()).asString().isEqualTo("sidecar:{prod}:leader");
        assertThat(names.epoch()).asString().isEqualTo("sidecar:{prod}:epoch");
        assertThat(names.all()).asString().isEqualTo("sidecar:{prod}:all");
        assertThat(names.to("b")).asString().isEqualTo("sidecar:{prod}:to:b");
        assertThat(names.echo()).asString().isEqualTo("sidecar:{prod}:echo:a:9190/boot");
    }

    @Test
    void thisProcessIsKnownByItsReplicaAndAnEarlierOneIsNobody() {
        assertThat(names.replicaOf("a:9190/boot")).isEqualTo("a:9190");
        assertThat(names.replicaOf("a:9190/earlier")).isEmpty();
        assertThat(names.replicaOf("b/whatever")).isEqualTo("b");
    }
}
