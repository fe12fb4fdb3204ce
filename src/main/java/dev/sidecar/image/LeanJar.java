package dev.sidecar.image;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.asm.AnnotationVisitor;
import org.springframework.asm.ClassReader;
import org.springframework.asm.ClassVisitor;
import org.springframework.asm.ClassWriter;
import org.springframework.asm.Label;
import org.springframework.asm.MethodVisitor;
import org.springframework.asm.SpringAsmInfo;

/**
 * Takes out of jars what nothing reads while the program runs: the names of local variables (JVMS 4.7.13 and 4.7.14), which only a
 * debugger shows, the indexes of Jandex, what describes settings and routes to editors, Maven's descriptors of projects, hints for
 * GraalVM, schemas of Tomcat's files and of Spring's, of which there are none, what edits HTML in Hawtio's pages, where there is none,
 * annotations for compilers, and native libraries, which {@link NativeLibraries} has copied before. Numbers of lines and names of parameters stay. A signed jar
 * is left alone.
 *
 * <p>{@code java -cp nvidia-sidecar.jar dev.sidecar.image.LeanJar FOLDER}. The AOT cache, which holds the same classes, becomes
 * smaller by as much again when it is made of what this leaves.
 */
final class LeanJar {

    private static final Pattern UNREAD = Pattern.compile("META-INF/(jandex\\.idx|"
            + "(additional-)?spring-configuration-metadata\\.json|native/.*|native-image/.*)|(META-INF/maven/.*/)?pom\\.xml|"
            + "camel-xml-io[-v.\\d]*\\.xsd|(jakarta/servlet/resources|org/springframework)/.*\\.(xsd|dtd)|"
            + "hawtio-static/html\\.worker\\.js");
    /**
     * Annotations that only compilers and Spring's processing in the build read. Whoever asks a class for another annotation has
     * Java make a class for each of these as well.
     */
    private static final Pattern FOR_BUILDS = Pattern
            .compile("Ljava/lang/(FunctionalInterface|Deprecated|annotation/(Documented|Target));|"
                    + "Lorg/springframework/(stereotype/Indexed|context/annotation/ImportRuntimeHints|aot/hint/annotation/Reflective);");
    private static final Pattern SIGNATURE = Pattern.compile("META-INF/[^/]+\\.(SF|RSA|DSA|EC)");

    private LeanJar() {
    }

    public static void main(String... args) throws IOException {
        try (var files = Files.walk(Path.of(args[0]))) {
            files.filter(file -> file.toString().endsWith(".jar")).toList().parallelStream().forEach(LeanJar::makeLean);
        }
    }

    /**
     * Replaces the jar; the file and what is in it keep their times.
     *
     * @throws IllegalStateException when it cannot be read, understood or replaced; the jar is then as it was
     */
    static void makeLean(Path jar) {
        try {
            var lean = Files.createTempFile(jar.getParent(), "lean", null);
            try {
                if (copy(jar, lean)) {
                    Files.setPosixFilePermissions(lean, Files.getPosixFilePermissions(jar));
                    Files.setLastModifiedTime(lean, Files.getLastModifiedTime(jar));
                    Files.move(lean, jar, StandardCopyOption.REPLACE_EXISTING);
                }
            } finally {
                Files.deleteIfExists(lean);
            }
        } catch (IOException | RuntimeException e) {
            throw new IllegalStateException("cannot make this smaller: " + jar, e);
        }
    }

    private static boolean copy(Path jar, Path lean) throws IOException {
        try (var in = new ZipFile(jar.toFile());
                var out = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(lean)))) {
            List<? extends ZipEntry> entries = Collections.list(in.entries());
            if (entries.stream().anyMatch(entry -> SIGNATURE.matcher(entry.getName()).matches())) {
                return false;
            }
            out.setLevel(Deflater.BEST_COMPRESSION);
            for (var entry : entries) {
                if (!UNREAD.matcher(entry.getName()).matches()) {
                    var content = in.getInputStream(entry).readAllBytes();
                    var written = new ZipEntry(entry.getName());
                    written.setTime(entry.getTime());
                    out.putNextEntry(written);
                    out.write(isClass(entry.getName()) ? lean(content) : content);
                    out.closeEntry();
                }
            }
            return true;
        }
    }

    private static boolean isClass(String name) {
        return name.endsWith(".class") && !name.endsWith("module-info.class");
    }

    /** The same instructions and frames, with a constant pool of what is left; by the copy of ASM that Spring brings anyway. */
    private static byte[] lean(byte[] original) {
        var writer = new ClassWriter(0);
        new ClassReader(original).accept(new ClassVisitor(SpringAsmInfo.ASM_VERSION, writer) {
            @Override
            public @Nullable AnnotationVisitor visitAnnotation(String type, boolean visible) {
                return FOR_BUILDS.matcher(type).matches() ? null : super.visitAnnotation(type, visible);
            }

            @Override
            public MethodVisitor visitMethod(int access, String name, String descriptor, @Nullable String signature,
                    String @Nullable [] exceptions) {
                return new MethodVisitor(api, super.visitMethod(access, name, descriptor, signature, exceptions)) {
                    @Override
                    public @Nullable AnnotationVisitor visitAnnotation(String type, boolean visible) {
                        return FOR_BUILDS.matcher(type).matches() ? null : super.visitAnnotation(type, visible);
                    }

                    @Override
                    public void visitLocalVariable(String variable, String type, @Nullable String generic, Label from,
                            Label to, int index) {
                        // left out
                    }
                };
            }
        }, 0);
        return writer.toByteArray();
    }
}
