package dev.sidecar.proving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.simulator.limits.Shapes;
import dev.sidecar.throttle.budget.Pacing;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * The proving run over real HTTP: the sidecar's jar with the simulated provider in it, a sliding log of 400 requests a minute
 * behind a network with delays, and clients that always want more. Confirms the figures of virtual time, or ends with 1.
 */
final class HttpRun {

    private static final int LIMIT = 400;
    private static final int CLIENTS = 150;
    private static final double TOLERANCE = 0.01;
    private static final String CHAT = """
            {"model":"demo-model","max_tokens":1,"messages":[{"role":"user","content":"hello"}]}""";

    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .executor(Executors.newVirtualThreadPerTaskExecutor()).build();
    private final ObjectMapper json = new ObjectMapper();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final String base;
    private volatile boolean running = true;

    private HttpRun(int port) {
        this.base = "http://127.0.0.1:" + port;
    }

    public static void main(String... args) throws Exception {
        Duration duration = Duration.ofMinutes(Integer.getInteger("proving.minutes", 20));
        int port = freePort();
        Process sidecar = start(Path.of(args[0]), port);
        boolean confirmed;
        try {
            confirmed = new HttpRun(port).run(duration);
        } finally {
            sidecar.destroy();
        }
        System.exit(confirmed ? 0 : 1);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static Process start(Path jar, int port) throws IOException {
        var builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar",
                jar.toString(), "--spring.profiles.active=demo", "--sidecar.demo.limit=" + LIMIT,
                "--sidecar.demo.network-delay=true", "--sidecar.demo.retry-after=none",
                "--sidecar.demo.thinking-time=400ms");
        builder.environment().keySet().removeIf(name -> name.startsWith("SIDECAR_") || name.startsWith("SPRING_"));
        builder.environment().put("SIDECAR_PORT", Integer.toString(port));
        builder.environment().put("SIDECAR_METRICS_PORT", "0");
        builder.environment().put("SIDECAR_RATE_RPM", Integer.toString(LIMIT));
        builder.environment().put("SIDECAR_BUCKET_CAPACITY", Integer.toString(LIMIT));
        builder.environment().put("SIDECAR_LOG_LEVEL", "WARN");
        return builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.INHERIT).start();
    }

    private boolean run(Duration duration) throws Exception {
        awaitReady();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CLIENTS; i++) {
                clients.execute(this::ask);
            }
            TimeUnit.MINUTES.sleep(1);
            long acceptedBefore = accepted.sum();
            long refusalsBefore = refusals();
            long began = System.nanoTime();
            TimeUnit.NANOSECONDS.sleep(duration.minusMinutes(1).toNanos());
            double minutes = (System.nanoTime() - began) / 60e9;
            long done = accepted.sum() - acceptedBefore;
            long refusals = refusals() - refusalsBefore;
            running = false;
            return report(done / (LIMIT * minutes), (double) refusals / (done + refusals));
        }
    }

    private boolean report(double used, double refusedShare) {
        var tried = Case.of("http", new Case.Operator(LIMIT, LIMIT, 1000), Pacing.AUTO, Shapes.slidingLog(LIMIT),
                Demand.FULL, 1, Optional.empty());
        Outcome virtual = ProvingRun.outcome(tried);
        System.out.printf(Locale.ROOT, "real HTTP:    %.2f %% used, %.3f %% 429s, %d visible to clients, %d failures%n",
                used * 100, refusedShare * 100, refused.sum(), failed.sum());
        System.out.printf(Locale.ROOT, "virtual time: %.2f %% used, %.3f %% 429s%n", virtual.used() * 100,
                virtual.refused() * 100);
        boolean confirmed = Math.abs(used - virtual.used()) <= TOLERANCE
                && Math.abs(refusedShare - virtual.refused()) <= TOLERANCE && refused.sum() == 0 && failed.sum() == 0;
        System.out.println(confirmed ? "Confirmed within one point." : "NOT confirmed.");
        return confirmed;
    }

    private void ask() {
        var request = HttpRequest.newBuilder(URI.create(base + "/v1/chat/completions"))
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(CHAT)).build();
        while (running) {
            try {
                int status = http.send(request, BodyHandlers.discarding()).statusCode();
                (status == 200 ? accepted : status == 429 ? refused : failed).increment();
            } catch (IOException e) {
                failed.increment();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private long refusals() throws IOException, InterruptedException {
        JsonNode status = json.readTree(http.send(HttpRequest.newBuilder(URI.create(base + "/status")).build(),
                BodyHandlers.ofByteArray()).body());
        return status.get("retries").get("upstream_429s").asLong();
    }

    private void awaitReady() throws InterruptedException {
        long limit = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (System.nanoTime() < limit) {
            try {
                refusals();
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
        throw new IllegalStateException("the sidecar did not start");
    }
}
