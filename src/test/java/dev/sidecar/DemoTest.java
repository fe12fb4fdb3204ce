package dev.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sidecar.ingress.IngressServer;
import dev.sidecar.simulator.DemoProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.throttle.Throttle;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** The first minute of a newcomer: the demo profile, no key, and more requests than the provider allows. */
@ProgramTest
@Isolated("reads standard output or changes log levels, which are those of the whole process")
@Timeout(30)
@ExtendWith(OutputCaptureExtension.class)
class DemoTest {

    private static ConfigurableApplicationContext application;
    private static String banner = "";
    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeAll
    static void start(CapturedOutput output) {
        application = SidecarApplication.application().run("--spring.profiles.active=demo", "--sidecar.port=0",
                "--sidecar.metrics-port=0", "--sidecar.api-key=", "--sidecar.shutdown-grace=1");
        banner = output.getOut();
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    private static DemoProvider provider() {
        return application.getBean(DemoProvider.class);
    }

    @Test
    void whatTheBannerSaysWorksAndTheProvidersLimitIsNeverHit() throws Exception {
        var request = requestInBanner();
        assertThat(request.uri().getPort()).isEqualTo(application.getBean(IngressServer.class).port());
        var answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains("Your prompt has 5 characters");
        assertThat(answer.headers().firstValue("X-Sidecar-Priority")).hasValue("normal");

        var sixty = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 60; i++) {
            sixty.add(CLIENT.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
        }
        // The provider allows 40 a minute, one of which went before.
        await().atMost(Duration.ofSeconds(15)).until(() -> done(sixty, 200).size() == 39);
        // The other 21 wait or, where their minute of patience is shorter than the way to the next slot, are told so.
        var throttle = application.getBean(Throttle.class);
        await().until(() -> done(sixty, 429).size() + throttle.size() == 21);
        assertThat(done(sixty, 429)).allSatisfy(refused -> {
            assertThat(refused.body()).contains("\"deadline_unreachable\"", "the sidecar's budget of 40");
            assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        });
        done(sixty, 429).stream().limit(1).forEach(r -> System.err.println(r.body() + r.headers()));
        assertThat(provider().accepted()).isEqualTo(40);
        assertThat(provider().refused()).isZero();

        sixty.forEach(waiting -> waiting.cancel(true));
        await().until(() -> throttle.size() == 0);
        assertThat(provider().requests()).isEqualTo(40);
    }

    @Test
    void theBannerNamesADashboardThatExists() throws Exception {
        var dashboard = Pattern.compile("Dashboard (http://\\S+)").matcher(banner);
        assertThat(dashboard.find()).as(banner).isTrue();
        assertThat(CLIENT.send(HttpRequest.newBuilder(URI.create(dashboard.group(1))).build(),
                HttpResponse.BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }

    private static List<HttpResponse<String>> done(List<CompletableFuture<HttpResponse<String>>> answers, int status) {
        return answers.stream().filter(answer -> answer.isDone() && !answer.isCompletedExceptionally())
                .map(CompletableFuture::join).filter(answer -> answer.statusCode() == status).toList();
    }

    /** The curl line, understood as a shell and curl would. */
    private static HttpRequest requestInBanner() {
        var curl = Pattern.compile("curl -s (\\S+)((?: -H '[^']*')+) -d '([^']*)'").matcher(banner);
        assertThat(curl.find()).as(banner).isTrue();
        var request = HttpRequest.newBuilder(URI.create(curl.group(1)))
                .POST(HttpRequest.BodyPublishers.ofString(curl.group(3)));
        Pattern.compile("-H '([^:]+): ([^']*)'").matcher(curl.group(2)).results()
                .forEach((MatchResult header) -> request.header(header.group(1), header.group(2)));
        return request.build();
    }
}
