package dev.sidecar.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.Chromium;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** What a page in a browser can do with the key of a sidecar on the same machine. Browsers resolve *.localhost to it. */
@ProgramTest
@Isolated("a browser takes much of a small machine")
@Timeout(120)
class WebPagesBrowserTest {

    /** Gives back what became of a fetch: its status and header fields, or the error that the page is told. */
    private static final String FETCH = """
            async ({url, options}) => {
              try {
                const response = await fetch(url, options);
                return {type: response.type, status: response.status, body: await response.text(),
                  id: response.headers.get('X-Request-Id'), retry: response.headers.get('Retry-After')};
              } catch (error) {
                return {type: String(error)};
              }
            }""";
    private static final String EVERY_OTHER_WAY = """
            async url => {
              const image = new Image();
              const seen = new Promise(done => { image.onload = image.onerror = done; });
              image.src = url + '/models';
              await seen;
              navigator.sendBeacon(url + '/chat/completions', '{}');
              const socket = new WebSocket(url.replace('http', 'ws') + '/realtime');
              await new Promise(done => { socket.onclose = done; });
              const script = document.createElement('script');
              const loaded = new Promise(done => { script.onload = script.onerror = done; });
              script.src = url + '/models';
              document.head.append(script);
              await loaded;
            }""";
    private static final String FORM = """
            url => {
              const form = document.createElement('form');
              form.method = 'POST';
              form.enctype = 'text/plain';
              form.action = url + '/chat/completions';
              const field = document.createElement('input');
              field.name = '{"model":"m","x":"';
              field.value = '"}';
              form.append(field);
              document.body.append(form);
              form.submit();
            }""";
    private static final String READ_A_PIECE = """
            async url => {
              const response = await fetch(url + '/stream', {method: 'POST', body: '{}',
                headers: {'Content-Type': 'application/json', Authorization: 'Bearer mine', 'X-Priority': 'high'}});
              window.reader = response.body.getReader();
              window.text = new TextDecoder().decode((await window.reader.read()).value);
              return window.text;
            }""";
    private static final String READ_THE_REST = """
            async () => {
              for (;;) {
                const {done, value} = await window.reader.read();
                if (done) return window.text;
                window.text += new TextDecoder().decode(value);
              }
            }""";

    private static FakeProvider pages;
    private static FakeProvider provider;
    private static Sidecar sidecar;
    private static Chromium chromium;

    private BrowserContext context;
    private Page page;

    @BeforeAll
    static void start() {
        pages = FakeProvider.start(request -> new Answer.Full(200, Header.list("Content-Type", "text/html"),
                "<!doctype html><title>A page</title><body>".getBytes(UTF_8)));
        provider = FakeProvider.start(request -> request.path().equals("/v1/stream")
                ? Answer.chatStream(Collections.nCopies(20, "token"), Duration.ofMillis(100))
                : Answer.chat("Hello"));
        sidecar = Sidecar.inFrontOf(provider.baseUrl(),
                "sidecar.allowed-origins=http://friend.localhost:" + pages.port());
        chromium = Chromium.start();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        sidecar.close();
        provider.close();
        pages.close();
    }

    @BeforeEach
    void open() {
        context = chromium.browser().newContext();
        page = context.newPage();
    }

    @AfterEach
    void close() {
        context.close();
    }

    private void visit(String host) {
        page.navigate("http://" + host + ":" + pages.port() + "/");
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> fetch(String url, Map<String, Object> options) {
        return (Map<String, Object>) page.evaluate(FETCH, Map.of("url", url, "options", options));
    }

    @Test
    void anotherSitesPageReachesTheProviderByNoMeans() {
        var before = provider.requests().size();
        visit("evil.localhost");
        for (var url : new String[]{sidecar.baseUrl(), "http://localhost:" + sidecar.port() + "/v1"}) {
            var post = url + "/chat/completions";
            // Simple, so that no preflight asks before; the page cannot read the refusal.
            assertThat(fetch(post, Map.of("method", "POST", "body", "{}"))).containsEntry("type",
                    "TypeError: Failed to fetch");
            // With a preflight.
            assertThat(fetch(post, Map.of("method", "POST", "body", "{}", "headers",
                    Map.of("Content-Type", "application/json")))).containsEntry("type", "TypeError: Failed to fetch");
            assertThat(fetch(post, Map.of("method", "POST", "body", "{}", "mode", "no-cors"))).containsEntry("type",
                    "opaque");
            assertThat(fetch(url + "/models", Map.of("mode", "no-cors"))).containsEntry("type", "opaque");
            assertThat(fetch(url + "/files/1", Map.of("method", "DELETE"))).containsEntry("type",
                    "TypeError: Failed to fetch");
            page.evaluate(EVERY_OTHER_WAY, url);
        }
        var answer = page.waitForResponse(sidecar.baseUrl() + "/chat/completions",
                () -> page.evaluate(FORM, sidecar.baseUrl()));
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.text()).contains("SIDECAR_ALLOWED_ORIGINS");
        assertThat(provider.requests()).hasSize(before);
    }

    @Test
    void aNameThatWasMadeToPointHereReachesNothingEither() {
        var before = provider.requests().size();
        // As after a rebinding: the page's own address is the sidecar's.
        assertThat(page.navigate("http://evil.localhost:" + sidecar.port() + "/health").status()).isEqualTo(200);
        for (var method : new String[]{"GET", "POST"}) {
            assertThat(fetch("/v1/models", Map.of("method", method))).containsEntry("status", 403);
        }
        assertThat(provider.requests()).hasSize(before);
    }

    @Test
    void anAllowedPageStreamsAndReadsHeaderFields() {
        for (var host : new String[]{"friend.localhost", "127.0.0.1", "localhost"}) {
            visit(host);
            assertThat((String) page.evaluate(READ_A_PIECE, sidecar.baseUrl())).contains("token")
                    .doesNotContain("[DONE]");
            assertThat(provider.active()).as("the provider has not finished").isEqualTo(1);
            assertThat((String) page.evaluate(READ_THE_REST)).endsWith("data: [DONE]\n\n");
            var answer = fetch(sidecar.baseUrl() + "/chat/completions", Map.of("method", "POST", "body", "{}"));
            assertThat(answer).containsEntry("type", "cors").containsEntry("status", 200);
            assertThat((String) answer.get("id")).startsWith("req_");
            await().until(() -> provider.active() == 0);
        }
        assertThat(provider.requests()).noneMatch(request -> request.method().equals("OPTIONS"));
    }

    @Test
    void anAllowedPageReadsWhyItWasRefused() {
        visit("friend.localhost");
        var answer = fetch(sidecar.baseUrl() + "/chat/completions", Map.of("method", "POST", "body", "{", "headers",
                Map.of("Content-Type", "application/json")));
        assertThat(answer).containsEntry("status", 400);
        assertThat((String) answer.get("body")).contains("invalid_json");
    }
}
