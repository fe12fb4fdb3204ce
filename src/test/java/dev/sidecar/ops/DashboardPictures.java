package dev.sidecar.ops;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import dev.sidecar.simulator.DemoProvider;
import dev.sidecar.simulator.DemoSettings;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.Chromium;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.Sidecar;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Makes the pictures of the documents. It is no test: {@code docs/make-pictures.sh} runs it. */
@ProgramTest
@Isolated("shows what happens in real time")
@Timeout(300)
class DashboardPictures {

    private static final Path FOLDER = Path.of("docs", "pictures");
    private static final List<String> MODELS = List.of("meta/llama-3.3-70b-instruct", "deepseek-ai/deepseek-r1",
            "qwen/qwen2.5-coder-32b", "nvidia/nemotron-4-340b");
    private static final int LIMIT = 40;
    private static final Duration THINKS = Duration.ofMillis(300);

    private static Chromium chromium;
    private static Vertx vertx;

    /** The same requests each time, as far as time allows. */
    private final Random random = new Random(22);
    private final List<RawClient> clients = new ArrayList<>();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        Files.createDirectories(FOLDER);
        chromium = Chromium.start();
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        vertx.close();
    }

    @AfterEach
    void close() throws Exception {
        clients.forEach(RawClient::close);
        for (var one : opened.reversed()) {
            one.close();
        }
    }

    @Test
    void idle() {
        var page = open(simulated(LIMIT), "");
        page.waitForTimeout(11_000);
        shoot(page, "idle", 1440, ColorScheme.LIGHT);
    }

    @Test
    void demand() {
        var sidecar = simulated(LIMIT);
        var page = open(sidecar, "");
        for (int i = 0; i < 16; i++) {
            send(sidecar, i % 4 == 1 ? "high" : i % 8 == 6 ? "low" : "normal");
            page.waitForTimeout(900 + random.nextInt(1200));
        }
        for (int i = 0; i < 24; i++) {
            send(sidecar, i % 5 == 0 ? "high" : "normal");
            page.waitForTimeout(60 + random.nextInt(120));
        }
        for (int i = 0; i < 22; i++) {
            send(sidecar, i % 7 == 2 ? "high" : "normal");
            page.waitForTimeout(20);
        }
        page.waitForTimeout(3_000);
        shoot(page, "demand", 1440, ColorScheme.LIGHT);
        shoot(page, "demand-dark", 1440, ColorScheme.DARK);
        shoot(page, "demand-1920", 1920, ColorScheme.LIGHT);
        shoot(page, "demand-390", 390, ColorScheme.LIGHT);
        page.route("**/api/dashboard/history*", route -> route.fulfill(new Route.FulfillOptions()
                .setContentType("application/json").setBody(madeUpDay(random))));
        page.setViewportSize(1440, 1000);
        page.locator("#tab-traffic").click();
        page.getByText("24 h", new Page.GetByTextOptions().setExact(true)).click();
        page.waitForTimeout(1_500);
        shoot(page, "day", 1440, ColorScheme.LIGHT);
        shoot(page, "day-1920-dark", 1920, ColorScheme.DARK);
    }

    @Test
    void fullQueue() {
        var sidecar = simulated(LIMIT, "sidecar.queue-max=60", "sidecar.fallback-passthrough=false");
        var page = open(sidecar, "");
        for (int i = 0; i < LIMIT; i++) {
            send(sidecar, i % 6 == 0 ? "high" : "normal");
        }
        page.waitForTimeout(14_000);
        for (int i = 0; i < 75; i++) {
            send(sidecar, i > 70 ? "high" : "normal");
        }
        for (int i = 0; i < 6; i++) {
            send(sidecar, "low");
        }
        page.waitForTimeout(3_000);
        shoot(page, "full-queue", 1440, ColorScheme.LIGHT);
        page.locator("#tab-refused").click();
        shoot(page, "refused", 1440, ColorScheme.LIGHT);
    }

    @Test
    void paused() {
        var sidecar = simulated(24);
        var page = open(sidecar, "");
        for (int i = 0; i < 28; i++) {
            send(sidecar, i % 6 == 0 ? "high" : "normal");
            page.waitForTimeout(250);
        }
        for (int i = 0; i < 12; i++) {
            send(sidecar, i % 5 == 3 ? "high" : "normal");
        }
        page.waitForTimeout(12_000);
        shoot(page, "paused", 1440, ColorScheme.LIGHT);
    }

    @Test
    void circuitOpen() {
        var provider = keep(FakeProvider.start());
        var sidecar = keep(Sidecar.inFrontOf(provider.baseUrl(), "sidecar.provider=nvidia", "sidecar.rate-rpm=40",
                "sidecar.bucket-capacity=40", "sidecar.queue-timeout=2", "sidecar.circuit-breaker.window-size=12",
                "sidecar.circuit-breaker.minimum-calls=12", "sidecar.circuit-breaker.open-for=30s"));
        var page = open(sidecar, "");
        send(sidecar, "high").receive();
        send(sidecar, "normal").receive();
        provider.stop();
        await().atMost(Duration.ofMinutes(1)).until(() -> {
            send(sidecar, "normal").receive();
            return sidecar.breaker().getState() == State.OPEN;
        });
        for (int i = 0; i < 5; i++) {
            send(sidecar, i % 2 == 0 ? "high" : "normal").receive();
        }
        page.waitForTimeout(3_000);
        shoot(page, "circuit-open", 1440, ColorScheme.LIGHT);
    }

    @Test
    void keyRefused() {
        var provider = keep(FakeProvider.start(_ -> Answer.error(401, "invalid_api_key", "Authorization failed")));
        var sidecar = keep(Sidecar.inFrontOf(provider.baseUrl(), "sidecar.provider=nvidia", "sidecar.rate-rpm=40",
                "sidecar.bucket-capacity=40"));
        var page = open(sidecar, "");
        for (int i = 0; i < 6; i++) {
            send(sidecar, i == 2 ? "high" : "normal").receive();
            page.waitForTimeout(800);
        }
        page.waitForTimeout(1_500);
        shoot(page, "key-refused", 1440, ColorScheme.LIGHT);
        shoot(page, "key-refused-390-dark", 390, ColorScheme.DARK);
    }

    @Test
    void routesRefused(@TempDir Path folder) throws IOException {
        try (var routes = Files.list(Path.of("routes"))) {
            for (var file : routes.filter(Files::isRegularFile).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        var sidecar = simulated(LIMIT, "sidecar.routes-dir=" + folder);
        var page = open(sidecar, "");
        var file = folder.resolve("proxy.camel.yaml");
        Files.writeString(file, Files.readString(file).replaceFirst("uri: direct:throttled", "uri: driect:throttled"));
        assertThat(page.locator("#routes-note")).isVisible(
                new LocatorAssertions.IsVisibleOptions().setTimeout(30_000));
        shoot(page, "routes-refused", 1440, ColorScheme.LIGHT);
        shoot(page, "routes-refused-390", 390, ColorScheme.LIGHT);
    }

    // ---- helpers ----

    private Sidecar simulated(int providersLimit, String... properties) {
        var provider = keep(new DemoProvider(vertx, new DemoSettings(0, providersLimit, THINKS, THINKS, 40),
                System::nanoTime));
        provider.start();
        var all = new ArrayList<>(List.of("sidecar.rate-rpm=" + LIMIT, "sidecar.bucket-capacity=" + LIMIT,
                "sidecar.queue-max=500", "sidecar.provider=nvidia", "sidecar.low-timeout=90"));
        all.addAll(List.of(properties));
        return keep(Sidecar.inFrontOf(provider.baseUrl(), all.toArray(String[]::new)));
    }

    private <T extends AutoCloseable> T keep(T one) {
        opened.add(one);
        return one;
    }

    private Page open(Sidecar sidecar, String hash) {
        return keep(DashboardViewer.of(chromium, new NewContextOptions().setViewportSize(1440, 1000)))
                .open(sidecar.address(), hash).page();
    }

    private RawClient send(Sidecar sidecar, String priority) {
        var body = "{\"model\":\"" + MODELS.get(random.nextInt(MODELS.size()))
                + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
        var client = RawClient.to(sidecar.port())
                .send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "X-Priority: " + priority + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        clients.add(client);
        return client;
    }

    private static void shoot(Page page, String name, int width, ColorScheme scheme) {
        var phone = width < 600;
        page.setViewportSize(width, phone ? 844 : width > 1500 ? 1080 : 1000);
        page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
        page.waitForTimeout(1_200); // until the timeline has taken its new size
        page.screenshot(new Page.ScreenshotOptions().setPath(FOLDER.resolve(name + ".png")).setFullPage(phone));
    }

    /** A day with busy hours, a provider that refuses for half an hour, and an hour of failures. */
    private static String madeUpDay(Random random) {
        var json = new ObjectMapper();
        var history = json.createObjectNode().put("step_seconds", 60).put("deadline_seconds", 150);
        var points = history.putArray("points");
        var end = Instant.now().truncatedTo(ChronoUnit.MINUTES);
        for (int i = 0; i < 1440; i++) {
            var busy = Math.max(0.05, Math.sin(Math.PI * (i - 420) / 600.0)) * (0.95 + 0.1 * random.nextDouble());
            var refused = i > 830 && i < 860;
            var waiting = busy > 0.8 ? (int) ((busy - 0.8) * 90 * (refused ? 2 : 1)) : 0;
            var point = points.addObject().put("sequence", i + 1)
                    .put("timestamp", end.minus(1440 - i, ChronoUnit.MINUTES).getEpochSecond())
                    .put("requests", (int) (busy * 40)).put("ratelimited", refused ? random.nextInt(4) : 0)
                    .put("upstream_429s", refused ? random.nextInt(6) : 0)
                    .put("upstream_errors", i > 1180 && i < 1200 ? random.nextInt(3) : 0)
                    .put("effective_rpm", refused ? 30 : LIMIT).put("awaiting", 2).put("streams", 1);
            var classes = point.putObject("per_priority");
            putClass(classes, "high", busy * 8, waiting * 0.1);
            putClass(classes, "normal", busy * 24, waiting * 0.75);
            putClass(classes, "low", busy * 4, waiting * 0.15);
        }
        return history.toString();
    }

    private static void putClass(ObjectNode classes, String priority, double answered, double waiting) {
        classes.putObject(priority.toLowerCase(Locale.ROOT)).put("granted", (int) answered)
                .put("answered", (int) answered).put("waiting", (int) waiting).put("wait_ms_avg", (int) (waiting * 700))
                .put("wait_ms_max", (int) (waiting * 1500)).put("oldest_ms", 0);
    }
}
