package dev.sidecar.image;

import dev.sidecar.simulator.DemoProvider;
import dev.sidecar.simulator.DemoSettings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Starts a sidecar in front of a simulated provider, as it will be started in earnest, sends it requests of every kind for a
 * while, edits one of its routes and ends it, so that a JVM that records what it does (JEP 514, JEP 515) starts fast the next
 * time, and knows from the beginning which code is worth compiling.
 *
 * <p>{@code java -cp nvidia-sidecar.jar dev.sidecar.image.Training ROUTES COMMAND...}, where ROUTES is a folder of routes that may
 * be changed and COMMAND starts the sidecar. Ends with 1 when the sidecar does not do as it should.
 *
 * <p>Asks with the client of {@code java.base}: the image's Java has no other.
 */
final class Training implements AutoCloseable {

    private static final int CLIENTS = 32;
    /** After so many requests a client begins again with the first. */
    private static final int REQUESTS = 40;
    /** The one with a long stream as its response; the client waits only for the beginning. */
    private static final int LEAVES_AT = 35;
    /** Tokens of an answer. */
    private static final int LONG = 1000;
    private static final int SHORT = 8;
    private static final Duration AS_LONG_AS = Duration.ofSeconds(40);
    private static final Duration LONGEST_START = Duration.ofMinutes(2);
    /** The JVM writes down what it has learned when the program has ended. */
    private static final Duration LONGEST_END = Duration.ofMinutes(5);
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);
    /** As the shell counts: ended by SIGTERM. */
    private static final int ENDED_AS_TOLD = 143;

    private final Process sidecar;
    private final Path routes;
    private final int port;
    private final int metricsPort;
    private final AtomicInteger answered = new AtomicInteger();

    private Training(Path routes, List<String> command, String upstream) throws IOException {
        this.routes = routes;
        this.port = freePort();
        this.metricsPort = freePort();
        var start = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        var settings = start.environment();
        // Settings of this machine would hold the training back.
        settings.keySet().removeIf(name -> name.startsWith("SIDECAR_"));
        settings.put("SIDECAR_API_KEY", "training");
        settings.put("SIDECAR_UPSTREAM", upstream);
        settings.put("SIDECAR_ROUTES_DIR", routes.toString());
        settings.put("SIDECAR_PORT", String.valueOf(port));
        settings.put("SIDECAR_METRICS_PORT", String.valueOf(metricsPort));
        settings.put("SIDECAR_RATE_RPM", "1000000");
        settings.put("SIDECAR_BUCKET_CAPACITY", "1000000");
        settings.put("SIDECAR_LOG_FORMAT", "json");
        settings.put("SIDECAR_STATE_DIR", routes.resolve("state").toString());
        this.sidecar = start.start();
    }

    public static void main(String... args) throws IOException, InterruptedException, ExecutionException {
        // Each client has a connection, as programs have; unless told otherwise, five would be kept for all of them.
        System.setProperty("http.maxConnections", String.valueOf(CLIENTS));
        var vertx = Vertx.vertx();
        try (var provider = new DemoProvider(vertx,
                new DemoSettings(0, 1_000_000, Duration.ZERO, Duration.ofMillis(1), LONG), System::nanoTime)) {
            provider.start();
            try (var training = new Training(Path.of(args[0]), List.of(args).subList(1, args.length),
                    provider.baseUrl() + "/v1")) {
                training.awaitStart();
                training.train();
                training.end();
            }
        } finally {
            vertx.close();
        }
    }

    private void awaitStart() throws IOException, InterruptedException {
        var end = System.nanoTime() + LONGEST_START.toNanos();
        while (!isReady()) {
            if (!sidecar.isAlive() || System.nanoTime() - end > 0) {
                throw new IllegalStateException("the sidecar did not start");
            }
            Thread.sleep(LOOK_EVERY);
        }
    }

    private boolean isReady() throws IOException {
        try {
            return request(port, "/health/ready").getResponseCode() == 200;
        } catch (ConnectException e) {
            return false;
        }
    }

    private void train() throws IOException, InterruptedException, ExecutionException {
        var end = System.nanoTime() + AS_LONG_AS.toNanos();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var work = IntStream.range(0, CLIENTS).mapToObj(i -> (Callable<Void>) () -> beAClient(i, end))
                    .map(clients::submit).toList();
            // The first edit in earnest is then no slower than later ones.
            Thread.sleep(AS_LONG_AS.dividedBy(2));
            Files.writeString(routes.resolve("ops.camel.yaml"), "\n", StandardOpenOption.APPEND);
            for (var client : work) {
                client.get();
            }
        }
        System.out.println("trained with " + answered + " requests");
    }

    private Void beAClient(int number, long end) throws IOException {
        for (var i = 0; System.nanoTime() - end < 0; i = (i + 1) % REQUESTS) {
            askOnce(number, i);
        }
        return null;
    }

    private void askOnce(int number, int i) throws IOException {
        var request = switch (i) {
            case LEAVES_AT -> chat(number, true, LONG);
            case 36 -> request(metricsPort, "/metrics");
            case 37 -> request(port, "/v1/models");
            case 38 -> request(port, "/status");
            case 39 -> request(port, "/api/dashboard");
            default -> chat(number, i % 4 == 3, SHORT);
        };
        if (request.getResponseCode() != 200) {
            throw new IllegalStateException(request.getURL() + " was answered " + request.getResponseCode());
        }
        try (var body = request.getInputStream()) {
            if (i == LEAVES_AT) {
                body.read();
                // The next client needs another connection: what the JVM has not seen in training it takes for what never
                // happens, and the first who connects under load would pay for the mistake.
                request.disconnect();
            } else {
                body.transferTo(OutputStream.nullOutputStream());
            }
        }
        answered.incrementAndGet();
    }

    private HttpURLConnection chat(int number, boolean stream, int tokens) throws IOException {
        var request = request(port, "/v1/chat/completions");
        request.setRequestProperty("Content-Type", "application/json");
        request.setRequestProperty("X-Priority", number % 3 == 0 ? "high" : "normal");
        request.setDoOutput(true);
        try (var body = request.getOutputStream()) {
            body.write("""
                    {"model":"demo-%d","stream":%s,"max_tokens":%d,"messages":[{"role":"user","content":"Hello"}]}
                    """.formatted(number % 3, stream, tokens).getBytes(StandardCharsets.UTF_8));
        }
        return request;
    }

    private static HttpURLConnection request(int port, String path) throws IOException {
        return (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void end() throws InterruptedException {
        sidecar.destroy();
        if (!sidecar.waitFor(LONGEST_END.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the sidecar did not end");
        }
        if (sidecar.exitValue() != ENDED_AS_TOLD) {
            throw new IllegalStateException("the sidecar ended with " + sidecar.exitValue());
        }
    }

    @Override
    public void close() {
        sidecar.destroyForcibly();
    }
}
