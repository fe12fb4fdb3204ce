package dev.sidecar.ops;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import dev.sidecar.testkit.Chromium;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RedisServer;
import dev.sidecar.testkit.Sidecar;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The fleet on the dashboard, in a browser. */
@Tag("slow")
@ProgramTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FleetBrowserTest {

    /** What moves without a click, beside what the charts do at their first point. */
    private static final String WATCH_SHIFTS = """
            window.shifts = [];
            new PerformanceObserver(list => list.getEntries().forEach(each => each.sources.forEach(
              source => window.shifts.push(source.node?.id || source.node?.className || '?'))))
              .observe({type: 'layout-shift', buffered: true});
            """;

    private static final double PATIENCE_MILLIS = 60_000;

    private static FakeProvider provider;
    private static RedisServer redis;
    private static Sidecar one;
    private static Sidecar other;
    private static Chromium chromium;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start();
        redis = RedisServer.start();
        one = replica("one");
        other = replica("other");
        chromium = Chromium.start();
    }

    private static Sidecar replica(String name) {
        return Sidecar.inFrontOf(provider.baseUrl(), "sidecar.redis-url=" + redis.url(), "sidecar.replica-id=" + name,
                "sidecar.rate-rpm=40", "sidecar.log-level=OFF");
    }

    @AfterAll
    static void stop() {
        chromium.close();
        one.close();
        other.close();
        redis.close();
        provider.close();
    }

    private static void photograph(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions().setFullPage(true)
                .setPath(Path.of("target", "dashboard", name + ".png")));
    }

    @Test
    @Order(1)
    void theCardTellsWhoIsThereWhoLeadsAndWhatEachHas() {
        try (var viewer = DashboardViewer.of(chromium, new NewContextOptions().setLocale("en"))) {
            var page = viewer.open(one.address(), "").page();
            assertThat(page.locator("#fleet-mode")).hasText("Shared");
            assertThat(page.locator("#fleet-sentence")).containsText("leads: one queue and one budget for 2 replicas.");
            var rows = page.locator("#fleet-rows tr");
            assertThat(rows).hasCount(2);
            assertThat(rows.nth(0).locator("td").nth(0)).hasText("one");
            assertThat(rows.nth(0).locator("td").nth(1)).containsText("this one");
            assertThat(rows.nth(1).locator("td").nth(0)).hasText("other");
            assertThat(rows.locator("td:nth-child(2)").filter(new Locator.FilterOptions()
                    .setHasText("leads"))).hasCount(1);
            assertThat(rows.locator("td:nth-child(4)")).hasText(new String[]{"0", "0"}); // this page is none
            assertThat(rows.locator("td:nth-child(5)")).hasText(new String[]{"20", "20"});
            assertThat(page.locator("#fleet-note")).containsText("those of all replicas");
            photograph(page, "fleet-shared");
            assertThat(viewer.problems()).isEmpty();
        }
    }

    @Test
    @Order(2)
    void theCardComesWithoutMovingAnythingElse() {
        try (var viewer = DashboardViewer.of(chromium, new NewContextOptions().setLocale("en"))) {
            viewer.page().addInitScript(WATCH_SHIFTS);
            var page = viewer.open(one.address(), "").page();
            assertThat(page.locator("#fleet-rows tr")).hasCount(2);
            @SuppressWarnings("unchecked") // an array of strings
            var moved = (List<String>) page.evaluate("() => window.shifts");
            assertThat(moved).as("moved when the card came").doesNotContain("lanes", "timeline-box",
                    "overview-waiting");
        }
    }

    @Test
    @Order(3)
    void inChineseToo() {
        try (var viewer = DashboardViewer.of(chromium, new NewContextOptions().setLocale("zh-CN"))) {
            var page = viewer.open(other.address(), "").page();
            assertThat(page.locator("#fleet-card h2")).hasText("集群");
            assertThat(page.locator("#fleet-mode")).hasText("共享");
            assertThat(page.locator("#fleet-sentence")).containsText("主导：2 个副本共用一个队列和一份预算");
            photograph(page, "fleet-chinese");
        }
    }

    @Test
    @Order(4)
    void itFitsASmallScreenAndSaysThatTheReplicaIsAlone() {
        var narrow = new NewContextOptions().setLocale("en").setViewportSize(390, 844);
        try (var viewer = DashboardViewer.of(chromium, narrow)) {
            var page = viewer.open(one.address(), "").page();
            assertThat(page.locator("#fleet-mode")).hasText("Shared");
            assertThat(viewer.width()).isLessThanOrEqualTo(390);
            redis.kill();
            assertThat(page.locator("#fleet-mode")).hasText("Alone",
                    new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE_MILLIS));
            assertThat(page.locator("#fleet-mode")).hasAttribute("data-tone", "warn");
            assertThat(page.locator("#fleet-rows tr")).hasCount(1);
            assertThat(page.locator("#fleet-sentence")).hasText(
                    "The others cannot be reached. This replica sends its own part of the limit.");
            assertThat(page.locator("#headline")).containsText("Replica one is alone");
            assertThat(page.locator("#fleet-note")).hasText("Everything on this page is of this replica only.");
            assertThat(viewer.width()).isLessThanOrEqualTo(390);
            photograph(page, "fleet-alone-390");
            assertThat(viewer.problems()).isEmpty();
        }
    }
}
