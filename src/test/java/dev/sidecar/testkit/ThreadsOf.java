package dev.sidecar.testkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;

/** The virtual threads of one executor. Only the JVM's thread dump tells them. */
final class ThreadsOf {

    private static final ObjectMapper JSON = new ObjectMapper();

    private ThreadsOf() {
    }

    /** The names of those that run now. */
    static List<String> executor(ExecutorService executor) {
        try {
            var folder = Files.createTempDirectory("threads");
            var file = folder.resolve("dump.json");
            try {
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpThreads(file.toString(),
                        ThreadDumpFormat.JSON);
                var names = new ArrayList<String>();
                for (var container : JSON.readTree(file.toFile()).at("/threadDump/threadContainers")) {
                    if (container.get("container").asText().equals(Objects.toIdentityString(executor))) {
                        container.get("threads").forEach(thread -> names.add(thread.get("name").asText()));
                    }
                }
                return names;
            } finally {
                Files.deleteIfExists(file);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
