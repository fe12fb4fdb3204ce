package dev.sidecar.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeanJarTest {

    private static final String SAMPLE = LeanJarTest.class.getName().replace('.', '/') + "$Sample.class";
    private static final Instant THEN = Instant.parse("2024-02-03T04:05:06Z");

    @TempDir
    private Path folder;

    @Test
    void names_of_local_variables_go_and_the_code_the_lines_and_the_parameters_stay() throws Exception {
        var jar = jar(Map.of(SAMPLE, sample()));
        assertThat(attributesOfCode(sample())).contains("LocalVariableTable");

        LeanJar.main(folder.toString());

        var lean = contents(jar).getOrDefault(SAMPLE, new byte[0]);
        assertThat(attributesOfCode(lean)).contains("LineNumberTable", "StackMapTable")
                .doesNotContain("LocalVariableTable", "LocalVariableTypeTable");
        assertThat(new String(lean, StandardCharsets.ISO_8859_1)).doesNotContain("aRatherLongName");
        assertThat(ClassFile.of().verify(lean)).isEmpty();
        try (var loader = new URLClassLoader(new URL[]{jar.toUri().toURL()}, null)) {
            var loaded = loader.loadClass(Sample.class.getName());
            assertThat(loaded).isNotSameAs(Sample.class);
            var doubling = loaded.getDeclaredConstructor().newInstance();
            assertThat(((IntUnaryOperator) doubling).applyAsInt(21)).isEqualTo(42);
            assertThat(loaded.getMethod("applyAsInt", int.class).getParameters()[0].getName()).isEqualTo("given");
        }
    }

    @Test
    void what_only_editors_and_other_frameworks_read_goes_and_the_rest_is_as_it_was() throws IOException {
        var jar = jar(Map.of("META-INF/MANIFEST.MF", new byte[]{1}, "META-INF/jandex.idx", new byte[]{2},
                "META-INF/spring-configuration-metadata.json", new byte[]{3},
                "META-INF/additional-spring-configuration-metadata.json", new byte[]{4}, "camel-xml-io-v4.18.xsd",
                new byte[]{7}, "jakarta/servlet/resources/web-app_6_0.xsd", new byte[]{8},
                "META-INF/spring.factories", new byte[]{5}, "module-info.class", new byte[]{6}));
        var maven = jar("maven.jar", Map.of("META-INF/maven/some/part/pom.xml", new byte[]{1}, "pom.xml", new byte[]{2},
                // Camel finds its version in there.
                "META-INF/maven/some/part/pom.properties", new byte[]{3}));
        var other = jar("other.jar", Map.of("META-INF/native/libsome.so", new byte[]{1},
                "META-INF/native-image/some/reflect-config.json", new byte[]{2},
                "org/springframework/beans/factory/xml/spring-beans.xsd", new byte[]{3}, "schema.xsd", new byte[]{4},
                "hawtio-static/html.worker.js", new byte[]{5}));
        Files.setLastModifiedTime(jar, FileTime.from(THEN));

        LeanJar.main(folder.toString());

        assertThat(contents(jar)).containsOnlyKeys("META-INF/MANIFEST.MF", "META-INF/spring.factories",
                "module-info.class");
        assertThat(contents(jar).get("META-INF/spring.factories")).containsExactly(5);
        assertThat(Files.getLastModifiedTime(jar).toInstant()).isEqualTo(THEN);
        try (var zip = new ZipFile(jar.toFile())) {
            assertThat(zip.stream().map(ZipEntry::getTime)).containsOnly(THEN.toEpochMilli());
        }
        assertThat(contents(maven)).containsOnlyKeys("META-INF/maven/some/part/pom.properties");
        assertThat(contents(other)).containsOnlyKeys("schema.xsd");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(jar, maven, other);
        }
    }

    @Test
    void a_signed_jar_is_left_alone() throws IOException {
        var jar = jar(Map.of("META-INF/SIGNER.SF", new byte[]{1}, "META-INF/jandex.idx", new byte[]{2}));
        var before = Files.readAllBytes(jar);

        LeanJar.main(folder.toString());

        assertThat(jar).hasBinaryContent(before);
    }

    private Path jar(Map<String, byte[]> contents) throws IOException {
        return jar("some.jar", contents);
    }

    private Path jar(String name, Map<String, byte[]> contents) throws IOException {
        var jar = folder.resolve(name);
        try (var out = new ZipOutputStream(Files.newOutputStream(jar))) {
            for (var each : contents.entrySet()) {
                var entry = new ZipEntry(each.getKey());
                entry.setTime(THEN.toEpochMilli());
                out.putNextEntry(entry);
                out.write(each.getValue());
            }
        }
        return jar;
    }

    private static Map<String, byte[]> contents(Path jar) throws IOException {
        var contents = new TreeMap<String, byte[]>();
        try (var zip = new ZipFile(jar.toFile())) {
            for (var entry : zip.stream().toList()) {
                contents.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        }
        return contents;
    }

    private static byte[] sample() throws IOException {
        try (var in = LeanJarTest.class.getClassLoader().getResourceAsStream(SAMPLE)) {
            return in.readAllBytes();
        }
    }

    private static List<String> attributesOfCode(byte[] classFile) {
        var names = new ArrayList<String>();
        for (var method : ClassFile.of().parse(classFile).methods()) {
            method.findAttribute(Attributes.code()).map(CodeAttribute::attributes)
                    .ifPresent(all -> all.forEach(each -> names.add(each.attributeName().stringValue())));
        }
        return names;
    }

    /** What is made lean. */
    public static final class Sample implements IntUnaryOperator {

        @Override
        public int applyAsInt(int given) {
            var aRatherLongName = 0;
            for (var count = 0; count < 2; count++) {
                aRatherLongName += given;
            }
            return aRatherLongName;
        }
    }
}
