package dev.sidecar.ops;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Mouse;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import dev.sidecar.testkit.Chromium;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.Sidecar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard for everybody: on a phone, in both themes and languages, with a screen reader, on a slow line. */
@ProgramTest
@Timeout(120)
class DashboardAccessTest {

    private static final List<String> TABS = List.of("overview", "traffic", "queue", "refused", "routes",
            "configuration");
    private static final int MOST_BYTES = 150_000;

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private static Chromium chromium;
    @TempDir
    private static Path routes;

    private final List<RawClient> clients = new ArrayList<>();
    private DashboardViewer viewer;

    @BeforeAll
    static void start() throws IOException {
        provider = FakeProvider.start();
        try (var files = Files.list(Path.of("routes"))) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, routes.resolve(file.getFileName()));
            }
        }
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.rate-rpm=1", "sidecar.bucket-capacity=1",
                "sidecar.queue-max=6", "sidecar.fallback-passthrough=false", "sidecar.queue-timeout=600",
                "sidecar.low-timeout=600", "sidecar.routes-dir=" + routes);
        chromium = Chromium.start();
        try (var first = send("normal")) {
            assertThat(first.receive().status()).isEqualTo(200);
        }
    }

    @AfterAll
    static void stop() {
        chromium.close();
        sidecar.close();
        provider.close();
    }

    @BeforeEach
    void enter() {
        viewer = DashboardViewer.of(chromium, new NewContextOptions());
    }

    @AfterEach
    void nothingWasWrong() {
        clients.forEach(RawClient::close);
        viewer.close();
        await().until(() -> sidecar.throttle().size() == 0);
        assertThat(viewer.problems()).isEmpty();
    }

    @Test
    void theThemeIsTheBrowsersUntilOneIsChosenAndThenRemembered() {
        viewer.close();
        viewer = DashboardViewer.of(chromium, new NewContextOptions().setColorScheme(ColorScheme.DARK));
        var page = viewer.open(sidecar.address(), "").page();
        assertThat(page.locator("html")).hasCSS("color-scheme", "light dark");
        assertThat(isDark(page)).isTrue();
        page.locator("#theme").selectOption("light");
        assertThat(isDark(page)).isFalse();
        page.reload();
        assertThat(page.locator("#theme")).hasValue("light");
        assertThat(isDark(page)).isFalse();
        page.locator("#theme").selectOption("auto");
        assertThat(isDark(page)).isTrue();
        assertThat(page.evaluate("localStorage.length")).isEqualTo(0);
    }

    private static boolean isDark(Page page) {
        return (Boolean) page.evaluate("getComputedStyle(document.body).color.match(/\\d+/g)[0] > 128");
    }

    @Test
    void theLanguageIsTheBrowsersUntilOneIsChosenAndThenRemembered() {
        var page = viewer.open(sidecar.address(), "").page();
        assertThat(page.locator("#tab-overview")).hasText("Overview");
        page.locator("#language").selectOption("zh");
        assertThat(page.locator("#tab-overview")).hasText("总览");
        assertThat(page.locator("html")).hasAttribute("lang", "zh-CN");
        assertThat(page.locator("#headline")).hasText(Pattern.compile("运行正常。|.*个请求在等待。"));
        page.reload();
        assertThat(page.locator("#tab-overview")).hasText("总览");
        page.locator("#language").selectOption("auto");
        assertThat(page.locator("#tab-overview")).hasText("Overview");
    }

    @Test
    void theAddressLeadsBackToTabAndTime() {
        var page = viewer.open(sidecar.address(), "").page();
        page.locator("#tab-traffic").click();
        page.getByText("1 h", new Page.GetByTextOptions().setExact(true)).click();
        assertThat(page).hasURL(Pattern.compile(".*#/traffic&1h"));
        page.reload();
        assertThat(page.locator("#traffic")).isVisible();
        assertThat(page.locator("[name=range][value='1h']")).isChecked();
        page.navigate(sidecar.address() + "/api/dashboard#/line");
        assertThat(page.locator("#queue")).isVisible();
    }

    @Test
    void aDragOverOneChartZoomsIntoAllAndTwoClicksLeadBack() {
        var page = viewer.open(sidecar.address(), "#/traffic").page();
        assertThat(page.locator("#chart-wait .no-data")).not().containsText("first point");
        var box = page.locator("#chart-waiting .u-over").boundingBox();
        page.mouse().move(box.x + box.width * 0.3, box.y + 40);
        page.mouse().down();
        page.mouse().move(box.x + box.width * 0.6, box.y + 50,
                new Mouse.MoveOptions().setSteps(5));
        page.mouse().up();
        assertThat(page.locator("#zoom-reset")).isVisible();
        page.locator("#chart-errors .u-over").dblclick();
        assertThat(page.locator("#zoom-reset")).isHidden();
    }

    @Test
    void aPhoneShowsEachTabWithoutScrollingSideways() throws IOException {
        wait(6);
        try (var refused = send("low")) {
            assertThat(refused.receive().status()).isEqualTo(429);
        }
        viewer.close();
        viewer = DashboardViewer.of(chromium, new NewContextOptions().setViewportSize(390, 844));
        var page = viewer.open(sidecar.address(), "").page();
        var edit = Files.writeString(routes.resolve("broken.camel.yaml"), """
                - route:
                    id: a-route-with-a-name-that-is-long-and-cannot-be-broken-anywhere-at-all-on-a-phone
                    from:
                      uri: no-such-component-with-a-long-name-that-cannot-be-broken-anywhere:start
                """);
        var patient = new LocatorAssertions.IsVisibleOptions().setTimeout(20_000);
        assertThat(page.locator("#routes-note")).isVisible(patient);
        for (var tab : TABS) {
            page.locator("#tab-" + tab).click();
            assertThat(page.locator("#" + tab)).isVisible();
            assertThat(viewer.width()).as("width of " + tab).isLessThanOrEqualTo(390);
        }
        Files.delete(edit);
        assertThat(page.locator("#routes-note")).not().isVisible(patient);
    }

    @Test
    void axeFindsNothingOnAnyTabInEitherTheme() throws IOException {
        wait(6);
        var page = viewer.open(sidecar.address(), "").page();
        page.evaluate(axe());
        for (var scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
            for (var tab : TABS) {
                page.locator("#tab-" + tab).click();
                assertThat(page.locator("#" + tab)).isVisible();
                var violations = (List<?>) page.evaluate("async () => (await axe.run()).violations"
                        + ".map(rule => rule.id + ' ' + rule.nodes.map(node => node.html).join(' '))");
                assertThat(violations).as("%s, %s", tab, scheme).isEmpty();
            }
        }
    }

    private static String axe() throws IOException {
        try (var in = Objects.requireNonNull(DashboardAccessTest.class.getResourceAsStream("/axe.min.js"))) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    @Test
    void thePagesOwnCodeIsSmall() throws IOException {
        int bytes = compressed("/static/dashboard/index.html");
        for (var name : DashboardAssets.FILES) {
            bytes += compressed("/static/dashboard/" + name);
        }
        for (var library : DashboardAssets.LIBRARIES.entrySet()) {
            bytes += compressed(library.getValue().read(library.getKey()));
        }
        assertThat(bytes).isLessThan(MOST_BYTES);
    }

    private static int compressed(String resource) throws IOException {
        try (var in = DashboardAssets.class.getResourceAsStream(resource)) {
            assertThat(in).as(resource).isNotNull();
            return compressed(in.readAllBytes());
        }
    }

    private static int compressed(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        }
        return bytes.size();
    }

    private void wait(int count) {
        // The slot of a test before must not come back while this one begins.
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            sidecar.throttle().drain();
            return sidecar.throttle().snapshot().minute().nextSlot().orElse(Duration.ZERO).toSeconds() >= 15;
        });
        for (int i = 0; i < count; i++) {
            clients.add(send(i % 2 == 0 ? "high" : "low"));
        }
        await().until(() -> sidecar.throttle().size() == count);
    }

    private static RawClient send(String priority) {
        var body = "{\"model\":\"a-model\"}";
        return RawClient.to(sidecar.port())
                .send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "X-Priority: " + priority + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }
}
