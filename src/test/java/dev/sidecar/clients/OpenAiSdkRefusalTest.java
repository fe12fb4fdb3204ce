package dev.sidecar.clients;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.RateLimitException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the official OpenAI SDK makes of the sidecar's own refusals: this minute's budget of two is used up. */
@ProgramTest
@Timeout(30)
class OpenAiSdkRefusalTest {

    private static final ChatCompletionCreateParams CHAT = ChatCompletionCreateParams.builder().model("m")
            .addUserMessage("Hello").build();

    private static FakeProvider provider;
    private static Sidecar sidecar;

    @BeforeAll
    static void useUpTheBudget() {
        provider = FakeProvider.start();
        sidecar = Sidecar.inFrontOf(provider.baseUrl(), "sidecar.rate-rpm=2", "sidecar.bucket-capacity=2",
                "sidecar.queue-timeout=90", "sidecar.queue-max=1", "sidecar.fallback-passthrough=false",
                "sidecar.shutdown-grace=1");
        var client = sdk().build();
        client.chat().completions().create(CHAT);
        client.chat().completions().create(CHAT);
        client.close();
    }

    @AfterAll
    static void stop() {
        sidecar.close();
        provider.close();
    }

    private static OpenAIOkHttpClient.Builder sdk() {
        return OpenAIOkHttpClient.builder().apiKey("none").baseUrl(sidecar.baseUrl()).maxRetries(0);
    }

    @Test
    void theSdksTimeoutIsADeadlineThatIsRefusedAtOnce() {
        var impatient = sdk().timeout(Duration.ofSeconds(5)).build();
        var began = System.nanoTime();
        var refused = refused(impatient);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
        assertThat(refused.code()).hasValue("deadline_unreachable");
        assertThat(refused.type()).hasValue("rate_limit_error");
        assertThat(refused).hasMessageContaining("deadline of 5 s");
        assertThat(retryAfter(refused)).as("when a slot is free, behind those who were refused before")
                .isBetween(50L, 360L);
        impatient.close();
    }

    @Test
    void theSdkWaitsAsLongAsTheRefusalSaysUpToItsOwnMaximum() {
        var sleeper = new RecordingSleeper();
        var retrying = sdk().timeout(Duration.ofSeconds(5)).maxRetries(1).sleeper(sleeper).build();
        var refused = refused(retrying);
        assertThat(sleeper.sleeps()).hasSize(1);
        // Without a Retry-After, the first pause is half a second; with one, the SDK waits that long, but never over 8 s.
        assertThat(sleeper.sleeps().getFirst()).isGreaterThanOrEqualTo(
                Duration.ofSeconds(Math.min(8, retryAfter(refused))));
        retrying.close();
    }

    @Test
    void aFullQueueIsARateLimit() throws Exception {
        var client = sdk().build();
        try (var waiting = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
            waiting.getOutputStream().write("POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
                    .getBytes(US_ASCII));
            await().until(() -> sidecar.throttle().size() == 1);
            var refused = refused(client);
            assertThat(refused.code()).hasValue("queue_full");
            assertThat(retryAfter(refused)).isBetween(1L, 122L);
        }
        // Whoever leaves makes room.
        await().until(() -> sidecar.throttle().size() == 0);
        assertThat(provider.requests()).hasSize(2);
        client.close();
    }

    private static RateLimitException refused(OpenAIClient client) {
        var refused = org.assertj.core.api.Assertions.catchThrowableOfType(RateLimitException.class,
                () -> client.chat().completions().create(CHAT));
        assertThat(refused).isNotNull();
        assertThat(refused.headers().values("X-Request-Id")).hasSize(1);
        return refused;
    }

    private static long retryAfter(RateLimitException refused) {
        assertThat(refused.headers().values("Retry-After")).hasSize(1);
        return Long.parseLong(refused.headers().values("Retry-After").getFirst());
    }
}
