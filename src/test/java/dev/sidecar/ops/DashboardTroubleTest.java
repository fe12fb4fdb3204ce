package dev.sidecar.ops;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PageAssertions;
import dev.sidecar.providers.Circuits;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.Chromium;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.traffic.Evidences;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard when something is wrong: nothing on it is green then, and it names the cause. */
@ProgramTest
class DashboardTroubleTest {

    private static final String LLAMA = "meta/llama-3.3-70b-instruct";

    private static Chromium chromium;

    private final FakeProvider provider = FakeProvider.start();
    private final List<RawClient> clients = new ArrayList<>();
    private @Nullable Sidecar sidecar;
    private @Nullable BrowserContext context;

    @BeforeAll
    static void startChromium() {
        chromium = Chromium.start();
    }

    @AfterAll
    static void stopChromium() {
        chromium.close();
    }

    @AfterEach
    void stop() {
        if (context != null) {
            context.close();
        }
        clients.forEach(RawClient::close);
        if (sidecar != null) {
            sidecar.close();
        }
        provider.close();
    }

    @Test
    void aWrongKeyIsNamedAndTheProviderIsReachable() {
        provider.script(_ -> Answer.error(401, "invalid_api_key", "Authorization failed"));
        var page = open(start());
        assertThat(page.locator("#verdict")).hasAttribute("data-tone", "good");
        assertThat(page.locator("#upstream")).hasText("not known yet");
        assertThat(send("normal").receive().status()).isEqualTo(401);
        assertThat(page.locator("#verdict")).hasAttribute("data-tone", "bad");
        assertThat(page.locator("#headline")).containsText("key acme (401)");
        assertThat(page.locator("#slow")).hasText("Requests come back refused.");
        assertThat(page.locator("#why")).containsText("refuses the key acme (401) since");
        assertThat(page.locator("#next")).containsText("SIDECAR_API_KEY");
        assertThat(page.locator("#retreat")).hasText("key refused (401)");
        assertThat(page.locator("#retreat")).hasAttribute("data-tone", "bad");
        assertThat(page.locator("#keys")).containsText("acme");
        assertThat(page.locator("#keys")).containsText("refused (401) since");
        assertThat(page.locator("#upstream")).hasText(Pattern.compile("yes · a (request|probe), .* ago"));
        photograph(page, "key-refused");
    }

    @Test
    void nothingIsGreenWhileTheCircuitIsOpen() {
        var running = start("sidecar.queue-timeout=2", "sidecar.circuit-breaker.window-size=4",
                "sidecar.circuit-breaker.minimum-calls=4", "sidecar.circuit-breaker.open-for=5m");
        provider.stop();
        var page = open(running);
        await().until(() -> {
            send("normal").receive();
            return running.breaker().getState() == State.OPEN;
        });
        assertThat(page.locator("#headline")).containsText("Circuit open");
        assertThat(page.locator("#verdict")).hasAttribute("data-tone", "bad");
        assertThat(page.locator("[data-tone=good]")).hasCount(0);
        assertThat(page.locator("#retreat")).hasText("circuit open");
        assertThat(page.locator("#retreat")).hasAttribute("data-tone", "bad");
        assertThat(page.locator("#why")).containsText("4 of 4 calls failed");
        assertThat(page.locator("#next")).containsText("A request may try the provider again in 4\u00a0min");
        assertThat(page.locator("#upstream")).containsText("no · a request");
        photograph(page, "circuit-open");
    }

