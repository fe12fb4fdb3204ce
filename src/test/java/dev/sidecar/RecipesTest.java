package dev.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Sidecar;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Each recipe of {@code routes/README.md}, pasted as it is written, does what it promises and nothing else. */
@Isolated("starts sidecars, whose log levels and Camel's test support are those of the whole process")
@Timeout(30)
class RecipesTest {

    /** The headings of the recipes that a test is about. */
    @Retention(RetentionPolicy.RUNTIME)
    @interface Covers {
        String[] value();
    }

    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @TempDir
    static Path folder;

    private static FakeProvider provider;
    private static Sidecar sidecar;

    @BeforeAll
    static void followTheRecipes() throws Exception {
        RouteFiles.copyTo(folder);
        RecipeBook.recipes().forEach(recipe -> recipe.follow(folder));
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.routes-dir=" + folder);
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        assertThat(provider.problems()).isEmpty();
        provider.close();
    }

    @Test
    @Covers("Priority from another header")
    void theOtherHeaderSaysThePriority() throws Exception {
        assertThat(priority(ask("m", "X-Urgency", "low", "X-Priority", "high"))).isEqualTo("low");
        assertThat(priority(ask("m", "X-Priority", "high"))).isEqualTo("normal");
    }

    @Test
    @Covers("A model that bypasses the limiter")
    void oneModelNeedsNoSlot() throws Exception {
        assertThat(slots(() -> ask("nvidia/unlimited"))).isZero();
        assertThat(slots(() -> ask("nvidia/other"))).isEqualTo(1);
    }

    @Test
    void everyRecipeHasATestThatNamesIt() {
        var covered = Arrays.stream(RecipesTest.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(method -> method.getAnnotation(Covers.class)).filter(Objects::nonNull)
                .flatMap(covers -> Arrays.stream(covers.value())).toList();
        assertThat(covered).containsExactlyInAnyOrderElementsOf(
                RecipeBook.recipes().stream().map(RecipeBook.Recipe::name).toList());
    }

    /** Answered with 200; how many places in the line, and so slots of the budget, that took. */
    private static long slots(Callable<HttpResponse<String>> request) throws Exception {
        var before = sidecar.throttle().snapshot().totalEnqueued();
        int seen = provider.requests().size();
        assertThat(request.call().statusCode()).isEqualTo(200);
        assertThat(provider.requests()).hasSize(seen + 1);
        return sidecar.throttle().snapshot().totalEnqueued() - before;
    }

    private static String priority(HttpResponse<String> answer) {
        return answer.headers().firstValue("X-Sidecar-Priority").orElseThrow();
    }

    private static HttpResponse<String> ask(String model, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(sidecar.uri("/v1/chat/completions")).timeout(Duration.ofSeconds(10))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + model + "\",\"messages\":[]}"));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
