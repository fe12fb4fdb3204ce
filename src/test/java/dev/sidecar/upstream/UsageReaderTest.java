package dev.sidecar.upstream;

import static org.assertj.core.api.Assertions.assertThat;

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
        assertThat(read(OPENAI, 1000).tokens()).hasValue(42);
    }

    @Test
    void aStreamSaysItInItsLastChunk() {
        assertThat(read(OPENAI_STREAM, 1000).tokens()).hasValue(11);
        assertThat(read(ANTHROPIC_STREAM, 1000).tokens()).hasValue(40);
    }

    @Property
    void howTheBytesAreCutDoesNotMatter(@ForAll @IntRange(min = 1, max = 60) int piece) {
        assertThat(read(OPENAI, piece).tokens()).hasValue(42);
        assertThat(read(ANTHROPIC_STREAM, piece).tokens()).hasValue(40);
        assertThat(read(OPENAI, piece).bytes()).isEqualTo(OPENAI.length());
    }

    @Test
    void whatIsNoUsageSaysNothing() {
        assertThat(read("{\"usage\":null}", 100).tokens()).isEmpty();
        assertThat(read("{\"usage\":{\"prompt_tokens\":-4}}", 100).tokens()).isEmpty();
        assertThat(read("{\"usage\":{\"total_tokens\":\"many\"}}", 100).tokens()).isEmpty();
        assertThat(read("{\"usage\":{broken}}", 100).tokens()).isEmpty();
        assertThat(read("\"usage\":{\"a\":\"" + "x".repeat(5000) + "\"}", 100).tokens()).isEmpty();
    }

    @Test
    void whatIsTooLongIsForgottenAndTheNextIsRead() {
        assertThat(read("\"usage\":{\"a\":\"" + "x".repeat(5000) + "\"}" + OPENAI_STREAM, 100).tokens()).hasValue(11);
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
