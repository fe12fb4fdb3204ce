package dev.sidecar.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesTest {

    @TempDir
    private Path folder;

    @Test
    void thoseForThisArchitectureAreCopiedAndNothingElse() throws IOException {
        jar("a.jar", "META-INF/native/liba_x86_64.so", "META-INF/native/liba_aarch_64.so",
                "META-INF/native/a_x86_64.dll");
        jar("b.jar", "other/libb_x86_64.so", "META-INF/native/libc_x86_64.so");

        NativeLibraries.copy(folder, folder.resolve("amd64"), "amd64");
        NativeLibraries.copy(folder, folder.resolve("aarch64"), "aarch64");

        assertThat(folder.resolve("amd64")).isDirectoryNotContaining(file -> !file.toString().contains("_x86_64.so"));
        assertThat(folder.resolve("amd64/liba_x86_64.so")).hasContent("META-INF/native/liba_x86_64.so");
        assertThat(folder.resolve("amd64/libc_x86_64.so")).exists();
        assertThat(folder.resolve("amd64/libb_x86_64.so")).doesNotExist();
        assertThat(folder.resolve("aarch64")).isDirectoryContaining("glob:**/liba_aarch_64.so");
    }

    private void jar(String name, String... entries) throws IOException {
        try (var jar = new ZipOutputStream(Files.newOutputStream(folder.resolve(name)))) {
            for (var entry : entries) {
                jar.putNextEntry(new ZipEntry(entry));
                jar.write(entry.getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