    @Test
    void aProviderThatIsOutAndARefusedKeyAreNamedWithWhoServes(@TempDir Path folder) throws IOException {
        for (var key : List.of("team-a", "team-b", "spare")) {
            Files.writeString(folder.resolve(key), "secret-of-" + key);
        }
        try (var elsewhere = FakeProvider.start()) {
            var running = Sidecar.ofFile(Files.writeString(folder.resolve("sidecar.yaml"), """
                    providers:
                      - name: ours
                        base-url: %s
                        keys: [{name: team-a, file: team-a}, {name: team-b, file: team-b}]
                      - {name: elsewhere, base-url: "%s", keys: [{name: spare, file: spare}]}
                    """.formatted(provider.baseUrl(), elsewhere.baseUrl())), _ -> {
            });
            sidecar = running;
            provider.script(request -> request.header("Authorization").orElse("").endsWith("team-a")
                    ? Answer.error(402, "no_credit", "pay")
                    : Answer.chat("Hello"));
            var page = open(running);
            await().until(() -> {
                send("normal").receive();
                return running.bean(Evidences.class).all().getFirst().keyRefused().isPresent();
            });
            assertThat(page.locator("#headline")).containsText("Provider ours refuses key team-a (402) since");
            assertThat(page.locator("#verdict")).hasAttribute("data-tone", "warn");
            assertThat(page.locator("#retreat")).hasText("team-a refused (402)");
            assertThat(page.locator("#why")).containsText("Others are used.");

            running.bean(Circuits.class).of("ours").transitionToForcedOpenState();
            assertThat(page.locator("#headline")).containsText("Provider ours is out");
            assertThat(page.locator("#retreat")).hasText("ours is out");
            assertThat(page.locator("#why"))
                    .hasText("The provider ours serves nobody (circuit open); elsewhere serves.");
            assertThat(page.locator("#keys")).containsText("team-bcircuit open");
            page.locator("#language").selectOption("zh");
            assertThat(page.locator("#headline")).hasText("上游 ours 停止服务。");
            assertThat(page.locator("#why")).hasText("上游 ours 不提供服务（熔断器断开），由 elsewhere 服务。");
        }
    }

    @Test
    void besideALaneStandsHowLongTheOldestHasWaitedAndLowIsSaidToWaitShort() {
        var running = start("sidecar.rate-rpm=1", "sidecar.bucket-capacity=1", "sidecar.queue-timeout=600");
        assertThat(send("normal").receive().status()).isEqualTo(200);
        var page = open(running);
        for (int i = 0; i < 5; i++) {
            clients.add(send("normal"));
        }
        await().until(() -> running.throttle().size() == 5);
        assertThat(page.locator("#verdict")).hasAttribute("data-tone", "busy");
        assertThat(page.locator("#normal-age")).hasText(Pattern.compile("for [1-9]\\d*(\\.\\d)?\u00a0s"),
                new LocatorAssertions.HasTextOptions().setTimeout(20_000)); // on a busy machine the page is late
        assertThat(page.locator("#high-age")).hasText("–");
        assertThat(page.locator("#low-note")).containsText("low waits 2\u00a0s at most");
        assertThat(page.locator("#low-note")).containsText("SIDECAR_LOW_TIMEOUT");
        photograph(page, "queue");
    }

    private static void photograph(Page page, String name) {
        for (int width : new int[]{1280, 390}) {
            page.setViewportSize(width, 900);
            // The timeline takes its new width with the next frame.
            page.waitForFunction("width => document.documentElement.scrollWidth <= width", width);
            page.screenshot(new Page.ScreenshotOptions()
                    .setPath(Path.of("target", "screenshots", name + "-" + width + ".png")).setFullPage(true));
        }
    }

    private Sidecar start(String... properties) {
        var all = new ArrayList<>(List.of(properties));
        all.add("sidecar.provider=acme");
        var started = Sidecar.inFrontOf(provider.baseUrl(), all.toArray(String[]::new));
        sidecar = started;
        return started;
    }

    private Page open(Sidecar running) {
        var opened = chromium.browser().newContext(new NewContextOptions());
        context = opened;
        var page = opened.newPage();
        page.setDefaultTimeout(60_000);
        page.navigate(running.address() + "/api/dashboard");
        assertThat(page).hasTitle(Pattern.compile("\\(\\d+\\) NVIDIA Sidecar"),
                new PageAssertions.HasTitleOptions().setTimeout(60_000));
        return page;
    }

    private RawClient send(String priority) {
        var running = sidecar;
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        var body = "{\"model\":\"" + LLAMA + "\"}";
        return RawClient.to(running.port())
                .send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX-Priority: "
                        + priority + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }
}
