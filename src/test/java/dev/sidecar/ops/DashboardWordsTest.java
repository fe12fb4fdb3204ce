package dev.sidecar.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard's dictionaries. */
class DashboardWordsTest {

    private static final Path FOLDER = Path.of("src/main/resources/static/dashboard");
    private static final Pattern KEY = Pattern.compile("(?m)(?:^ *|, |\\{)(?:'([a-z0-9_-]+)'|([a-z]+)): (?=['\"])");

    /** JavaScript takes the last one, without a word. */
    @ParameterizedTest
    @ValueSource(strings = {"english.js", "chinese.js"})
    void eachKeyIsThereOnce(String file) throws IOException {
        var keys = KEY.matcher(Files.readString(FOLDER.resolve(file))).results()
                .map(key -> key.group(1) == null ? key.group(2) : key.group(1)).toList();
        assertThat(keys).hasSizeGreaterThan(200).doesNotHaveDuplicates();
    }
}
