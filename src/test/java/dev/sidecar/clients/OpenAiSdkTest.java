package dev.sidecar.clients;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.MultipartField;
import com.openai.core.http.AsyncStreamResponse;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.PermissionDeniedException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.errors.UnprocessableEntityException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FilePurpose;
import com.openai.models.models.Model;
import com.openai.models.responses.ResponseIncludable;
import com.openai.models.responses.ResponseRetrieveParams;
import dev.sidecar.simulator.DemoProvider;
import dev.sidecar.simulator.DemoSettings;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.Header;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.RecordedRequest;
import dev.sidecar.testkit.Sidecar;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** The official OpenAI SDK must not notice that a sidecar stands between it and the provider. */
@ProgramTest
@Isolated("looks at the time that things take, or at what all do together")
@Timeout(30)
class OpenAiSdkTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final FunctionDefinition WEATHER = FunctionDefinition.builder().name("get_weather")
            .parameters(FunctionParameters.builder().putAdditionalProperty("type", JsonValue.from("object"))
                    .putAdditionalProperty("required", JsonValue.from(List.of("city")))
                    .putAdditionalProperty("properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
                    .build())
            .build();

    /** Answers like a real provider. */
    private static Vertx vertx;
    private static DemoProvider demo;
    private static Sidecar demoSidecar;
    private static OpenAIClient client;

    /** Records and scripts every byte. */
    private static FakeProvider fake;
    private static Sidecar fakeSidecar;
    private static OpenAIClient scripted;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        demo = new DemoProvider(vertx, new DemoSettings(0, 1_000_000, Duration.ZERO, Duration.ZERO, 40),
                System::nanoTime);
        demo.start();
        demoSidecar = Sidecar.inFrontOf(demo.baseUrl());
        client = sdk(demoSidecar.baseUrl()).build();
        fake = FakeProvider.start();
        fakeSidecar = Sidecar.inFrontOf(fake.baseUrl());
        scripted = sdk(fakeSidecar.baseUrl()).build();
    }

    @AfterAll
    static void stop() {
        client.close();
        scripted.close();
        demoSidecar.close();
        fakeSidecar.close();
        fake.close();
        demo.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @AfterEach
    void theProviderHasNothingToComplainAbout() {
        assertThat(fake.problems()).isEmpty();
    }

    private static OpenAIOkHttpClient.Builder sdk(String baseUrl) {
        return OpenAIOkHttpClient.builder().apiKey("the-client's-own-key").baseUrl(baseUrl).maxRetries(0);
    }

    private static ChatCompletionCreateParams.Builder chat() {
        return ChatCompletionCreateParams.builder().model("meta/llama-3.1-8b-instruct").addUserMessage("Hello");
    }

    // ---- what a program does with the API ----

    @Test
    void chats() {
        ChatCompletion answer = client.chat().completions().create(chat().build()).validate();
        assertThat(answer.choices().getFirst().message().content().orElseThrow()).contains("5 characters");
        assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(40);
    }

    @Test
    void streamsTheSameTextThatItAnswersWholeWithUsageAtTheEnd() {
        ChatCompletion whole = client.chat().completions().create(chat().build());
        ChatCompletion streamed = stream(chat()
                .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build()).build());
        assertThat(streamed.choices().getFirst().message().content())
                .isEqualTo(whole.choices().getFirst().message().content());
        assertThat(streamed.usage()).isPresent().isEqualTo(whole.usage());
    }

    @Test
    void callsAToolAndTalksAboutItsResult() {
        ChatCompletionCreateParams request = chat().addFunctionTool(WEATHER).build();
        ChatCompletion answer = client.chat().completions().create(request);
        assertThat(answer.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
        ChatCompletionMessageFunctionToolCall call = toolCall(answer);
        assertThat(call.function().arguments()).isEqualTo("{\"city\":\"example city\"}");

        ChatCompletion talk = client.chat().completions()
                .create(request.toBuilder().addMessage(answer.choices().getFirst().message())
                        .addMessage(
                                ChatCompletionToolMessageParam.builder().toolCallId(call.id()).content("21 °C").build())
                        .build());
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
    void embeds() {
        assertThat(client.embeddings().create(EmbeddingCreateParams.builder().model("m").input("a red house").build())
                .data().getFirst().embedding()).hasSize(256).doesNotContainNull();
    }

    @Test
    void listsAndDescribesModels() {
        List<Model> models = client.models().list().data();
        assertThat(models).hasSize(3)
                .allSatisfy(model -> assertThat(client.models().retrieve(model.id())).isEqualTo(model));
        assertThatThrownBy(() -> client.models().retrieve("none")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void uploadsAFile() {
        var content = everyByte(200_000);
        var file = client.files().create(upload(content)).validate();
        assertThat(file.bytes()).isEqualTo(content.length);
        assertThat(file.filename()).isEqualTo("every byte.bin");
    }

    @Test
    void chatsAndStreamsAsynchronously() throws Exception {
        var async = client.async().chat().completions();
        var answers = new ArrayList<java.util.concurrent.CompletableFuture<ChatCompletion>>();
        for (int i = 0; i < 50; i++) {
            answers.add(async.create(chat().build()));
        }
        for (var answer : answers) {
            assertThat(answer.get(20, TimeUnit.SECONDS).choices()).hasSize(1);
        }
        var accumulator = ChatCompletionAccumulator.create();
        async.createStreaming(chat().build()).subscribe(new AsyncStreamResponse.Handler<ChatCompletionChunk>() {
            @Override
            public void onNext(ChatCompletionChunk chunk) {
                accumulator.accumulate(chunk);
            }

            @Override
            public void onComplete(Optional<Throwable> error) {
                assertThat(error).isEmpty();
            }
        }).onCompleteFuture().get(20, TimeUnit.SECONDS);
        assertThat(accumulator.chatCompletion().choices().getFirst().message().content().orElseThrow())
                .contains("5 characters");
    }

    // ---- what reaches the provider ----

    static final List<Arguments> CALLS = List.of(
            call("chat", c -> c.chat().completions().create(chat().addFunctionTool(WEATHER).build())),
            call("stream", c -> c.chat().completions().createStreaming(chat().build()).close()),
            call("embedding",
                    c -> c.embeddings().create(EmbeddingCreateParams.builder().model("m").input("ä €").build())),
            call("upload", c -> c.files().create(upload(everyByte(100_000)))),
            call("model", c -> c.models().retrieve("meta/llama-3.1-8b-instruct")),
            call("query array", c -> c.responses().retrieve(ResponseRetrieveParams.builder().responseId("resp_1")
                    .addInclude(ResponseIncludable.MESSAGE_OUTPUT_TEXT_LOGPROBS)
                    .addInclude(ResponseIncludable.REASONING_ENCRYPTED_CONTENT).build())),
            call("delete", c -> c.files().delete("file-1")));

    private static Arguments call(String name, Consumer<OpenAIClient> call) {
        return Arguments.of(name, call);
    }

    @ParameterizedTest(name = "{0}")
    @FieldSource("CALLS")
    void theProviderGetsTheSameRequestAsWithoutASidecar(String name, Consumer<OpenAIClient> call) {
        fake.script(request -> Answer.json(200, "{}"));
        var directly = sdk(fake.baseUrl() + "/v1").build();
        var before = fake.requests().size();
        call.accept(directly);
        call.accept(scripted);
        directly.close();
        var requests = fake.awaitRequests(before + 2, SOON);
        var expected = requests.get(before);
        var actual = requests.get(before + 1);
        assertThat(actual.method()).isEqualTo(expected.method());
        assertThat(actual.target()).isEqualTo(expected.target());
        assertThat(withoutBoundary(actual)).isEqualTo(withoutBoundary(expected));
        assertThat(endToEnd(actual)).isEqualTo(endToEnd(expected));
        assertThat(expected.header("Authorization")).hasValue("Bearer the-client's-own-key");
        assertThat(actual.header("Authorization")).hasValue("Bearer " + Sidecar.API_KEY);
        if (name.equals("query array")) {
            assertThat(actual.target()).containsPattern("include(\\[]|%5B%5D)=.*&include(\\[]|%5B%5D)=");
        }
        if (name.equals("upload")) {
            assertThat(withoutBoundary(actual)).contains(new String(everyByte(100_000), ISO_8859_1));
        }
    }

    /** A multipart boundary is drawn anew for every request. */
    private static String withoutBoundary(RecordedRequest request) {
        return withoutBoundary(request, new String(request.body(), ISO_8859_1));
    }

    private static String withoutBoundary(RecordedRequest request, String text) {
        var type = request.header("Content-Type").orElse("");
        var at = type.indexOf("boundary=");
        return at < 0 ? text : text.replace(type.substring(at + "boundary=".length()), "BOUNDARY");
    }

    private static List<String> endToEnd(RecordedRequest request) {
        var perHop = Set.of("host", "authorization", "connection", "content-length", "transfer-encoding");
        return request.headers().stream()
                .map(h -> new Header(h.name().toLowerCase(Locale.ROOT), withoutBoundary(request, h.value())))
                .filter(h -> !perHop.contains(h.name())).map(Header::toString).sorted().toList();
    }

    // ---- streams ----

    @Test
    void everyChunkIsSeenBeforeTheNextOneIsSent() {
        fake.script(request -> Answer.chatStream(List.of("one", "two", "three", "four"), Duration.ofMillis(300)));
        var seen = new ArrayList<Long>();
        var before = fake.exchanges().size();
        try (var chunks = scripted.chat().completions().createStreaming(chat().build())) {
            chunks.stream().forEach(chunk -> seen.add(System.nanoTime()));
        }
        var sent = fake.exchanges().get(before).chunkNanos();
        assertThat(seen).hasSize(5);
        for (int i = 0; i < seen.size(); i++) {
            assertThat(seen.get(i)).as("chunk " + i).isLessThan(sent.get(i + 1));
        }
    }

    @Test
    void closingAStreamEarlyAbortsItAtTheProvider() {
        fake.script(request -> Answer.chatStream(List.of("first", "never"), Duration.ofHours(1)));
        var before = fake.aborts().size();
        try (var chunks = scripted.chat().completions().createStreaming(chat().build())) {
            var first = chunks.stream().findFirst().orElseThrow();
            assertThat(first.choices().getFirst().delta().content()).hasValue("first");
            assertThat(fake.active()).isEqualTo(1);
        }
        var closed = System.nanoTime();
        var abort = fake.awaitAborts(before + 1, SOON).getLast();
        assertThat(Duration.ofNanos(abort.nanos() - closed)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aStreamThatTheProviderBreaksOffIsAnErrorAndNoEnd() {
        var whole = Answer.chatStream(List.of("one", "two"), Duration.ZERO);
        fake.script(request -> new Answer.CutMidStream(200, whole.headers(), whole.chunks().subList(0, 1),
                Answer.Framing.CHUNKED, Duration.ZERO));
        try (var chunks = scripted.chat().completions().createStreaming(chat().build())) {
            assertThatThrownBy(() -> chunks.stream().forEach(chunk -> {
            })).isInstanceOf(OpenAIException.class);
        }
    }

    // ---- errors and retries ----

    static final List<Arguments> ERRORS = List.of(Arguments.of(400, BadRequestException.class),
            Arguments.of(401, UnauthorizedException.class), Arguments.of(403, PermissionDeniedException.class),
            Arguments.of(404, NotFoundException.class), Arguments.of(422, UnprocessableEntityException.class),
            Arguments.of(429, RateLimitException.class), Arguments.of(500, InternalServerException.class));

    @ParameterizedTest
    @FieldSource("ERRORS")
    void theProvidersErrorsBecomeTheSdksExceptions(int status, Class<? extends OpenAIServiceException> type) {
        fake.script(request -> Answer.error(status, "code_" + status, "because"));
        // Otherwise a 429 is tried again for as long as the SDK would wait; of the others the first may be slow.
        var impatient = sdk(fakeSidecar.baseUrl())
                .putHeader("X-Request-Timeout-Ms", status == 429 ? "1000" : "30000").build();
        assertThatThrownBy(() -> impatient.chat().completions().create(chat().build())).isInstanceOfSatisfying(type,
                error -> {
                    assertThat(error.statusCode()).isEqualTo(status);
                    assertThat(error.code()).hasValue("code_" + status);
                    assertThat(error).hasMessageContaining("because");
                });
        impatient.close();
    }

    @Test
    void anUnreachableProviderIsAServerErrorWithACode() {
        // Otherwise it is tried again for as long as the SDK would wait.
        var impatient = sdk(fakeSidecar.baseUrl()).putHeader("X-Request-Timeout-Ms", "1500").build();
        fake.stop();
        try {
            assertThatThrownBy(() -> impatient.chat().completions().create(chat().build()))
                    .isInstanceOfSatisfying(InternalServerException.class, error -> {
                        assertThat(error.statusCode()).isEqualTo(502);
                        assertThat(error.code()).hasValue("upstream_unreachable");
                        assertThat(error.headers().values("X-Request-Id")).hasSize(1);
                    });
        } finally {
            fake.restart();
            impatient.close();
        }
    }

    @Test
    void theSdksOwnRetriesWork() {
        var sleeper = new RecordingSleeper();
        var retrying = sdk(fakeSidecar.baseUrl()).maxRetries(2).sleeper(sleeper).build();
        fake.script(FakeProvider.inOrder(Answer.error(500, "oops", "once"), Answer.chat("second")));
        var before = fake.requests().size();
        var answer = retrying.chat().completions().create(chat().build());
        assertThat(answer.choices().getFirst().message().content()).hasValue("second");
        assertThat(fake.requests().subList(before, fake.requests().size()))
                .extracting(request -> request.header("X-Stainless-Retry-Count").orElse("none"))
                .containsExactly("0", "1");
        assertThat(sleeper.sleeps()).hasSize(1);
        retrying.close();
    }

    // ---- the sidecar's own headers ----

    @Test
    void priorityIsTakenFromAHeaderAndReported() {
        fake.script(request -> Answer.chat("Hello"));
        var raw = scripted.chat().completions().withRawResponse();
        for (var priority : List.of("high", "normal", "low")) {
            try (var response = raw.create(chat().putAdditionalHeader("X-Priority", priority).build())) {
                assertThat(response.headers().values("X-Sidecar-Priority")).containsExactly(priority);
                assertThat(response.headers().values("X-Sidecar-Provider")).containsExactly("nvidia");
                assertThat(response.headers().values("X-Request-Id")).hasSize(1);
            }
            assertThat(fake.requests().getLast().header("X-Priority")).isEmpty();
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

    private static FileCreateParams upload(byte[] content) {
        return FileCreateParams.builder().purpose(FilePurpose.BATCH)
                .file(MultipartField.<InputStream>builder().value(new ByteArrayInputStream(content))
                        .filename("every byte.bin").contentType("application/octet-stream").build())
                .build();
    }

    private static byte[] everyByte(int length) {
        var bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }
        return bytes;
    }
}
