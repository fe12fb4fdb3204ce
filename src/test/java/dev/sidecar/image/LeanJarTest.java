package dev.sidecar.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.reflect.AnnotatedElement;
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
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeanJarTest {

    private static final String SAMPLE = LeanJarTest.class.getName().replace('.', '/') + "$Sample.class";
    private static final String ANNOTATION = Kept.class.getName().replace('.', '/') + ".class";
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
    void annotations_for_compilers_go_and_others_stay() throws Exception {
        var jar = jar(Map.of(SAMPLE, sample(), ANNOTATION, classFile(ANNOTATION)));

        LeanJar.main(folder.toString());

        try (var loader = new URLClassLoader(new URL[]{jar.toUri().toURL()}, null)) {
            var annotation = loader.loadClass(Kept.class.getName());
            assertThat(annotationsOf(annotation)).isEqualTo(List.of(Retention.class));
            var sample = loader.loadClass(Sample.class.getName());
            assertThat(annotationsOf(sample)).isEqualTo(List.of(annotation));
            assertThat(annotationsOf(sample.getMethod("applyAsInt", int.class))).isEqualTo(List.of(annotation));
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

    private static List<?> annotationsOf(AnnotatedElement element) {
        return Stream.of(element.getAnnotations()).map(Annotation::annotationType).toList();
    }

    private static byte[] sample() throws IOException {
        return classFile(SAMPLE);
    }

    private static byte[] classFile(String name) throws IOException {
        try (var in = LeanJarTest.class.getClassLoader().getResourceAsStream(name)) {
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

    @Documented
    @Target({ElementType.TYPE, ElementType.METHOD})
    @Retention(RetentionPolicy.RUNTIME)
    public @interface Kept {
    }

    /** What is made lean. */
    @Kept
    @Deprecated
    public static final class Sample implements IntUnaryOperator {

        @Override
        @Kept
        @Deprecated
        public int applyAsInt(int given) {
            var aRatherLongName = 0;
            for (var count = 0; count < 2; count++) {
                aRatherLongName += given;
            }
            return aRatherLongName;
        }
    }
}
