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
    void theVersionNamesTheCommit() {
        var build = BuildConfiguration.named(BUILD,
                properties(Map.of("git.commit.id.abbrev", "c6ef8bf", "git.dirty", "false")));

        assertThat(build.getVersion()).isEqualTo("1.2.3+c6ef8bf");
        assertThat(build.getName()).isEqualTo("NVIDIA Sidecar");
        assertThat(build.getTime()).isEqualTo("2026-11-22T00:00:00Z");
    }

    @Test
    void itSaysSoWhenTheTreeWasNotThatOfTheCommit() {
        assertThat(BuildConfiguration.named(BUILD, properties(Map.of("git.commit.id.abbrev", "c6ef8bf", "git.dirty",
                "true"))).getVersion()).isEqualTo("1.2.3+c6ef8bf.changed");
    }

    @Test
    void aTreeWithoutGitHasAVersionAllTheSame() {
        assertThat(BuildConfiguration.named(BUILD, new Properties()).getVersion()).isEqualTo("1.2.3");
    }

    @Test
    void thisBuildKnowsItsOwn() throws IOException {
        assertThat(new BuildConfiguration().buildProperties().getVersion()).matches("\\d+\\.\\d+\\.\\d+.*");
    }

    private static Properties properties(Map<String, String> entries) {
        var properties = new Properties();
        properties.putAll(entries);
        return properties;
    }
}
