package dev.sidecar.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.MultipartField;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.models.Model;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The official SDK must find nothing to complain about. */
@Timeout(20)
class DemoProviderSdkTest {

    private static final FunctionDefinition WEATHER = FunctionDefinition.builder().name("get_weather")
            .parameters(FunctionParameters.builder().putAdditionalProperty("type", JsonValue.from("object"))
                    .putAdditionalProperty("required", JsonValue.from(List.of("city")))
                    .putAdditionalProperty("properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
                    .build())
            .build();

    private static Vertx vertx;
    private static DemoProvider provider;
    private static OpenAIClient client;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        provider = new DemoProvider(vertx, new DemoSettings(0, 1000, Duration.ZERO, Duration.ZERO, 40),
                System::nanoTime);
        provider.start();
        client = client(provider);
    }

    @AfterAll
    static void stop() {
        client.close();
        provider.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static OpenAIClient client(DemoProvider provider) {
        return OpenAIOkHttpClient.builder().apiKey("none").baseUrl(provider.baseUrl() + "/v1").maxRetries(0).build();
    }

    private static ChatCompletionCreateParams.Builder chat() {
        return ChatCompletionCreateParams.builder().model("meta/llama-3.1-8b-instruct").addUserMessage("Hello");
    }

    @Test
    void chats() {
        ChatCompletion answer = client.chat().completions().create(chat().build());
        assertThat(answer.choices()).hasSize(1);
        assertThat(answer.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        assertThat(answer.choices().getFirst().message().content().orElseThrow()).contains("5 characters");
        assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(40);
        answer.validate();
    }

    @Test
    void streamsWithUsage() {
        ChatCompletion whole = client.chat().completions().create(chat().build());
        ChatCompletion streamed = stream(chat().streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true)
                .build()).build());
        assertThat(streamed.choices().getFirst().message().content())
                .isEqualTo(whole.choices().getFirst().message().content());
        assertThat(streamed.usage()).isEqualTo(whole.usage());
    }

    @Test
    void callsAToolAndTalksAboutItsResult() {
        ChatCompletionCreateParams request = chat().addFunctionTool(WEATHER).build();
        ChatCompletion answer = client.chat().completions().create(request);
        assertThat(answer.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
        ChatCompletionMessage message = answer.choices().getFirst().message();
        ChatCompletionMessageFunctionToolCall call = toolCall(answer);
        assertThat(call.function().name()).isEqualTo("get_weather");
        assertThat(new JsonObject(call.function().arguments())).isEqualTo(new JsonObject()
                .put("city", "example city"));

        ChatCompletion talk = client.chat().completions().create(request.toBuilder().addMessage(message)
                .addMessage(ChatCompletionToolMessageParam.builder().toolCallId(call.id()).content("21 °C").build())
                .build());
        assertThat(talk.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.STOP);
        assertThat(talk.choices().getFirst().message().content().orElseThrow())
                .startsWith("The tool's result has 5 characters");
    }

    @Test
    void streamsAToolCall() {
        ChatCompletionMessageFunctionToolCall call = toolCall(stream(chat().addFunctionTool(WEATHER).build()));
        assertThat(call.function().name()).isEqualTo("get_weather");
        assertThat(call.function().arguments()).isEqualTo("{\"city\":\"example city\"}");
    }

    @Test
    void completes() {
        assertThat(client.completions().create(CompletionCreateParams.builder()
                .model(CompletionCreateParams.Model.of("m")).prompt("Once").build()).choices().getFirst().text())
                .contains("4 characters");
    }

    @ParameterizedTest
    @EnumSource(value = EmbeddingCreateParams.EncodingFormat.Known.class)
    void embedsInEitherEncoding(EmbeddingCreateParams.EncodingFormat.Known format) {
        List<Float> near = embed("the red house", format);
        assertThat(near).hasSize(256).isEqualTo(embed("the red house", format));
        assertThat(near).isEqualTo(embed("the red house", EmbeddingCreateParams.EncodingFormat.Known.FLOAT));
        assertThat(product(near, near)).isBetween(0.999, 1.001);
        assertThat(product(near, embed("the red car", format)))
                .isGreaterThan(product(near, embed("something else entirely", format)));
    }

    @Test
    void listsAndDescribesModels() {
        List<Model> models = client.models().list().data();
        assertThat(models).hasSize(3).allSatisfy(model -> assertThat(client.models().retrieve(model.id()))
                .isEqualTo(model));
        assertThatThrownBy(() -> client.models().retrieve("none")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void takesAFile() {
        byte[] content = "{\"line\":1}\n".repeat(20_000).getBytes(UTF_8);
        FileObject file = client.files().create(FileCreateParams.builder().purpose(FilePurpose.BATCH)
                .file(MultipartField.<InputStream>builder().value(new ByteArrayInputStream(content))
                        .filename("lines.jsonl").contentType("application/octet-stream").build())
                .build());
        assertThat(file.bytes()).isEqualTo(content.length);
        assertThat(file.filename()).isEqualTo("lines.jsonl");
        assertThat(file.purpose().asString()).isEqualTo("batch");
        file.validate();
    }

    @Test
    void refusalsBecomeTheSdksExceptions() {
        assertThatThrownBy(() -> client.chat().completions().create(chat().model(" ").build()))
                .isInstanceOfSatisfying(BadRequestException.class, refused -> assertThat(refused.param())
                        .hasValue("model"));
        try (DemoProvider strict = new DemoProvider(vertx, new DemoSettings(0, 1, Duration.ZERO, Duration.ZERO, 4),
                System::nanoTime)) {
            strict.start();
            OpenAIClient limited = client(strict);
            limited.chat().completions().create(chat().build());
            assertThatThrownBy(() -> limited.chat().completions().create(chat().build()))
                    .isInstanceOfSatisfying(RateLimitException.class, refused -> {
                        assertThat(refused.code()).hasValue("rate_limit_exceeded");
                        assertThat(refused.headers().values("Retry-After")).containsExactly("60");
                        assertThat(refused.headers().values("x-request-id")).hasSize(1);
                    });
            limited.close();
        }
    }

    private static ChatCompletion stream(ChatCompletionCreateParams request) {
        ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> chunks = client.chat().completions().createStreaming(request)) {
            chunks.stream().forEach(chunk -> accumulator.accumulate(chunk.validate()));
        }
        return accumulator.chatCompletion();
    }

    private static ChatCompletionMessageFunctionToolCall toolCall(ChatCompletion answer) {
        return answer.choices().getFirst().message().toolCalls().orElseThrow().getFirst().asFunction();
    }

    private static List<Float> embed(String text, EmbeddingCreateParams.EncodingFormat.Known format) {
        return client.embeddings().create(EmbeddingCreateParams.builder().model("m").input(text)
                .encodingFormat(EmbeddingCreateParams.EncodingFormat.of(format.name().toLowerCase(Locale.ROOT)))
                .build()).data().getFirst().embedding();
    }

    private static double product(List<Float> one, List<Float> other) {
        double sum = 0;
        for (int i = 0; i < one.size(); i++) {
            sum += one.get(i) * other.get(i);
        }
        return sum;
    }
}
