package dev.sidecar.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A real Redis on a loopback port, without files, that can be killed, stopped and started again. It ends with the JVM that started
 * it, however that ends. Not thread-safe.
 */
public final class RedisServer implements AutoCloseable {

    /** Runs the program until standard input ends, which it does when the JVM is gone. The first line is the process. */
    private static final String UNTIL_INPUT_ENDS = "\"$@\" & echo $!; exec > /dev/null 2>&1; cat; kill -9 $!";
    private static final Pattern PROCESSED = Pattern.compile("total_commands_processed:(\\d+)");
    private static final Pattern READY = Pattern.compile(".*(Ready to accept connections|\\+monitor master).*");
    private static final int LONGEST_REPLY_MILLIS = 5_000;

    private final Path program;
    private final int port;
    private final List<String> options;
    private @Nullable Process shell;
    private @Nullable ProcessHandle server;
    private String password = "";

    private RedisServer(int port, List<String> options) {
        this.program = program();
        this.port = port;
        this.options = List.copyOf(options);
    }

    /** @param options of redis-server, such as "--maxmemory", "1mb" */
    public static RedisServer start(String... options) {
        var server = new RedisServer(freePort(), List.of(options));
        server.restart();
        return server;
    }

    /** One that wants a password of its default user. */
    public static RedisServer withPassword(String password) {
        var server = new RedisServer(freePort(), List.of("--requirepass", password));
        server.password = password;
        server.restart();
        return server;
    }

    /** A Sentinel that knows this server by a name. */
    public RedisServer sentinel(String name, Path folder) {
        try {
            var configuration = Files.writeString(folder.resolve("sentinel.conf"),
                    "sentinel monitor " + name + " 127.0.0.1 " + port + " 1\n");
            var sentinel = new RedisServer(freePort(), List.of());
            sentinel.run(List.of(configuration.toString(), "--sentinel", "--bind", "127.0.0.1", "--port",
                    Integer.toString(sentinel.port)));
            return sentinel;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public String url() {
        return "redis://127.0.0.1:" + port;
    }

    /** Starts it again, empty, on the same port. Returns when it answers. */
    public void restart() {
        kill();
        var command = new ArrayList<>(List.of("--bind", "127.0.0.1", "--port", Integer.toString(port), "--save", "",
                "--appendonly", "no"));
        command.addAll(options);
        run(command);
    }

    private void run(List<String> arguments) {
        var command = new ArrayList<>(List.of("sh", "-c", UNTIL_INPUT_ENDS, "sh", program.toString()));
        command.addAll(arguments);
        try {
            var started = new ProcessBuilder(command).redirectErrorStream(true).start();
            shell = started;
            var output = started.inputReader();
            server = ProcessHandle.of(Long.parseLong(output.readLine())).orElse(null); // it may have ended by now
            var said = new ArrayList<String>();
            for (var line = output.readLine(); line == null || !READY.matcher(line).matches(); line = output
                    .readLine()) {
                if (line == null) {
                    throw new IOException("redis-server ended: " + said);
                }
                said.add(line);
            }
            Thread.startVirtualThread(() -> output.lines().forEach(_ -> { // it must not wait for a reader
            }));
        } catch (IOException e) {
            kill();
            throw new UncheckedIOException(e);
        }
    }

    /** SIGKILL. */
    public void kill() {
        if (server != null) {
            server.destroyForcibly();
            server.onExit().join();
            server = null;
        }
        if (shell != null) {
            shell.destroyForcibly();
            shell = null;
        }
    }

    /** SIGSTOP: connections stay open, and nothing is answered. */
    public void pause() {
        signal("STOP");
    }

    /** SIGCONT: what came in meanwhile is answered. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        if (server == null) {
            throw new IllegalStateException("it does not run");
        }
        try {
            var kill = new ProcessBuilder("kill", "-" + name, Long.toString(server.pid())).start();
            if (!kill.waitFor(LONGEST_REPLY_MILLIS, TimeUnit.MILLISECONDS) || kill.exitValue() != 0) {
                throw new IOException("kill -" + name + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** How many commands it has carried out since it started, those that ask for this too. */
    public long commandsProcessed() {
        var found = PROCESSED.matcher(command("INFO", "stats"));
        if (!found.find()) {
            throw new IllegalStateException("no count of commands");
        }
        return Long.parseLong(found.group(1));
    }

    /** @return the reply: of a list its elements, one a line; "" where there is none */
    public String command(String... words) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(LONGEST_REPLY_MILLIS);
            var in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            if (!password.isEmpty()) {
                socket.getOutputStream().write(encoded("AUTH", password));
                reply(in);
            }
            socket.getOutputStream().write(encoded(words));
            return reply(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] encoded(String... words) {
        var text = new StringBuilder("*" + words.length + "\r\n");
        for (var word : words) {
            text.append('$').append(word.getBytes(UTF_8).length).append("\r\n").append(word).append("\r\n");
        }
        return text.toString().getBytes(UTF_8);
    }

    private static String reply(DataInputStream in) throws IOException {
        var head = line(in);
        var rest = head.substring(1);
        return switch (head.charAt(0)) {
            case '+', ':' -> rest;
            case '$' -> {
                var length = Integer.parseInt(rest);
                var text = length < 0 ? "" : new String(in.readNBytes(length), UTF_8);
                if (length >= 0) {
                    line(in);
                }
                yield text;
            }
            case '*' -> {
                var elements = new ArrayList<String>();
                for (var left = Integer.parseInt(rest); left > 0; left--) {
                    elements.add(reply(in));
                }
                yield String.join("\n", elements);
            }
            default -> throw new IOException(head);
        };
    }

    private static String line(DataInputStream in) throws IOException {
        var text = new StringBuilder();
        for (var next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
            text.append((char) next);
        }
        return text.substring(0, text.length() - 1);
    }

    @Override
    public void close() {
        kill();
    }

    /** The program, out of its jar into a file that every test uses. */
    private static Path program() {
        var name = "redis-server-7.0.15-linux-"
                + (System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64");
        var file = Path.of(System.getProperty("java.io.tmpdir"), "sidecar-tests-" + name);
        try (var in = RedisServer.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new IOException("no " + name);
            }
            var bytes = in.readAllBytes();
            if (!Files.isExecutable(file) || Files.size(file) != bytes.length) {
                var written = Files.write(Files.createTempFile(file.getParent(), "redis", ""), bytes);
                if (!written.toFile().setExecutable(true)) {
                    throw new IOException("cannot be made executable: " + written);
                }
                Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
