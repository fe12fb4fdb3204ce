package dev.sidecar.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.MultipartField;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import com.openai.models.models.Model;
import dev.sidecar.simulator.DemoKey;
import dev.sidecar.simulator.DemoProvider;
import dev.sidecar.simulator.DemoSettings;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The official OpenAI SDK through one sidecar to two providers, the first with two keys. */
@ProgramTest
@Timeout(60)
class OpenAiSdkProvidersTest {

    private static final String LLAMA = "meta/llama-3.1-8b-instruct";

    @TempDir
    private static Path folder;
    private static Vertx vertx;
    private static DemoProvider one;
    private static DemoProvider two;
    private static Sidecar sidecar;
    private static OpenAIClient client;

    @BeforeAll
    static void start() throws IOException {
        vertx = Vertx.vertx();
        one = provider("key-a", "key-b");
        two = provider("key-c");
        for (var key : List.of("key-a", "key-b", "key-c")) {
            Files.writeString(folder.resolve(key), key);
        }
        var file = Files.writeString(folder.resolve("sidecar.yaml"), """
                providers:
                  - name: one
                    base-url: %s
                    keys:
                      - {name: a, file: key-a, rate-rpm: 10000}
                      - {name: b, file: key-b, rate-rpm: 10000}
                    models: {"meta/*": "meta/*"}
                  - name: two
                    base-url: %s
                    auth: x-api-key
                    keys: [{name: c, file: key-c, rate-rpm: 10000}]
                    models: {"embedder": "nvidia/nv-embedqa-e5-v5", "small": "nvidia/nemotron-mini-4b-instruct"}
                """.formatted(one.baseUrl(), two.baseUrl()));
        sidecar = Sidecar.ofFile(file, context -> {
        });
        client = OpenAIOkHttpClient.builder().apiKey("the-client's-own-key").baseUrl(sidecar.baseUrl()).maxRetries(0)
                .build();
    }

    private static DemoProvider provider(String... keys) {
        var demo = new DemoProvider(vertx, new DemoSettings(0, 1_000_000, Duration.ZERO, Duration.ZERO, 40)
                .withKeys(List.of(keys).stream().map(each -> new DemoKey(each, 10_000, "sliding-log")).toList()),
                System::nanoTime);
        demo.start();
        return demo;
    }

    @AfterAll
    static void stop() {
        client.close();
        sidecar.close();
        one.close();
        two.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static ChatCompletionCreateParams.Builder chat(String model) {
        return ChatCompletionCreateParams.builder().model(model).addUserMessage("Hello");
    }

    @Test
    void chatsWithModelsOfBoth() {
        long before = two.counts("key-c").accepted();
        for (var model : List.of(LLAMA, "small")) {
            ChatCompletion answer = client.chat().completions().create(chat(model).build()).validate();
            assertThat(answer.choices().getFirst().message().content().orElseThrow()).contains("5 characters");
        }
        assertThat(two.counts("key-c").accepted()).isEqualTo(before + 1);
    }

    @Test
    void streamsFromBoth() {
        for (var model : List.of(LLAMA, "small")) {
            var accumulator = ChatCompletionAccumulator.create();
            try (var stream = client.chat().completions().createStreaming(chat(model)
                    .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build()).build())) {
                stream.stream().forEach(accumulator::accumulate);
            }
            assertThat(accumulator.chatCompletion().usage()).isPresent();
        }
    }

    @Test
    void embedsWithAModelOfTheSecond() {
        assertThat(client.embeddings().create(EmbeddingCreateParams.builder().model("embedder").input("a red house")
                .build()).data().getFirst().embedding()).hasSize(256);
    }

    @Test
    void listsTheModelsOfBothInTheirClientsNames() {
        assertThat(client.models().list().data()).extracting(Model::id).contains(LLAMA, "embedder", "small")
                .doesNotContain("nvidia/nv-embedqa-e5-v5");
    }

    @Test
    void aModelOfNeitherIsNotFound() {
        assertThatThrownBy(() -> client.chat().completions().create(chat("none").build()))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void uploadsAFileWithThePrimaryKey() {
        long before = one.counts("key-a").accepted();
        client.files().create(FileCreateParams.builder().purpose(FilePurpose.BATCH)
                .file(MultipartField.<InputStream>builder().value(new ByteArrayInputStream(new byte[1000]))
                        .filename("batch.jsonl").contentType("application/octet-stream").build())
                .build())
                .validate();
        assertThat(one.counts("key-a").accepted()).isEqualTo(before + 1);
    }

    @Test
    void chatsWithBothAtTheSameTimeWhileAKeyIsRevoked() {
        one.revoke("key-b");
        try {
            var answers = new ArrayList<CompletableFuture<ChatCompletion>>();
            for (int i = 0; i < 50; i++) {
                answers.add(client.async().chat().completions().create(chat(i % 2 == 0 ? LLAMA : "small").build()));
            }
            assertThat(answers).allSatisfy(each -> assertThat(each.join().choices()).hasSize(1));
        } finally {
            one.restore("key-b");
        }
    }
}
