package dev.sidecar.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** deploy/OPERATIONS.md says of each alert what it means for clients, what to look at and what to do. */
class RunbookTest {

    private static final String HEADING = "\n### ";

    private static String page;
    private static List<Map<String, Object>> alerts;

    @BeforeAll
    static void read() throws IOException {
        page = Files.readString(Path.of("deploy/OPERATIONS.md"));
        Map<String, List<Map<String, List<Map<String, Object>>>>> yaml = new Yaml()
                .load(Files.readString(Path.of("deploy/prometheus/alerts.yaml")));
        alerts = yaml.get("groups").stream().flatMap(group -> group.get("rules").stream()).toList();
    }

    @Test
    void everyAlertHasASectionAndEverySectionAnAlert() {
        assertThat(sections().map(RunbookTest::title)).containsExactlyInAnyOrderElementsOf(
                alerts.stream().map(alert -> String.valueOf(alert.get("alert"))).toList());
    }

    @Test
    void everyAlertPointsToItsSection() {
        assertThat(alerts).allSatisfy(alert -> assertThat(((Map<?, ?>) alert.get("annotations")).get("runbook_url"))
                .isEqualTo("deploy/OPERATIONS.md#" + String.valueOf(alert.get("alert")).toLowerCase(Locale.ROOT)));
    }

    static Stream<String> sections() {
        var begin = page.indexOf("\n## Alerts\n");
        var end = page.indexOf("\n## ", begin + 1);
        return Stream.of(page.substring(begin, end).split(HEADING)).skip(1);
    }

    @ParameterizedTest
    @MethodSource("sections")
    void aSectionSaysImpactCheckAndFixInThisOrder(String section) {
        assertThat(Pattern.compile("(?m)^\\*\\*(\\w+)\\.\\*\\* ").matcher(section).results().map(part -> part.group(1)))
                .as(title(section)).containsExactly("Impact", "Check", "Fix");
    }

    private static String title(String section) {
        return section.lines().findFirst().orElseThrow();
    }
}
