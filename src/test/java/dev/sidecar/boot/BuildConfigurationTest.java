package dev.sidecar.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class BuildConfigurationTest {

    private static final Properties BUILD = properties(
            Map.of("build.version", "1.2.3", "build.name", "NVIDIA Sidecar", "build.time", "2026-11-22T00:00:00Z"));

    @Test
    void the_version_names_the_commit() {
        var build = BuildConfiguration.named(BUILD,
                properties(Map.of("git.commit.id.abbrev", "c6ef8bf", "git.dirty", "false")));

        assertThat(build.getVersion()).isEqualTo("1.2.3+c6ef8bf");
        assertThat(build.getName()).isEqualTo("NVIDIA Sidecar");
        assertThat(build.getTime()).isEqualTo("2026-11-22T00:00:00Z");
    }

    @Test
    void it_says_so_when_the_tree_was_not_that_of_the_commit() {
        assertThat(BuildConfiguration.named(BUILD, properties(Map.of("git.commit.id.abbrev", "c6ef8bf", "git.dirty",
                "true"))).getVersion()).isEqualTo("1.2.3+c6ef8bf.changed");
    }

    @Test
    void a_tree_without_git_has_a_version_all_the_same() {
        assertThat(BuildConfiguration.named(BUILD, new Properties()).getVersion()).isEqualTo("1.2.3");
    }

    @Test
    void this_build_knows_its_own() throws IOException {
        assertThat(new BuildConfiguration().buildProperties().getVersion()).matches("\\d+\\.\\d+\\.\\d+.*");
    }

    private static Properties properties(Map<String, String> entries) {
        var properties = new Properties();
        properties.putAll(entries);
        return properties;
    }
}
