package dev.sidecar.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.testkit.ProgramTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What an operator reads who asks whether a file of clients is good, or for a new key. */
@ProgramTest
@Isolated("reads standard output, which is that of the whole process")
@ExtendWith(OutputCaptureExtension.class)
class CheckConfigTest {

    @TempDir
    Path temp;

    @Test
    void aGoodFileIsCounted(CapturedOutput output) {
        var example = Path.of("deploy/sidecar.example.yaml");
        assertThat(CheckConfig.run(new CommandLine.CheckConfig(example))).isZero();
        assertThat(output.getOut()).isEqualTo(example + ": good, 3 clients" + System.lineSeparator());
    }

    @Test
    void providersAndTheirKeysAreCountedToo(CapturedOutput output) throws IOException {
        Files.writeString(temp.resolve("one"), "1");
        Files.writeString(temp.resolve("two"), "2");
        Files.writeString(temp.resolve("three"), "3");
        var file = Files.writeString(temp.resolve("sidecar.yaml"), """
                clients: [{name: a}, {name: b}]
                providers:
                  - name: p
                    base-url: https://p.example
                    keys: [{name: one, file: one}, {name: two, file: two}, {name: three, file: three}]
                """);
        assertThat(CheckConfig.run(new CommandLine.CheckConfig(file))).isZero();
        assertThat(output.getOut()).isEqualTo(file + ": good, 2 clients, 1 provider with 3 keys"
                + System.lineSeparator());
    }

    @Test
    void eachProblemIsALineWithItsPlace(CapturedOutput output) throws IOException {
        var file = Files.writeString(temp.resolve("bad.yaml"), "clients:\n- {name: A}\n- {nam: b}\n");
        assertThat(CheckConfig.run(new CommandLine.CheckConfig(file))).isEqualTo(1);
        assertThat(output.getOut()).isEmpty();
        assertThat(output.getErr().lines()).containsExactlyInAnyOrder(
                "bad.yaml:2:10: must be 1 to 40 of a-z, 0-9 and '-'",
                "bad.yaml:3:4: unknown field: perhaps 'name' is meant");
    }

    @Test
    void aNewKeyComesWithItsHash() throws IOException {
        var lines = NewClientKey.text(new SecureRandom()).lines().toList();
        assertThat(lines).hasSize(2);
        var hash = lines.getLast().replaceFirst("key-sha256: ", "");
        var file = Files.writeString(temp.resolve("a.yaml"), "clients: [{name: a, key-sha256: [\"" + hash + "\"]}]");
        assertThat(CheckConfig.run(new CommandLine.CheckConfig(file))).isZero();
        assertThat(lines.getFirst()).matches("key: +sk-sidecar-[A-Za-z0-9_-]{43}");
    }
}
