package dev.sidecar;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** docs/architecture.md names the rooms that there are, and what each may import. */
class ArchitecturePageTest {

    private static String page;

    @BeforeAll
    static void read() throws IOException {
        page = Files.readString(Path.of("docs/architecture.md"));
    }

    @Test
    void itsListOfImportsIsTheOneThatIsHeld() {
        assertThat(listed()).isEqualTo(ArchitectureTest.ROOMS);
    }

    @Test
    void itsTableHasEveryRoomOnce() {
        var table = Pattern.compile("(?m)^\\| `([a-z.]+)` \\|")
                .matcher(section("## Rooms", "What each room may import"))
                .results().map(row -> row.group(1)).toList();

        // The top of the packages is no room of its own.
        assertThat(table).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(
                ArchitectureTest.ROOMS.keySet().stream().filter(room -> !room.isEmpty()).toList());
    }

    /** The list, with the lines that go on joined to those that they belong to. */
    private static Map<String, Set<String>> listed() {
        var list = section("```\n", "\n```", "What each room may import").replaceAll("\\n +", " ");
        return list.lines().map(line -> line.split(" +", 2)).collect(toMap(
                line -> line[0].equals("(dev.sidecar)") ? "" : line[0],
                line -> line[1].equals("nothing") ? Set.of() : Set.copyOf(Arrays.asList(line[1].split(", +")))));
    }

    private static String section(String from, String to) {
        return section(from, to, from);
    }

    /** The text between two marks. The first mark comes after a third one. */
    private static String section(String from, String to, String after) {
        var begin = page.indexOf(from, page.indexOf(after)) + from.length();
        return page.substring(begin, page.indexOf(to, begin));
    }
}
