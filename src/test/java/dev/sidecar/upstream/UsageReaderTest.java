package dev.sidecar.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sidecar.throttle.tokens.TokenUsage;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class UsageReaderTest {

    private static final String OPENAI = """
            {"id":"x","choices":[{"message":{"content":"the \\"usage\\": {\\"total_tokens\\": 9}"}}],
             "usage" : {"prompt_tokens": 10, "completion_tokens": 32, "total_tokens": 42,
                        "prompt_tokens_details": {"cached_tokens": 7}}}""";
    private static final String OPENAI_STREAM = """
            data: {"choices":[{"delta":{"content":"hi"}}],"usage":null}

            data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6,"total_tokens":11}}

            data: [DONE]

            """;
    private static final String ANTHROPIC_STREAM = """
            event: message_start
            data: {"type":"message_start","message":{"usage":{"input_tokens":25,"output_tokens":1}}}

            event: message_delta
            data: {"type":"message_delta","usage":{"output_tokens":15}}

            """;

    @Test
    void aBodySaysWhatItCost() {
        assertThat(read(OPENAI, 1000).usage()).isEqualTo(new TokenUsage(10, 32));
    }

    @Test
    void aStreamSaysItInItsLastChunk() {
        assertThat(read(OPENAI_STREAM, 1000).usage()).isEqualTo(new TokenUsage(5, 6));
        assertThat(read(ANTHROPIC_STREAM, 1000).usage()).isEqualTo(new TokenUsage(25, 15));
    }

    @Property
    void howTheBytesAreCutDoesNotMatter(@ForAll @IntRange(min = 1, max = 60) int piece) {
        assertThat(read(OPENAI, piece).usage()).isEqualTo(new TokenUsage(10, 32));
        assertThat(read(ANTHROPIC_STREAM, piece).usage()).isEqualTo(new TokenUsage(25, 15));
    }

    @Test
    void whatIsNoUsageSaysNothing() {
        assertThat(read("{\"usage\":null}", 100).usage()).isNull();
        assertThat(read("{\"usage\":{\"prompt_tokens\":-4}}", 100).usage()).isNull();
        assertThat(read("{\"usage\":{\"total_tokens\":\"many\"}}", 100).usage()).isNull();
        assertThat(read("{\"usage\":{broken}}", 100).usage()).isNull();
        assertThat(read("\"usage\":{\"a\":\"" + "x".repeat(5000) + "\"}", 100).usage()).isNull();
    }

    @Test
    void whoOnlySaysTheSumHasItAsOutput() {
        assertThat(read("{\"usage\":{\"total_tokens\":9}}", 100).usage()).isEqualTo(new TokenUsage(0, 9));
        assertThat(read("{\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}", 100).usage())
                .isEqualTo(new TokenUsage(7, 0));
    }

    @Test
    void withoutUsageEventsAndTextAreCounted() {
        assertThat(read("data: {\"choices\":[{\"delta\":{\"content\":\"hi\"}}]}\n\n".repeat(30), 7).outputSeen())
                .isEqualTo(30);
        assertThat(read("data: {}\r\n\r\n".repeat(30), 7).outputSeen()).isEqualTo(30);
        assertThat(read("word".repeat(100), 7).outputSeen()).isEqualTo(100);
        assertThat(read("data: " + "x".repeat(4344) + "\n\n", 7).outputSeen()).isEqualTo(1000);
    }

    @Test
    void whatIsTooLongIsForgottenAndTheNextIsRead() {
        assertThat(read("\"usage\":{\"a\":\"" + "x".repeat(5000) + "\"}" + OPENAI_STREAM, 100).usage())
                .isEqualTo(new TokenUsage(5, 6));
    }

    private static UsageReader read(String text, int piece) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        var reader = new UsageReader();
        for (int from = 0; from < bytes.length; from += piece) {
            reader.read(bytes, from, Math.min(piece, bytes.length - from));
        }
        return reader;
    }
}
