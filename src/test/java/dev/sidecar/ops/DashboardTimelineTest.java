package dev.sidecar.ops;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ReducedMotion;
import dev.sidecar.testkit.Chromium;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The budget timeline with snapshots made by hand: a real one, changed to say what the test is about. The page does not
 * move, so that a picture can be looked at.
 */
@ProgramTest
@Timeout(60)
class DashboardTimelineTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String COLOR_AT = """
            ([seconds, lane]) => {
              const canvas = document.getElementById('timeline');
              const scale = devicePixelRatio;
              const [left, right] = [76, canvas.clientWidth - 8];
              const x = left + (seconds + 63.2) * (right - left) / (63.2 + 60);
              const y = 46 + (lane + 1) * (canvas.clientHeight - 70) / 3 - 4;
              const copy = new OffscreenCanvas(7, 1).getContext('2d', {willReadFrequently: true});
              copy.drawImage(canvas, (x - 3) * scale, y * scale, 7, 1, 0, 0, 7, 1);
              const {data} = copy.getImageData(0, 0, 7, 1);
              const found = new Set();
              for (let i = 0; i < data.length; i += 4) {
                if (data[i + 3] > 120) found.add([...data.slice(i, i + 3)].map(part => Math.round(part / 24)).join());
              }
              return [...found].sort().join(' ');
            }""";

    private static FakeProvider provider;
    private static Sidecar sidecar;
    private static Chromium chromium;
    private static JsonNode real;

    private DashboardViewer viewer;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.rate-rpm=40");
        chromium = Chromium.start();
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(sidecar.uri("/status")).header("Accept", "application/json").build();
            real = JSON.readTree(client.send(request, BodyHandlers.ofString()).body());
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
        viewer = DashboardViewer.of(chromium, new NewContextOptions().setReducedMotion(ReducedMotion.REDUCE)
                .setViewportSize(1440, 1000));
    }

    @AfterEach
    void leave() {
        viewer.close();
        assertThat(viewer.problems()).isEmpty();
    }

    @Test
    void aStrangerReadsWhyNothingHappensForHalfAMinute() {
        var page = show(snapshot -> {
            spent(snapshot, 40, 27.0);
            waits(snapshot, "high", 34.2, 150);
            waits(snapshot, "normal", 34.4, 150);
        });
        assertThat(page.locator("#timeline-sentence")).hasText(
                "Nothing is sent for 34\u00a0s: all 40 slots are taken. The next one returns 61\u00a0s after its request was sent.");
        assertThat(page.locator("#timeline-box")).hasAttribute("aria-describedby", "timeline-sentence");
    }

    @Test
    void whatWasSentStandsLeftOfNowAndWhatWaitsRightInTheLaneAndColourOfItsClass() {
        var page = show(snapshot -> {
            sent(snapshot, "high", 12.0, "m", "done");
            sent(snapshot, "low", 12.0, "m", "done");
            waits(snapshot, "normal", 20, 150);
        });
        assertThat(color(page, -12, 0)).isNotEmpty();
        assertThat(color(page, -12, 1)).isEmpty();
        assertThat(color(page, -12, 2)).isNotEmpty().isNotEqualTo(color(page, -12, 0));
        assertThat(color(page, 20, 1)).isNotEmpty();
        assertThat(color(page, 20, 0)).isEmpty();
    }

    @Test
    void keysWalkThroughTheRequestsAndEachIsSaid() {
        var page = show(snapshot -> {
            sent(snapshot, "high", 30.0, "meta/llama", "done");
            waits(snapshot, "normal", 31.2, 90);
        });
        page.locator("#timeline-box").focus();
        page.keyboard().press("ArrowRight");
        var said = page.locator("#timeline-said");
        assertThat(said).containsText("normal · a-model. waits for 3\u00a0s. starts in 31\u00a0s, at ");
        assertThat(said).containsText("takes the slot of the request sent 30\u00a0s ago");
        assertThat(said).containsText("would be refused in 1\u00a0min 30\u00a0s");
        page.keyboard().press("ArrowLeft");
        assertThat(said).containsText("high · meta/llama. sent 30\u00a0s ago, at ");
        assertThat(said).containsText("waited 0.2\u00a0s in the queue. answered. its slot returns in 31\u00a0s");
        page.keyboard().press("Escape");
        assertThat(page.locator("#timeline-tip")).isHidden();
    }

    @Test
    void whoPointsAtARequestIsToldAboutIt() {
        var page = show(snapshot -> sent(snapshot, "normal", 20.0, "<b>hostile</b>", "refused"));
        var box = page.locator("#timeline").boundingBox();
        page.mouse().move(box.x + 76 + 43.2 * (box.width - 84) / 123.2, box.y + 46 + 2 * (box.height - 70) / 3 - 6);
        assertThat(page.locator("#timeline-tip")).containsText("normal · <b>hostile</b>");
        assertThat(page.locator("#timeline-tip")).containsText("refused by the provider");
        page.mouse().move(box.x + 5, box.y + box.height + 60);
        assertThat(page.locator("#timeline-tip")).isHidden();
    }

    @Test
    void thousandsAMinuteAreBarsAndTheTableHasTheirNumbers() {
        var page = show(snapshot -> {
            var timeline = timeline(snapshot);
            for (int age = 0; age < 60; age++) {
                bin((ArrayNode) timeline.get("sent_bins"), "age_seconds", age, 5, 55, 7);
            }
            bin((ArrayNode) timeline.get("waiting_bins"), "start_seconds", 1, 0, 300, 0);
            queue(snapshot).put("current_size", 300);
        });
        assertThat(color(page, -30, 1)).isNotEmpty();
        page.locator("#timeline-table summary").click();
        var rows = page.locator("#timeline-rows tr");
        assertThat(rows).hasCount(7);
        assertThat(rows.nth(0)).hasText(Pattern.compile("60 to 50 s ago\\d+\\d+\\d+"));
        assertThat(rows.nth(3)).hasText("30 to 20 s ago5055070");
        assertThat(rows.nth(6)).hasText("in 0 to 10 s–300–");
    }

    @Test
    void aPauseIsSaidAndShaded() {
        var page = show(snapshot -> {
            ((ObjectNode) snapshot.get("retreat")).put("paused_seconds", 20);
            var spans = (ArrayNode) timeline(snapshot).get("spans");
            spans.addObject().put("kind", "pause").put("from_seconds", -12.0).put("to_seconds", 20.0);
            waits(snapshot, "normal", 20.5, 150);
        });
        assertThat(page.locator("#timeline-sentence"))
                .hasText("Nothing is sent for 20\u00a0s: the provider asked for a pause.");
    }

    @Test
    void whoWantsNoMotionSeesNoneAndOthersSeeItMove() {
        var page = show(snapshot -> sent(snapshot, "normal", 20.0, "m", "done"));
        var still = frames(page);
        page.emulateMedia(new Page.EmulateMediaOptions().setReducedMotion(ReducedMotion.NO_PREFERENCE));
        assertThat(still).isZero();
        assertThat(frames(page)).isPositive();
        page.locator("#tab-traffic").click();
        page.waitForTimeout(200);
        assertThat(frames(page)).as("nothing is drawn that is not seen").isZero();
    }

    /** Frames that the page asks for in half a second. */
    private static int frames(Page page) {
        return (Integer) page.evaluate("""
                async () => {
                  const original = window.requestAnimationFrame;
                  let asked = 0;
                  window.requestAnimationFrame = draw => { asked++; return original.call(window, draw); };
                  await new Promise(done => setTimeout(done, 500));
                  window.requestAnimationFrame = original;
                  return asked;
                }""");
    }

    private static String color(Page page, double seconds, int lane) {
        return (String) page.evaluate(COLOR_AT, List.of(seconds, lane));
    }

    private Page show(Consumer<ObjectNode> change) {
        ObjectNode snapshot = real.deepCopy();
        timeline(snapshot).put("window_seconds", 61.2);
        for (var list : List.of("sent", "sent_bins", "waiting_bins", "spans")) {
            timeline(snapshot).putArray(list);
        }
        change.accept(snapshot);
        var page = viewer.page();
        page.route("**/api/dashboard/stream", route -> route.fulfill(new Route.FulfillOptions()
                .setContentType("text/event-stream").setBody("retry: 600000\n\ndata: " + snapshot + "\n\n")));
        viewer.open(sidecar.address(), "");
        assertThat(page.locator("#headline")).not().hasText("Connecting …");
        return page;
    }

    private static ObjectNode timeline(ObjectNode snapshot) {
        return snapshot.withObject("/timeline");
    }

    private static ObjectNode queue(ObjectNode snapshot) {
        return (ObjectNode) snapshot.get("queue");
    }

    private static void spent(ObjectNode snapshot, int slots, double age) {
        for (int i = 0; i < slots; i++) {
            sent(snapshot, "normal", age, "m", "done");
        }
        ((ObjectNode) snapshot.get("budget")).put("used", slots).put("left", 40 - slots);
    }

    private static void sent(ObjectNode snapshot, String priority, double age, String model, String outcome) {
        ((ArrayNode) timeline(snapshot).get("sent")).addObject().put("age_seconds", age).put("priority", priority)
                .put("model", model).put("wait_seconds", 0.2).put("outcome", outcome);
    }

    private static void waits(ObjectNode snapshot, String priority, double start, double deadline) {
        ((ArrayNode) snapshot.get("line")).addObject().put("priority", priority).put("model", "a-model")
                .put("age_seconds", 3.0).put("start_seconds", start).put("tries", 1).put("waits_for", "turn")
                .put("deadline_seconds", deadline);
        queue(snapshot).put("current_size", snapshot.get("line").size());
    }

    private static void bin(ArrayNode bins, String at, int seconds, int high, int normal, int low) {
        bins.addObject().put(at, seconds).put("high", high).put("normal", normal).put("low", low);
    }
}
