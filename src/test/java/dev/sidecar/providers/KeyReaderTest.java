package dev.sidecar.providers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.config.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the values of keys come from, and what is said when they do not. */
class KeyReaderTest {

    @TempDir
    Path folder;
    private KeyReader reader;

    @BeforeEach
    void start() {
        reader = new KeyReader(
                Map.of("KEY", " nvapi-1\n", "BLANK", " \n", "TWO", "nvapi-1 nvapi-2", "SIDECAR_KEY", "x")::get,
                folder.resolve("sidecar.yaml"));
    }

    @Test
    void aVariableIsStripped() {
        assertThat(env("KEY")).isEqualTo(found("nvapi-1"));
    }

    @Test
    void aVariableWithoutAKeyIsSpokenOf() {
        assertThat(env("NONE")).isEqualTo(missing("env", "there is no environment variable of this name"));
        assertThat(env("BLANK")).isEqualTo(missing("env", "the environment variable is empty"));
        assertThat(env("TWO")).isEqualTo(missing("env",
                "the environment variable must have nothing but the key: printable ASCII characters without spaces"));
    }

    /** The start would warn of it as of a setting that nothing reads. */
    @Test
    void aVariableOfTheSidecarIsNoPlaceForAKey() {
        assertThat(env("SIDECAR_KEY")).isEqualTo(missing("env",
                "names that begin with SIDECAR_ are the sidecar's own settings: choose another name"));
    }

    @Test
    void aFileIsStrippedAndItsPathBeginsAtTheFolderOfTheConfiguration() throws IOException {
        Files.writeString(Files.createDirectory(folder.resolve("secrets")).resolve("a"), "\n nvapi-1 \r\n");
        assertThat(file("secrets/a")).isEqualTo(found("nvapi-1"));
        assertThat(file(folder.resolve("secrets/a").toString())).isEqualTo(found("nvapi-1"));
    }

    @Test
    void aFileWithoutAKeyIsSpokenOf() throws IOException {
        Files.createDirectory(folder.resolve("folder"));
        Files.writeString(folder.resolve("blank"), " \n");
        Files.write(folder.resolve("umlaut"), "schlüssel".getBytes(UTF_8));
        assertThat(file("none")).isEqualTo(missing("file", "there is no such file"));
        assertThat(file("folder")).isEqualTo(missing("file", "is no regular file"));
        assertThat(file("blank")).isEqualTo(missing("file", "the file is empty"));
        assertThat(file("umlaut")).isEqualTo(missing("file",
                "the file must have nothing but the key: printable ASCII characters without spaces"));
        assertThat(file("a\0b")).isEqualTo(missing("file", "must be the path of a file"));
    }

    @Test
    void aFileMayHave64KilobytesAndNoMore() throws IOException {
        Files.writeString(folder.resolve("large"), "k".repeat(65_536));
        Files.writeString(folder.resolve("too-large"), "k".repeat(65_537));
        assertThat(file("large")).isEqualTo(found("k".repeat(65_536)));
        assertThat(file("too-large")).isEqualTo(missing("file", "the file has more than 65536 bytes"));
    }

    @Test
    void noTextShowsAValue() {
        assertThat(env("KEY").toString()).doesNotContain("nvapi");
    }

    private KeyValue env(String name) {
        return reader.read(new KeyEntry("a", name, null, null, null, null));
    }

    private KeyValue file(String name) {
        return reader.read(new KeyEntry("a", null, name, null, null, null));
    }

    private static KeyValue found(String value) {
        return new KeyValue.Found(new Secret(value));
    }

    private static KeyValue missing(String field, String reason) {
        return new KeyValue.Missing(field, reason);
    }
}
