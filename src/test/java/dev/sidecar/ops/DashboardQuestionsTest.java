package dev.sidecar.ops;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.Chromium;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RawClient;
import dev.sidecar.testkit.Sidecar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The ten questions of {@code docs/dashboard.md}: each is answered on the first page, or one click away. */
@ProgramTest
@Timeout(60)
class DashboardQuestionsTest {

    private static final String LLAMA = "meta/llama-3.3-70b-instruct";
    private static final int BUDGET = 6;

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private static Chromium chromium;

    private final List<RawClient> clients = new ArrayList<>();
    private DashboardViewer viewer;

    @BeforeAll
    static void start() {
        provider = FakeProvider.start(_ -> Answer.chat("Hello"));
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.provider=acme", "sidecar.rate-rpm=" + BUDGET,
                "sidecar.bucket-capacity=" + BUDGET, "sidecar.queue-max=20", "sidecar.fallback-passthrough=false",
                "sidecar.queue-timeout=600", "sidecar.low-timeout=600");
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        sidecar.close();
        provider.close();
    }

    @BeforeEach
    void spendTheBudgetAndOpenThePage() {
        // Spent lately: on a slow machine the slots of the test before would come back while this one looks.
        await().atMost(Duration.ofSeconds(90)).until(() -> {
            spend();
            return sidecar.throttle().snapshot().minute().nextSlot().orElse(Duration.ZERO).toSeconds() >= 20;
        });
        viewer = DashboardViewer.of(chromium, new NewContextOptions().setViewportSize(1440, 1000))
                .open(sidecar.address(), "");
    }

    private void spend() {
        while (sidecar.throttle().snapshot().minute().left() > 0) {
            try (var client = send("normal")) {
                assertThat(client.receive().status()).isEqualTo(200);
            }
        }
    }

    @AfterEach
    void nothingIsLeft() {
        clients.forEach(RawClient::close);
        viewer.close();
        await().until(() -> sidecar.throttle().size() == 0);
        assertThat(viewer.problems()).isEmpty();
    }

    private Page page() {
        return viewer.page();
    }

    @Test
    void one_doesItWork() {
        assertThat(page().locator("#headline")).hasText(Pattern.compile("Serving\\..*"));
        assertThat(page().locator("#verdict")).hasAttribute("data-tone", Pattern.compile("good|busy"));
    }

    @Test
    void two_whyIsNothingSentAndHowLongWillThatLast() {
        wait(2, "normal");
        assertThat(page().locator("#timeline-sentence"))
                .hasText(Pattern.compile("Nothing is sent for \\d+\u00a0s: all 6 slots are taken\\..*"));
    }

    @Test
    void three_whoWaitsAndHowLongAlready() {
        wait(2, "high");
        wait(3, "normal");
        assertThat(page().locator("#high-count")).hasText("2");
        assertThat(page().locator("#normal-count")).hasText("3");
        assertThat(page().locator("#normal-age")).hasText(Pattern.compile("for [\\d.]+\u00a0m?s"));
        assertThat(page().locator("#whose")).containsText("2 high, 3 normal; most ask for " + LLAMA);
    }

    @Test
    void four_whenDoesARequestStart() {
        wait(1, "high");
        wait(1, "low");
        page().locator("#tab-queue").click();
        var cells = page().locator("#queue-rows tr").nth(1).locator("td");
        assertThat(cells.nth(1)).hasText("low");
        assertThat(cells.nth(4)).hasText(Pattern.compile("[\\d.]+\u00a0s|1\u00a0min.*"));
        assertThat(cells.nth(7)).hasText(Pattern.compile("9\u00a0min.*|10\u00a0min.*"));
    }

    @Test
    void five_whoHasUsedTheBudget() {
        page().locator("#timeline-table summary").click();
        assertThat(page().locator("#timeline-rows tr").first()).hasText(Pattern.compile("\\d+ to \\d+ s ago–[1-6]–"));
        page().locator("#tab-traffic").click();
        assertThat(page().locator("#model-rows tr").first()).containsText(LLAMA);
    }

    @Test
    void six_isItUsOrTheProvider() {
        assertThat(page().locator("#upstream")).containsText("yes");
        assertThat(page().locator("#circuit")).containsText("closed");
        assertThat(page().locator("#share-429")).hasText("0%");
        assertThat(page().locator("#retreat-reason")).containsText("No 429 so far");
    }

    @Test
    void seven_isTheKeyStillAccepted() {
        assertThat(page().locator("#keys")).containsText("acme");
        assertThat(page().locator("#keys")).containsText("not refused");
    }

    @Test
    void eight_whomDidWeTurnAwayAndWhatCanIDo() {
        wait(20, "normal");
        try (var refused = send("normal")) {
            assertThat(refused.receive().status()).isEqualTo(429);
        }
        page().locator("#tab-refused").click();
        var reason = page().locator("[data-reason=queue_full]");
        assertThat(reason).containsText("The queue was full");
        assertThat(reason).containsText("SIDECAR_QUEUE_MAX");
        assertThat(reason.locator("tbody tr").first()).containsText("normal" + LLAMA);
        assertThat(page().locator("#refused-count")).not().hasText("0");
    }

    @Test
    void nine_sinceWhenIsItSoAndDoesItGetBetter() {
        wait(2, "normal");
        page().locator("#tab-traffic").click();
        assertThat(page().locator("#chart-wait .plot")).hasAttribute("aria-label",
                Pattern.compile("Longest wait, .* normal: now [\\d.]+, at most [\\d.]+\\..*"));
    }

    @Test
    void ten_didSomebodyChangeSomething() {
        page().locator("#tab-routes").click();
        assertThat(page().locator("#way-caption"))
                .hasText(Pattern.compile("generation 1 of the routes, since \\d\\d:.*"));
        assertThat(page().locator("#routes-note")).isHidden();
    }

    private void wait(int count, String priority) {
        int before = sidecar.throttle().size();
        for (int i = 0; i < count; i++) {
            clients.add(send(priority));
        }
        await().until(() -> sidecar.throttle().size() == before + count);
    }

    private static RawClient send(String priority) {
        var body = "{\"model\":\"" + LLAMA + "\",\"messages\":[]}";
        return RawClient.to(sidecar.port())
                .send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "X-Priority: " + priority + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }
}
