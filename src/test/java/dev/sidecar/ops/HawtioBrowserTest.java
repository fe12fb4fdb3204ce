package dev.sidecar.ops;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** Hawtio, from the dashboard's link on: the diagrams of the routes come first. */
@ProgramTest
@Isolated("a browser draws diagrams of some megabytes of script")
@Timeout(300)
class HawtioBrowserTest {

    private static final String TOKEN = "an-admin-token-nobody-may-see";

    /** Hawtio's pages load some megabytes of script, and ask much of a busy machine. */
    private static final int PATIENCE = 60_000;
    private static final LocatorAssertions.HasCountOptions LOADED = new LocatorAssertions.HasCountOptions()
            .setTimeout(PATIENCE);

    private static FakeProvider provider;
    private static Chromium chromium;
    private @Nullable BrowserContext context;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start(request -> Answer.chat("Hello"));
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        provider.close();
    }

    @AfterEach
    void close() {
        if (context != null) {
            context.close();
        }
    }

    private Page browser(NewContextOptions options) {
        context = chromium.browser().newContext(options.setViewportSize(1440, 900));
        var page = context.newPage();
        page.setDefaultTimeout(PATIENCE);
        return page;
    }

    @Test
    void theLinkLeadsToTheDiagramOfTheFirstRouteAndOneClickToThatOfThrottled() {
        try (var sidecar = Sidecar.inFrontOf(provider.baseUrl());
                var client = RawClient.to(sidecar.port())) {
            client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").receive();
            var page = browser(new NewContextOptions());
            page.navigate("http://127.0.0.1:" + sidecar.port() + "/api/dashboard");
            page.locator("#hawtio-link[href]").click();
            assertThat(nodes(page).filter(new Locator.FilterOptions().setHasText("header-policy"))).hasCount(1, LOADED);
            assertThat(nodes(page).filter(new Locator.FilterOptions().setHasText("failed"))).hasCount(0);
            assertThat(page.getByText("Connect", new Page.GetByTextOptions().setExact(true))).hasCount(0);
            assertThat(page.locator("#camel-tree-view li li").allInnerTexts()).containsExactly(
                    "proxy", "throttled", "queue", "upstream", "passthrough", "provider");

            page.locator("#camel-tree-view").getByText("throttled", new Locator.GetByTextOptions().setExact(true))
                    .first().click();
            var throttle = nodes(page).filter(new Locator.FilterOptions().setHasText("adaptive-throttle"));
            assertThat(throttle).hasCount(1, LOADED);
            assertThat(throttle.locator(".number")).hasText("1");
            page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target/screenshots/hawtio-throttled.png")));
        }
    }

    private static Locator nodes(Page page) {
        return page.locator(".camel-node-content");
    }

    @Test
    void oneLoginIsEnoughWhereThereIsAnAdminToken() {
        try (var sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.admin-token=" + TOKEN)) {
            var page = browser(new NewContextOptions().setHttpCredentials("admin", TOKEN));
            page.navigate("http://127.0.0.1:" + sidecar.managementPort() + "/hawtio");
            assertThat(nodes(page).filter(new Locator.FilterOptions().setHasText("header-policy"))).hasCount(1, LOADED);
        }
    }
}
