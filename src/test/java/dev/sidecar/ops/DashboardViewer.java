package dev.sidecar.ops;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PageAssertions;
import dev.sidecar.testkit.Chromium;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A viewer of the dashboard, with a browser context of its own. It notes each error and warning in the console, each error
 * of a script, and each request that goes elsewhere.
 */
final class DashboardViewer implements AutoCloseable {

    static final Pattern TITLE = Pattern.compile("\\(\\d+\\) NVIDIA Sidecar");
    private static final double PATIENCE_MILLIS = 60_000;

    private final List<String> problems = new ArrayList<>();
    private final BrowserContext context;
    private final Page page;

    private DashboardViewer(BrowserContext context) {
        this.context = context;
        this.page = context.newPage();
        page.setDefaultTimeout(PATIENCE_MILLIS);
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
    }

    /** A viewer who has not opened the page yet. */
    static DashboardViewer of(Chromium chromium, NewContextOptions options) {
        return new DashboardViewer(chromium.browser().newContext(options));
    }

    /** Opens the page of the sidecar with this address and waits for the first snapshot. */
    DashboardViewer open(String address, String hash) {
        page.navigate(address + "/api/dashboard" + hash);
        assertThat(page).hasTitle(TITLE, new PageAssertions.HasTitleOptions().setTimeout(PATIENCE_MILLIS));
        return this;
    }

    Page page() {
        return page;
    }

    /** What was wrong so far. A test removes what it means to bring about. */
    List<String> problems() {
        return problems;
    }

    /** The width that the page needs. */
    int width() {
        return (Integer) page.evaluate("document.documentElement.scrollWidth");
    }

    @Override
    public void close() {
        context.close();
    }
}
