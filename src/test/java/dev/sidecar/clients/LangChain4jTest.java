package dev.sidecar.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import dev.sidecar.simulator.DemoProvider;
import dev.sidecar.simulator.DemoSettings;
import dev.sidecar.testkit.Answer;
import dev.sidecar.testkit.FakeProvider;
import dev.sidecar.testkit.ProgramTest;
import dev.sidecar.testkit.Sidecar;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * LangChain4j's OpenAI models through the sidecar. Their HTTP client is the JDK's, which offers every plain-text server
 * an upgrade to HTTP/2.
 */
@ProgramTest
@Timeout(30)
class LangChain4jTest {

    private static final ToolSpecification WEATHER = ToolSpecification.builder().name("get_weather")
            .parameters(JsonObjectSchema.builder().addStringProperty("city").required("city").build()).build();

    private static Vertx vertx;
    private static DemoProvider demo;
    private static Sidecar demoSidecar;
    private static FakeProvider fake;
    private static Sidecar fakeSidecar;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
        demo = new DemoProvider(vertx, new DemoSettings(0, 1_000_000, Duration.ZERO, Duration.ZERO, 40),
                System::nanoTime);
        demo.start();
        demoSidecar = Sidecar.inFrontOf(demo.baseUrl());
        fake = FakeProvider.start();
        fakeSidecar = Sidecar.inFrontOf(fake.baseUrl());
    }

    @AfterAll
    static void stop() {
        demoSidecar.close();
        fakeSidecar.close();
        fake.close();
        demo.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static OpenAiChatModel.OpenAiChatModelBuilder chatModel(Sidecar sidecar) {
        return OpenAiChatModel.builder().baseUrl(sidecar.baseUrl()).apiKey("none").modelName("m").maxRetries(0);
    }

    @Test
    void chats() {
        ChatResponse answer = chatModel(demoSidecar).build().chat(UserMessage.from("Hello"));
        assertThat(answer.aiMessage().text()).contains("5 characters");
        assertThat(answer.tokenUsage().outputTokenCount()).isEqualTo(40);
    }

    @Test
    void streamsTheSameTextThatItAnswersWhole() throws Exception {
        var whole = chatModel(demoSidecar).build().chat("Hello");
        var pieces = new ArrayList<String>();
        var streamed = stream(demoSidecar, ChatRequest.builder().messages(UserMessage.from("Hello")).build(), pieces)
                .get(20, TimeUnit.SECONDS);
        assertThat(streamed.aiMessage().text()).isEqualTo(whole).isEqualTo(String.join("", pieces));
        assertThat(pieces).hasSizeGreaterThan(10);
    }

    @Test
    void callsAToolAndTalksAboutItsResult() {
        var model = chatModel(demoSidecar).build();
        var question = UserMessage.from("Hello");
        var answer = model
                .chat(ChatRequest.builder().messages(question).toolSpecifications(WEATHER).build());
        assertThat(answer.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
        var call = answer.aiMessage().toolExecutionRequests().getFirst();
        assertThat(call.arguments()).isEqualTo("{\"city\":\"example city\"}");
        var talk = model.chat(ChatRequest.builder()
                .messages(question, answer.aiMessage(), ToolExecutionResultMessage.from(call, "21 °C"))
                .toolSpecifications(WEATHER).build());
        assertThat(talk.aiMessage().text()).startsWith("The tool's result has 5 characters");
    }

    @Test
    void streamsAToolCall() throws Exception {
        var answer = stream(demoSidecar,
                ChatRequest.builder().messages(UserMessage.from("Hello")).toolSpecifications(WEATHER).build(),
                new ArrayList<>()).get(20, TimeUnit.SECONDS);
        var call = answer.aiMessage().toolExecutionRequests().getFirst();
        assertThat(call.name()).isEqualTo("get_weather");
        assertThat(call.arguments()).isEqualTo("{\"city\":\"example city\"}");
    }

    @Test
    void embeds() {
        var model = OpenAiEmbeddingModel.builder().baseUrl(demoSidecar.baseUrl()).apiKey("none").modelName("m")
                .maxRetries(0).build();
        var both = model.embedAll(List.of(TextSegment.from("a red house"), TextSegment.from("a blue car"))).content();
        assertThat(both).hasSize(2).allSatisfy(one -> assertThat(one.vector()).hasSize(256));
        assertThat(model.embed("a red house").content()).isEqualTo(both.getFirst());
    }

    @Test
    void theOfferedUpgradeStaysBetweenClientAndSidecar() {
        fake.script(request -> Answer.chat("Hello"));
        var model = chatModel(fakeSidecar).customHeaders(Map.of("X-Priority", "high", "X-Team", "blue")).build();
        assertThat(model.chat("Hello")).isEqualTo("Hello");
        var request = fake.requests().getLast();
        assertThat(request.header("X-Team")).hasValue("blue");
        assertThat(request.header("Authorization")).hasValue("Bearer " + Sidecar.API_KEY);
        for (var name : List.of("Upgrade", "HTTP2-Settings", "X-Priority")) {
            assertThat(request.header(name)).as(name).isEmpty();
        }
        assertThat(fake.problems()).isEmpty();
    }

    @Test
    void cancellingAStreamAbortsItAtTheProvider() {
        fake.script(request -> Answer.chatStream(List.of("first", "never"), Duration.ofHours(1)));
        var before = fake.aborts().size();
        OpenAiStreamingChatModel.builder().baseUrl(fakeSidecar.baseUrl()).apiKey("none").modelName("m").build()
                .chat("Hello", new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
                        assertThat(partial.text()).isEqualTo("first");
                        context.streamingHandle().cancel();
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        throw new AssertionError("it has no end");
                    }

                    @Override
                    public void onError(Throwable error) {
                        // it was cancelled
                    }
                });
        assertThat(fake.awaitAborts(before + 1, Duration.ofSeconds(10))).hasSize(before + 1);
    }

    static final List<Arguments> ERRORS = List.of(Arguments.of(400, InvalidRequestException.class),
            Arguments.of(401, AuthenticationException.class), Arguments.of(404, ModelNotFoundException.class),
            Arguments.of(429, RateLimitException.class), Arguments.of(500, InternalServerException.class));

    @ParameterizedTest
    @FieldSource("ERRORS")
    void theProvidersErrorsKeepTheirMeaning(int status, Class<? extends Exception> type) {
        fake.script(request -> Answer.error(status, "code_" + status, "because"));
        var impatient = chatModel(fakeSidecar).customHeaders(Map.of("X-Request-Timeout-Ms", "1000")).build();
        assertThatThrownBy(() -> impatient.chat("Hello")).isInstanceOf(type).hasMessageContaining("because");
    }

    @Test
    void itsOwnRetriesWork() {
        fake.script(FakeProvider.inOrder(Answer.error(500, "oops", "once"), Answer.chat("second")));
        var before = fake.requests().size();
        assertThat(chatModel(fakeSidecar).maxRetries(2).build().chat("Hello")).isEqualTo("second");
        assertThat(fake.requests()).hasSize(before + 2);
    }

    private static CompletableFuture<ChatResponse> stream(Sidecar sidecar, ChatRequest request, List<String> pieces) {
        var answer = new CompletableFuture<ChatResponse>();
        OpenAiStreamingChatModel.builder().baseUrl(sidecar.baseUrl()).apiKey("none").modelName("m").build()
                .chat(request, new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String piece) {
                        pieces.add(piece);
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        answer.complete(response);
                    }

                    @Override
                    public void onError(Throwable error) {
                        answer.completeExceptionally(error);
                    }
                });
        return answer;
    }
}
