package dev.sidecar.ops;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.Chromium;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.Sidecar;
import dev.sidecar.testkit.TcpForwarder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** The dashboard as its users have it: in a browser, with a queue behind it. */
@ProgramTest
@Isolated("looks at the time that things take, or at what all do together")
@Timeout(60)
class DashboardBrowserTest {

    private static final String LLAMA = "meta/llama-3.3-70b-instruct";
    private static final int BUDGET = 6;
    private static final String TOKEN = "an-admin-token-nobody-may-see";
    /** What the browser itself notes about answers that a test means to get. */
    private static final String UNAUTHORIZED = refused("401 (Unauthorized)");
    private static final String FORBIDDEN = refused("403 (Forbidden)");
    private static final String BAD_REQUEST = refused("400 (Bad Request)");

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
                "sidecar.low-timeout=600",
                "sidecar.admin-token=" + TOKEN);
        chromium = Chromium.start();
    }

    /** So that what comes next waits. Slots of an earlier test may have returned on a slow machine. */
    @BeforeEach
    void spendTheBudget() {
        try (var client = RawClient.to(sidecar.port())) {
            while (sidecar.throttle().snapshot().minute().left() > 0) {
                assertThat(client.send(request("normal", LLAMA)).receive().status()).isEqualTo(200);
            }
        }
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

    // ---- what is shown ----

    @Test
    void theLanesAndTheTitleFollowTheQueue() {
        var page = open();
        assertThat(page).hasTitle("(0) NVIDIA Sidecar");
        assertThat(page.locator("#slow")).containsText("Nobody waits");
        assertThat(page.locator("#left")).hasText("0");
        assertThat(page.locator("#used")).hasText("6 used in the last 60 s");
        wait(4, "high");
        wait(8, "normal");
        wait(2, "low");
        assertThat(page).hasTitle("(14) NVIDIA Sidecar");
        assertThat(page.locator("#high-count")).hasText("4");
        assertThat(page.locator("#normal-count")).hasText("8");
        assertThat(page.locator("#low-count")).hasText("2");
        assertThat(page.locator("#slow")).containsText("14 wait");
        assertThat(page.locator("#why")).containsText("6 of 6 used");
        assertThat(page.locator("#whose")).containsText("4 high, 8 normal, 2 low; most ask for " + LLAMA);
        assertThat(page.locator("#next")).containsText("high, " + LLAMA);
        assertThat(lane(page, "high")).hasCount(4);
        assertThat(lane(page, "normal")).hasCount(8);
        assertThat(lane(page, "low")).hasCount(2);
        assertThat(lane(page, "high").first()).hasClass("cell first");
        leave(9);
        assertThat(page).hasTitle("(5) NVIDIA Sidecar");
        assertThat(lane(page, "high")).hasCount(0);
        assertThat(lane(page, "normal")).hasCount(3);
        assertThat(lane(page, "low")).hasCount(2);
    }

    private static Locator lane(Page page, String priority) {
        return page.locator(".lane[data-class=" + priority + "] .cell");
    }

    @Test
    void theQueueIsShownInTheOrderOfTurnsAndHostileNamesAreOnlyText() {
        var page = open();
        wait(3, "low");
        wait(2, "normal");
        var hostile = "<img src=x onerror=document.title='owned'>";
        clients.add(RawClient.to(sidecar.port()).send(request("high", hostile + "\\u202e\\n")));
        page.getByRole(AriaRole.TAB).nth(2).click();
        var rows = page.locator("#queue-rows tr");
        assertThat(rows).hasCount(6);
        var first = rows.nth(0).locator("td");
        // What would hide or reorder the words around it is shown as a mark.
        assertThat(first.nth(2)).hasText(hostile + "\ufffd\ufffd");
        assertThat(first.nth(3)).hasText(Pattern.compile("[\\d.]+\\ss|\\d+\\sms"));
        assertThat(first.nth(4)).hasText(Pattern.compile("[\\d.]+\\ss|now"));
        assertThat(first.nth(5)).hasText("1");
        assertThat(first.nth(6)).hasText("its turn");
        assertThat(rows.locator(".class")).hasText(new String[]{"high", "normal", "normal", "low", "low", "low"});
        assertThat(page.locator("main img")).hasCount(0);
        assertThat(page).hasTitle("(6) NVIDIA Sidecar");
    }

    @Test
    void aReloadShowsWhatTheServerHasKept() {
        var page = open("#/traffic");
        var answered = Pattern.compile("Answered, requests in the minute before\\. high: now \\d+, at most \\d+\\."
                + " normal: now \\d+, at most [1-9].*");
        assertThat(page.locator("#chart-throughput .plot")).hasAttribute("aria-label", answered);
        assertThat(page.locator("#chart-throughput canvas")).isVisible();
        assertThat(page.locator("#model-rows tr").first()).containsText(LLAMA);
        page.reload();
        assertThat(page.locator("#chart-throughput .plot")).hasAttribute("aria-label", answered);
    }

    // ---- the connection ----

    @Test
    void theMaskComesFiveSecondsAfterTheLastNewsAndGoesWithTheNext() {
        try (var way = TcpForwarder.to(sidecar.port())) {
            var page = newPage(new NewContextOptions());
            page.clock().install();
            page.navigate("http://127.0.0.1:" + way.port() + "/api/dashboard");
            assertThat(page).hasTitle("(0) NVIDIA Sidecar");
            way.silence();
            page.clock().pauseAt(((Number) page.evaluate("Date.now() + 1000")).longValue());
            page.clock().runFor(2_700); // the last news may be a second old
            assertThat(page.locator("#headline")).not().hasText("Connection lost.");
            assertThat(page.locator("#panels")).hasCSS("filter", "none");
            page.clock().runFor(1_400);
            assertThat(page.locator("#detail")).containsText(Pattern.compile("No news for [56]"));
            assertThat(page.locator("#panels")).hasCSS("filter", "grayscale(1)");
            assertThat(page.locator("#headline")).hasText("Connection lost.");
            assertThat(page.locator("#verdict")).hasAttribute("data-tone", "bad");
            way.restore();
            // The browser tries the connections that it has kept first, of which it cannot know that they are dead.
            await().pollInSameThread().until(() -> {
                page.clock().runFor(3_000);
                return !page.locator("#headline").textContent().equals("Connection lost.");
            });
            assertThat(page.locator("#panels")).hasCSS("filter", "none");
            assertThat(page.locator("#verdict")).hasAttribute("data-tone", "good");
            page.close(); // before the way there is
        }
    }

    // ---- the settings ----

    @Test
    void theFormIsFilledAndAChangeTakesEffectOnceConfirmed() {
        var page = openSettings();
        giveToken(page, TOKEN);
        assertThat(page.locator("#set-rate_rpm")).hasValue(Integer.toString(BUDGET));
        assertThat(page.locator("#set-request_timeout")).hasValue("600");
        assertThat(page.locator("#set-fallback_enabled_passthrough")).isChecked();
        assertThat(page.locator("#set-log_level")).hasValue("WARN");
        assertThat(page.locator("#fixed")).containsText(Sidecar.API_KEY.substring(0, 4) + "****");
        assertThat(page.locator("#review")).isDisabled();
        page.locator("#set-queue_max_size").fill("20");
        page.locator("#set-fallback_enabled_passthrough").uncheck();
        page.locator("#review").click();
        var changes = page.locator("#changes tr");
        assertThat(changes).hasText(new String[]{"Places in the queue10000→20", "Full queue: forward at onceyes→no"});
        page.getByText("Cancel").click();
        assertThat(page.locator("#confirm")).isHidden();
        assertThat(sidecar.throttle().snapshot().queueMax()).isEqualTo(10_000);
        page.locator("#review").click();
        page.locator("#apply").click();
        assertThat(page.locator("#settings-done"))
                .hasText("Changed: Places in the queue, Full queue: forward at once.");
        assertThat(sidecar.throttle().snapshot().queueMax()).isEqualTo(20);
        page.locator("#tab-overview").click();
        assertThat(page.locator("#queue-max")).hasText("20");
        problems.remove(UNAUTHORIZED);
    }

    @Test
    void aWrongTokenIsRefusedVisiblyAndTheRightOneIsKeptNowhere() {
        var page = openSettings();
        assertThat(page.locator("#set-rate_rpm")).isDisabled();
        giveToken(page, "a-guess");
        assertThat(page.locator("#token-error")).containsText("this is not the admin token");
        assertThat(page.locator("#token")).hasValue("");
        assertThat(page.locator("#set-rate_rpm")).hasValue("");
        giveToken(page, TOKEN);
        assertThat(page.locator("#token-form")).isHidden();
        assertThat(page.locator("#set-rate_rpm")).hasValue(Integer.toString(BUDGET));
        assertThat(page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length")).isEqualTo(0);
        assertThat(page.content()).doesNotContain(TOKEN);
        page.reload();
        assertThat(page.locator("#token-form")).isVisible();
        problems.removeAll(List.of(UNAUTHORIZED, FORBIDDEN));
    }

    @Test
    void whoGuessesIsToldHowLongToWaitAndTheRightTokenStillOpens() {
        try (var guessed = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.admin-token=" + TOKEN)) {
            var page = newPage(new NewContextOptions());
            page.navigate(guessed.address() + "/api/dashboard#/configuration");
            assertThat(page.locator("#token-form")).isVisible();
            for (int i = 0; i < 10; i++) {
                giveToken(page, "a-guess");
                assertThat(page.locator("#token-error")).containsText("this is not the admin token");
                assertThat(page.locator("#token")).hasValue("");
            }
            giveToken(page, "a-guess");
            assertThat(page.locator("#token-error")).containsText(Pattern.compile(
                    "Too many wrong tokens .* The right one opens at any time; the next wrong one is looked at in [0-9]+ s"));
            assertThat(page.locator("#token-form")).isVisible();
            giveToken(page, TOKEN);
            assertThat(page.locator("#token-form")).isHidden();
            assertThat(page.locator("#set-rate_rpm")).hasValue("1000000");
            page.close();
        }
        problems.removeAll(List.of(UNAUTHORIZED, FORBIDDEN, refused("429 (Too Many Requests)")));
    }

    @Test
    void whatIsNotAllowedIsSaidAtItsField() {
        var page = openSettings();
        giveToken(page, TOKEN);
        for (var wrong : List.of(List.of("rate_rpm", "0"), List.of("rate_rpm", "1.5"), List.of("request_timeout", "-1"),
                List.of("bucket_capacity", ""))) {
            var input = page.locator("#set-" + wrong.getFirst());
            assertThat(input).not().hasValue("");
            input.fill(wrong.getLast());
            page.locator("#review").click();
            page.locator("#apply").click();
            assertThat(page.locator("#error-" + wrong.getFirst())).containsText("must be");
            assertThat(input).hasAttribute("aria-invalid", "true");
            assertThat(input).isFocused();
            assertThat(page.locator("#settings-done")).isHidden();
            page.locator("#undo").click();
            assertThat(page.locator("#error-" + wrong.getFirst())).isEmpty();
        }
        problems.removeAll(List.of(UNAUTHORIZED, BAD_REQUEST));
    }

    private Page openSettings() {
        var page = open("#/configuration");
        assertThat(page.locator("#token-form")).isVisible();
        return page;
    }

    private static void giveToken(Page page, String token) {
        page.locator("#token").fill(token);
        page.locator("#token").press("Enter");
    }

    // ---- for everybody ----

    @Test
    void theTabsAreReachedByKeys() {
        var page = open();
        page.locator("#tab-overview").focus();
        page.keyboard().press("ArrowRight");
        assertThat(page.locator("#tab-traffic")).isFocused();
        assertThat(page.locator("#traffic")).isVisible();
        assertThat(page.locator("#overview")).isHidden();
        page.keyboard().press("End");
        assertThat(page.locator("#tab-configuration")).hasAttribute("aria-selected", "true");
        page.keyboard().press("ArrowRight");
        assertThat(page.locator("#tab-overview")).isFocused();
        assertThat(page.locator("#tab-traffic")).hasAttribute("tabindex", "-1");
        assertThat(page.locator("#tab-overview")).hasCSS("outline-style", "solid");
        problems.remove(UNAUTHORIZED);
    }

    @Test
    void whoReadsChineseIsGivenChinese() {
        var page = open("", new NewContextOptions().setLocale("zh-CN"));
        assertThat(page.locator("html")).hasAttribute("lang", "zh-CN");
        assertThat(page.locator("#tab-overview")).hasText("总览");
        assertThat(page.locator("#slow")).containsText("没有请求在等待");
        @SuppressWarnings("unchecked")
        var missing = (List<String>) page.evaluate("async () => { const {dictionaries: {english, chinese}} = await"
                + " import('/api/dashboard/assets/words.js'); const names = text => (text.match(/\\{\\w+\\}/g) ?? []).sort().join();"
                + " return Object.keys({...english, ...chinese}).filter(key => !['hint-log_level', 'space'].includes(key)"
                + " && (!chinese[key] || !english[key] || names(chinese[key]) !== names(english[key]))) }");
        assertThat(missing).as("words without a translation, or with other values in it").isEmpty();
    }

    @Test
    void whoWantsNoMotionSeesNone() {
        wait(1, "high");
        var page = open("", new NewContextOptions().setReducedMotion(ReducedMotion.REDUCE));
        assertThat(lane(page, "high")).hasCSS("transition-property", "none");
    }

    private record Look(String name, int width, int height, ColorScheme scheme) {
    }

    @Test
    void everyTabFitsInEveryLookAndIsPhotographed() {
        wait(3, "high");
        wait(7, "normal");
        wait(5, "low");
        var page = openSettings();
        giveToken(page, TOKEN);
        assertThat(page.locator("#set-rate_rpm")).hasValue(Integer.toString(BUDGET));
        assertThat(page).hasTitle("(15) NVIDIA Sidecar");
        for (var look : List.of(new Look("dark", 1280, 900, ColorScheme.DARK),
                new Look("light", 1280, 900, ColorScheme.LIGHT), new Look("phone", 390, 844, ColorScheme.DARK))) {
            page.setViewportSize(look.width, look.height);
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(look.scheme));
            for (var tab : List.of("overview", "traffic", "queue", "refused", "configuration")) {
                page.locator("#tab-" + tab).click();
                assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
                        .as("width of %s, %s", tab, look.name).isLessThanOrEqualTo(look.width);
                page.screenshot(new Page.ScreenshotOptions()
                        .setPath(Path.of("target", "screenshots", look.name + "-" + tab + ".png")).setFullPage(true));
            }
        }
        problems.remove(UNAUTHORIZED);
    }

    // ---- helpers ----

    private Page open() {
        return open("");
    }

    private Page open(String tab) {
        return open(tab, new NewContextOptions());
    }

    private Page open(String tab, NewContextOptions options) {
        var page = newPage(options);
        page.navigate(sidecar.address() + "/api/dashboard" + tab);
        assertThat(page).hasTitle(Pattern.compile("\\(\\d+\\) NVIDIA Sidecar"));
        return page;
    }

    /** Notes every error in the console and every request that goes elsewhere. */
    private Page newPage(NewContextOptions options) {
        var opened = chromium.browser().newContext(options);
        context = opened;
        var page = opened.newPage();
        page.setDefaultTimeout(10_000);
        page.onConsoleMessage(message -> {
            if (List.of("error", "warning").contains(message.type())) {
                problems.add(message.text());
            }
        });
        page.onPageError(error -> problems.add("script: " + error));
        page.onRequest(request -> {
            if (!request.url().matches("http://127\\.0\\.0\\.1:\\d+/api/.*")) {
                problems.add("request to " + request.url());
            }
        });
        return page;
    }

    private static String refused(String status) {
        return "Failed to load resource: the server responded with a status of " + status;
    }

    private void wait(int count, String priority) {
        int before = sidecar.throttle().size();
        for (int i = 0; i < count; i++) {
            clients.add(RawClient.to(sidecar.port()).send(request(priority, LLAMA)));
        }
        await().until(() -> sidecar.throttle().size() == before + count);
    }

    private void leave(int count) {
        for (int i = 0; i < count; i++) {
            clients.removeFirst().close();
        }
    }

    private static String request(String priority, String model) {
        var body = "{\"model\":\"" + model + "\",\"messages\":[]}";
        return "POST /v1/chat/completions HTTP/1.1\r\nHost: sidecar\r\nContent-Type: application/json\r\nX-Priority: "
                + priority + "\r\nContent-Length: " + body.getBytes(java.nio.charset.StandardCharsets.UTF_8).length
                + "\r\n\r\n" + body;
    }
}
