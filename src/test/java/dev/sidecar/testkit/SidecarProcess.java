package dev.sidecar.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The sidecar as the program that it is: a child process of the test, from the test's own class path, on free ports. For
 * what shows only in a process, such as signals and exit codes; {@link Sidecar} starts faster. Thread-safe.
 */
public final class SidecarProcess implements AutoCloseable {

    private static final Pattern LISTENING = Pattern.compile("listening on 127\\.0\\.0\\.1:(\\d+), management");
    private static final Duration LONGEST_START = Duration.ofSeconds(90);
    /** Options of the JVM, where there is no reason for others. */
    public static final List<String> QUICK_AND_SMALL = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC", "--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED");

    private final Process process;
    private final Path log;
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private final Thread reader;

    private SidecarProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        // Told by what it writes, with the end of the process as the end of the file.
        this.reader = Thread.ofVirtual().start(this::copyOutput);
    }

    /**
     * Starts with a limit that never holds anybody back, unless {@code settings}, as environment variables, say otherwise.
     * Returns at once.
     */
    public static SidecarProcess inFrontOf(String upstream, Path log, Map<String, String> settings) {
        return inFrontOf(upstream, log, settings, QUICK_AND_SMALL);
    }

    /** The same, on a JVM with options of its own. */
    public static SidecarProcess inFrontOf(String upstream, Path log, Map<String, String> settings,
            List<String> jvmOptions) {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.sidecar.SidecarApplication"));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        var environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("SIDECAR_") || name.startsWith("SPRING_"));
        environment.putAll(Map.of("SIDECAR_UPSTREAM", upstream, "SIDECAR_API_KEY", Sidecar.API_KEY, "SIDECAR_PORT", "0",
                "SIDECAR_METRICS_PORT", "0", "SIDECAR_RATE_RPM", "1000000", "SIDECAR_BUCKET_CAPACITY", "1000000",
                "SIDECAR_LOG_FORMAT", "json", "SPRING_JMX_ENABLED", "false", "CAMEL_MAIN_JMX_ENABLED", "false"));
        environment.putAll(settings);
        try {
            return new SidecarProcess(builder.start(), log);
        } catch (IOException notStarted) {
            throw new UncheckedIOException(notStarted);
        }
    }

    private void copyOutput() {
        try (var in = process.inputReader(); var out = Files.newBufferedWriter(log)) {
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                out.write(line);
                out.newLine();
                var found = LISTENING.matcher(line);
                if (found.find()) {
                    port.complete(Integer.valueOf(found.group(1)));
                }
            }
            port.completeExceptionally(new IOException("ended without listening"));
        } catch (IOException killed) {
            port.completeExceptionally(killed);
        }
    }

    /** Waits until it listens. */
    public int port() {
        try {
            return port.get(LONGEST_START.toMillis(), TimeUnit.MILLISECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("not up: " + log, e);
        }
    }

    /** SIGTERM. */
    public void terminate() {
        process.toHandle().destroy(); // the other one also closes what it writes to
    }

    /** SIGKILL. */
    public void kill() {
        process.destroyForcibly();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** The exit code, when it has ended. */
    public int awaitExit(Duration longest) {
        try {
            if (process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                reader.join();
                return process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new AssertionError("the sidecar is still there after " + longest);
    }

    /** What it has written, complete when it has ended. */
    public List<String> log() {
        try {
            return Files.readAllLines(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
