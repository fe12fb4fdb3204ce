package dev.sidecar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Sidecar;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is throttled, and how urgent a request is, can be changed in the YAML routes alone. */
@Isolated("Camel's test support keeps state of its own")
@Timeout(30)
class RouteEditingTest {

    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    Path routes;

    @Test
    void priorityFromAnotherHeader() throws Exception {
        copyRoutes();
        edit("proxy.camel.yaml", "expression: X-Priority", "expression: X-Urgency");
        try (var provider = FakeProvider.start(); var sidecar = start(provider)) {
            var request = HttpRequest.newBuilder(sidecar.uri("/v1/x")).header("X-Urgency", "low")
                    .header("X-Priority", "high").POST(HttpRequest.BodyPublishers.ofString("x")).build();
            var answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.headers().firstValue("X-Sidecar-Priority")).hasValue("low");
        }
    }

    @Test
    void oneModelWithoutALimit() throws Exception {
        copyRoutes();
        edit("proxy.camel.yaml", "        - choice:\n            id: is-throttled\n", """
                        - process:
                            id: which-model
                            ref: jsonBodyCheck
                        - choice:
                            id: is-throttled
                """);
        edit("proxy.camel.yaml", "${header.CamelHttpMethod} == 'POST'",
                "${header.CamelHttpMethod} == 'POST' && ${exchangeProperty.SidecarModel} != 'free'");
        try (var provider = FakeProvider.start();
                var sidecar = start(provider, "sidecar.rate-rpm=1", "sidecar.bucket-capacity=1")) {
            for (int i = 0; i < 5; i++) {
                assertThat(ask(sidecar, "free").statusCode()).isEqualTo(200);
            }
            assertThat(ask(sidecar, "other").statusCode()).isEqualTo(200);
            var refused = ask(sidecar, "other");
            assertThat(refused.statusCode()).isEqualTo(429);
            assertThat(refused.body()).contains("deadline_unreachable");
            assertThat(ask(sidecar, "free").statusCode()).isEqualTo(200);
            assertThat(provider.requests()).hasSize(7);
        }
    }

    private static HttpResponse<String> ask(Sidecar sidecar, String model) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(sidecar.uri("/v1/chat/completions"))
                .header("Content-Type", "application/json").header("X-Request-Timeout-Ms", "5000")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + model + "\",\"messages\":[]}")).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private Sidecar start(FakeProvider provider, String... settings) {
        var all = new String[settings.length + 1];
        System.arraycopy(settings, 0, all, 0, settings.length);
        all[settings.length] = "sidecar.routes-dir=" + routes;
        return Sidecar.inFrontOf(provider.baseUrl(), all);
    }

    private void copyRoutes() throws IOException {
        for (var file : RouteFiles.files()) {
            Files.copy(file, routes.resolve(file.getFileName()));
        }
    }

    private void edit(String file, String from, String to) throws IOException {
        var path = routes.resolve(file);
        var before = Files.readString(path, UTF_8);
        assertThat(before).containsOnlyOnce(from);
        Files.writeString(path, before.replace(from, to), UTF_8);
    }
}
