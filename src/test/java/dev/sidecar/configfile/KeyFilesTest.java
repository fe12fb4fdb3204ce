package dev.sidecar.configfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.files.YamlDocument;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyFilesTest {

    @Test
    void theFilesOfAllKeysAreFoundWhateverElseIsWrong() {
        assertThat(files("""
                providers:
                  - keys: [{file: one}, {env: x}, {file: /run/two}, 3, {file: [four]}, {file: "a\\0b"}]
                    wrong: {file: no}
                  - keys: {file: no}
                  - keys: [{file: ../three}]
                """)).containsExactlyInAnyOrder(Path.of("/etc/sidecar/one"), Path.of("/run/two"),
                Path.of("/etc/sidecar/../three"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "clients: [{file: no}]", "providers: no", "providers: [no]",
            "providers: {keys: [{file: no}]}"})
    void otherTextsHaveNone(String text) {
        assertThat(files(text)).isEmpty();
    }

    private static Set<Path> files(String text) {
        return KeyFiles.in(YamlDocument.of("sidecar.yaml", text).content(), Path.of("/etc/sidecar/sidecar.yaml"));
    }
}
