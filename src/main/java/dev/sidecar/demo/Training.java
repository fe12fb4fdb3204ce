package dev.sidecar.demo;

import dev.sidecar.relay.IngressServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.annotation.Profile;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Sends the sidecar requests of every kind for a while and ends the program, so that a JVM that records what it does
 * (JEP 514, JEP 515) starts fast the next time, and knows from the beginning which code is worth compiling. Under the
 * profile {@code training} only, together with {@code demo}.
 */
@Component
@Profile("training")
class Training {

    private static final Logger LOG = LoggerFactory.getLogger(Training.class);
    private static final int CLIENTS = 32;
    private static final Duration AS_LONG_AS = Duration.ofSeconds(40);

    private final IngressServer server;
    private final AtomicInteger answered = new AtomicInteger();

    Training(IngressServer server) {
        this.server = server;
    }

    @EventListener
    void ready(ApplicationReadyEvent event) {
        Thread.ofPlatform().name("training").start(() -> {
            var status = 1;
            try {
                train();
                status = 0;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException e) {
                LOG.error("the training failed", e.getCause());
            } finally {
                var exit = status;
                System.exit(SpringApplication.exit(event.getApplicationContext(), () -> exit));
            }
        });
    }

    private void train() throws InterruptedException, ExecutionException {
        var end = System.nanoTime() + AS_LONG_AS.toNanos();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var client : clients.invokeAll(
                    IntStream.range(0, CLIENTS).<Callable<Void>>mapToObj(i -> () -> beAClient(i, end)).toList())) {
                client.get();
            }
        }
        LOG.warn("trained with {} requests", answered);
    }

    /** Each has a connection of its own, as programs have. */
    private Void beAClient(int number, long end) throws IOException, InterruptedException {
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            for (var i = 0; System.nanoTime() - end < 0; i++) {
                var request = switch (i % 40) {
                    case 37 -> get("/v1/models");
                    case 38 -> get("/status");
                    case 39 -> get("/api/dashboard");
                    default -> chat(number, i % 4 == 3);
                };
                client.send(request, HttpResponse.BodyHandlers.discarding());
                answered.incrementAndGet();
            }
        }
        return null;
    }

    private HttpRequest chat(int number, boolean stream) {
        return to("/v1/chat/completions").header("Content-Type", "application/json")
                .header("X-Priority", number % 3 == 0 ? "high" : "normal")
                .POST(HttpRequest.BodyPublishers.ofString("""
                        {"model":"demo-%d","stream":%s,"max_tokens":8,"messages":[{"role":"user","content":"Hello"}]}
                        """.formatted(number % 3, stream))).build();
    }

    private HttpRequest get(String path) {
        return to(path).build();
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }
}
