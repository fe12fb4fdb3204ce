package dev.sidecar.ops;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.Chromium;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.Sidecar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** The tab Routes of the dashboard: the way of a request as a map, and the steps of each route. */
@ProgramTest
@Isolated("looks at the time that things take, or at what all do together")
@Timeout(180)
class FlowMapBrowserTest {

    private static final int BUDGET = 3;
    /** The counts of the last minute are noted every ten seconds. */
    private static final LocatorAssertions.HasTextOptions SOON = new LocatorAssertions.HasTextOptions()
            .setTimeout(3.0 * Topology.EVERY.toMillis());

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private static Chromium chromium;

    private final List<String> problems = new ArrayList<>();
    private final List<RawClient> clients = new ArrayList<>();
    private @Nullable BrowserContext context;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start(request -> Answer.chat("Hello"));
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.rate-rpm=" + BUDGET,
                "sidecar.bucket-capacity=" + BUDGET, "sidecar.timeout=600", "sidecar.queue-timeout=600",
                "camel.main.jmx-enabled=true"); // it counts what passes
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        sidecar.close();
        provider.close();
    }

    @AfterEach
    void nothingWasWrongAndNothingIsLeft() {
        clients.forEach(RawClient::close);
        if (context != null) {
            context.close();
        }
        await().until(() -> sidecar.throttle().size() == 0);
        assertThat(problems).isEmpty();
    }

    private Page open(int width, int height) {
        context = chromium.browser().newContext(new NewContextOptions().setViewportSize(width, height));
        var page = context.newPage();
        page.onConsoleMessage(message -> {
            if (List.of("error", "warning").contains(message.type())) {
                problems.add(message.text());
            }
        });
        page.onPageError(error -> problems.add("script: " + error));
        page.navigate(sidecar.address() + "/api/dashboard#/routes");
        assertThat(page.locator(".flow-box")).hasCount(6, new LocatorAssertions.HasCountOptions().setTimeout(30_000));
        return page;
    }

    private void send(int count, String priority) {
        for (int i = 0; i < count; i++) {
            clients.add(RawClient.to(sidecar.port()).send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                    + "X-Priority: " + priority + "\r\nContent-Length: 0\r\n\r\n"));
        }
    }

    private static Locator label(Page page, String words) {
        return page.locator(".flow-label").filter(new Locator.FilterOptions().setHasText(words));
    }

    @Test
    void theWayOfARequestIsAMapWithConditionsRatesAndThoseWhoWait() {
        var page = open(1440, 900);
        send(BUDGET, "high");
        clients.forEach(RawClient::receive);
        send(2, "normal");
        send(1, "high");
        await().until(() -> sidecar.throttle().size() == 3);
        assertThat(label(page, "POST").locator(".flow-rate")).hasText("6/min", SOON);
        assertThat(page.locator(".flow-box b"))
                .hasText(new String[]{"proxy", "throttled", "passthrough", "queue", "upstream", "provider"});
        assertThat(page.locator(".flow-when")).hasText(new String[]{"POST", "GET, DELETE", "queue full", "has a place",
                "has a slot", "again after 429, 502–504"});
        assertThat(page.locator(".flow-way")).hasCount(10);
        assertThat(page.locator(".flow-dot")).hasCount(3 + 3); // of the key under the map too
        assertThat(page.locator(".flow-dots .flow-dot").first()).hasAttribute("data-class", "high");
        assertThat(page.locator(".flow-queue .flow-counts")).hasText("3 wait");
        assertThat(page.locator(".flow-gate")).hasText("circuit closed");
        assertThat(label(page, "GET").locator(".flow-rate")).isEmpty();
        assertThat(width(page, 1)).as("the way of six requests").isGreaterThan(width(page, 2));
        assertThat(underBoxes(page)).as("ways under boxes").isEmpty();
        page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target/screenshots/flow-map.png")));
    }

    private static double width(Page page, int way) {
        return ((Number) page.evaluate("i => parseFloat(document.querySelectorAll('.flow-way')[i].style.strokeWidth)",
                way)).doubleValue();
    }

    @SuppressWarnings("unchecked")
    private static List<String> underBoxes(Page page) {
        return (List<String>) page.evaluate(
                """
                        () => [...document.querySelectorAll('.flow-way, .flow-head')].flatMap(way => {
                          const matrix = way.getScreenCTM();
                          const length = way.getTotalLength();
                          const points = Array.from({length: 100}, (_, i) => way.getPointAtLength(2 + (length - 4) * i / 99).matrixTransform(matrix));
                          return [...document.querySelectorAll('.flow-box, .flow-outside')].filter(box => {
                            const {left, right, top, bottom} = box.getBoundingClientRect();
                            return points.some(({x, y}) => x > left + 1 && x < right - 1 && y > top + 1 && y < bottom - 1);
                          }).map(box => box.textContent);
                        })""");
    }

    @Test
    void aBoxShowsItsSteps() {
        var page = open(1280, 900);
        assertThat(page.locator("#route-name")).hasText("proxy");
        assertThat(page.locator("#step-rows")).containsText("header-policy");
        page.locator(".flow-box").nth(1).press("Enter");
        assertThat(page.locator("#route-name")).hasText("throttled");
        assertThat(page.locator(".flow-box").nth(1)).hasAttribute("aria-pressed", "true");
        assertThat(page.locator("#step-rows")).containsText("queue-is-full");
        assertThat(page.locator("#step-rows")).containsText("→ seda:priority");
        assertThat(page.locator("#other-routes tr").first()).containsText("completed");
        assertThat(page.locator("#other-routes")).containsText("change-config");
    }

    @Test
    void anOpenCircuitIsAClosedGate() {
        var page = open(1440, 900);
        assertThat(page.locator(".flow-gate")).hasAttribute("data-state", "closed");
        // In one go, because the next second shows the real state again.
        assertThat(page.evaluate(
                """
                        async () => { const {drawWaiting} = await import('/api/dashboard/assets/flow.js');
                          drawWaiting({queue: {current_size: 500, per_priority: {high: 0, normal: 100, low: 400}}, circuit_breaker: {state: 'open'}});
                          const count = what => document.querySelectorAll(`.flow-dots ${what}`).length;
                          return [document.querySelector('.flow-gate').textContent, count('.flow-dot'), count('[data-class=low]')].join() }"""))
                .isEqualTo("circuit open: refuses,40,32");
    }

    @Test
    void onAPhoneTheMapRunsDownwardsAndNothingIsCutOff() {
        var page = open(390, 844);
        assertThat(page.locator("#route-map")).hasAttribute("data-direction", "TB");
        assertThat((Integer) page.evaluate("document.documentElement.scrollWidth")).isLessThanOrEqualTo(390);
        assertThat(underBoxes(page)).as("ways under boxes").isEmpty();
        page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target/screenshots/flow-map-phone.png"))
                .setFullPage(true));
    }
}
