package dev.sidecar.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MemoryGroupTest {

    @Test
    void version1GoesBelowOurOwnGroup() {
        assertThat(place("9:name=systemd:/a", "4:cpu,memory:/user/of:us", "0::/"))
                .isEqualTo(new MemoryGroup.Place(Path.of("/sys/fs/cgroup/memory/user/of:us"), false));
    }

    @Test
    void version2GoesBesideOurOwnGroup() {
        assertThat(place("0::/user.slice/app.slice/run.scope"))
                .isEqualTo(new MemoryGroup.Place(Path.of("/sys/fs/cgroup/user.slice/app.slice"), true));
    }

    @Test
    void version2OfAContainerGoesBelowItsRoot() {
        assertThat(place("0::/")).isEqualTo(new MemoryGroup.Place(Path.of("/sys/fs/cgroup"), true));
    }

    @Test
    void thereMayBeNone() {
        assertThat(MemoryGroup.Place.of(List.of())).isNull();
        assertThat(MemoryGroup.Place.of(List.of("2:cpu:/"))).isNull();
    }

    @Test
    void readsCountsByTheirWholeName() {
        List<String> events = List.of("oom 7", "oom_kill 1", "max 12");

        assertThat(MemoryGroup.count(events, "oom_kill")).isEqualTo(1);
        assertThat(MemoryGroup.count(events, "oom")).isEqualTo(7);
        assertThat(MemoryGroup.count(events, "low")).isNaN();
    }

    private static MemoryGroup.@Nullable Place place(String... lines) {
        return MemoryGroup.Place.of(List.of(lines));
    }
}
