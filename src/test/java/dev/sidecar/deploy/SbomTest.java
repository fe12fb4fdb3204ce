package dev.sidecar.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the jar is made of, as the bill of materials in it says. */
class SbomTest {

    /** Those that software under Apache-2.0 may come with, unchanged, as jars of their own. */
    private static final Set<String> LICENCES = Set.of("Apache-2.0", "MIT", "MIT-0", "BSD-2-Clause", "BSD-3-Clause",
            "CC0-1.0", "EPL-1.0", "EPL-2.0", "GPL-2.0-with-classpath-exception");

    private static JsonNode bom;

    @BeforeAll
    static void read() throws IOException {
        try (var in = SbomTest.class.getResourceAsStream("/META-INF/sbom/application.cdx.json")) {
            bom = new ObjectMapper().readTree(in);
        }
    }

    @Test
    void everyPartMayBeUsedUnderALicenceThatIsKnown() {
        assertThat(components()).hasSizeGreaterThan(100).allSatisfy(
                component -> assertThat(licences(component)).as(component.get("purl").asText())
                        .anyMatch(LICENCES::contains));
    }

    @Test
    void everyPartHasAVersionAndAChecksum() {
        assertThat(components()).allSatisfy(component -> {
            assertThat(component.path("version").asText()).isNotEmpty();
            assertThat(component.path("hashes")).isNotEmpty();
        });
    }

    @Test
    void nothingOfTheTestsIsInIt() {
        assertThat(components()).extracting(component -> component.get("name").asText()).contains("camel-http")
                .doesNotContain("junit-jupiter", "assertj-core", "openai-java", "kubernetes-model-core");
    }

    @Test
    void theArchitecturePageSaysWhyEachDirectDependencyIsThere() throws IOException {
        var pom = Files.readString(Path.of("pom.xml"));
        var section = pom.substring(pom.indexOf("</dependencyManagement>"), pom.indexOf("<build>"))
                .replaceAll("(?s)<exclusions>.*?</exclusions>", "");
        var direct = Pattern.compile("(?s)<dependency>.*?</dependency>").matcher(section).results()
                .map(MatchResult::group).filter(one -> !one.contains("<scope>test</scope>"))
                .map(one -> one.replaceAll("(?s).*<artifactId>(.*)</artifactId>.*", "$1")).toList();
        var design = Files.readString(Path.of("docs/architecture.md"));

        assertThat(direct).hasSizeGreaterThan(10);
        assertThat(design.substring(design.indexOf("\n## Dependencies"))).contains(
                direct.stream().map(name -> "`" + name + "`").toList());
    }

    private static List<JsonNode> components() {
        return StreamSupport.stream(bom.get("components").spliterator(), false).toList();
    }

    private static List<String> licences(JsonNode component) {
        return StreamSupport.stream(component.path("licenses").spliterator(), false)
                .map(one -> one.path("license").path("id").asText(one.path("expression").asText())).toList();
    }
}
