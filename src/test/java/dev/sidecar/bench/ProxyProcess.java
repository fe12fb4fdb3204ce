package dev.sidecar.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A proxy as a child process, which never outlives this one. */
final class ProxyProcess implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final byte[] OK = Chat.bytes("HTTP/1.1 200");

    private final Process process;
    private final int port;
    private final Path log;
    private final Duration startUp;

    private ProxyProcess(Process process, int port, Path log, long startedAt) throws IOException, InterruptedException {
        this.process = process;
        this.port = port;
        this.log = log;
        startUp = awaitFirstAnswer(startedAt);
    }

    /** Starts the command and waits for the first proxied answer. */
    static ProxyProcess start(List<String> command, Map<String, String> environment, int port, Path log)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        // Settings of whoever runs this must not reach the proxies, or the figures would be theirs alone.
        builder.environment().keySet().removeIf(name -> name.startsWith("SIDECAR_") || name.startsWith("SPRING_")
                || name.startsWith("CAMEL_") || name.equals("JAVA_TOOL_OPTIONS") || name.equals("JDK_JAVA_OPTIONS"));
        builder.environment().putAll(environment);
        long startedAt = System.nanoTime();
        Process process = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        try {
            return new ProxyProcess(process, port, log, startedAt);
        } catch (IOException | InterruptedException | RuntimeException e) {
            stop(process);
            throw e;
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    int port() {
        return port;
    }

    /** From exec to the first proxied answer. */
    double startUpSeconds() {
        return startUp.toNanos() / 1e9;
    }

    /** User and system time so far. The kernel counts it in hundredths of a second. */
    double cpuSeconds() {
        return process.info().totalCpuDuration().map(cpu -> cpu.toNanos() / 1e9).orElse(Double.NaN);
    }

    ContextSwitches contextSwitches() {
        return ContextSwitches.of(Path.of("/proc", String.valueOf(process.pid()), "task"));
    }

    Memory memory() {
        return Memory.of(ProcFile.lines(Path.of("/proc", String.valueOf(process.pid()), "status")));
    }

    boolean isAlive() {
        return process.isAlive();
    }

    private Duration awaitFirstAnswer(long startedAt) throws IOException, InterruptedException {
        long limit = startedAt + START_LIMIT.toNanos();
        String last = "no connection";
        while (System.nanoTime() < limit) {
            if (!process.isAlive()) {
                throw new IOException("the proxy ended at its start with status " + process.exitValue() + tail());
            }
            try {
                last = ask();
                if (last.isEmpty()) {
                    return Duration.ofNanos(System.nanoTime() - startedAt);
                }
            } catch (IOException e) {
                last = e.toString();
            }
            Thread.sleep(5);
        }
        throw new IOException("no answer through the proxy within " + START_LIMIT + ", last: " + last + tail());
    }

    /** One request; empty if the provider's answer came, else what came instead. */
    private String ask() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(2_000);
            socket.getOutputStream().write(Chat.request(port, false));
            AnswerCheck check = new AnswerCheck.Plain();
            MessageReader reader = new MessageReader(MessageReader.Kind.ANSWER, check);
            byte[] received = new byte[1 << 14];
            while (!reader.complete()) {
                int length = socket.getInputStream().read(received);
                if (length < 0) {
                    return "closed before the end of the answer";
                }
                reader.read(received, 0, length);
            }
            String fault = check.fault();
            return !reader.startsWith(OK) ? reader.startLine() : fault == null ? "" : fault;
        }
    }

    private String tail() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return "\n  " + String.join("\n  ", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    @Override
    public void close() {
        stop(process);
    }

    private static void stop(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
