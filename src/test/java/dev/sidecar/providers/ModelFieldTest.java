package dev.sidecar.providers;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.http.Buffers;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFieldTest {

    private static final String BYTE_ORDER_MARK = "\ufeff";

    private final ModelField field = new ModelField();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
            "`{\"model\":\"a\"}` | `{\"model\":\"new\"}`",
            "` { \"x\" : 1.50 ,\t\"model\"\t:\t\"a\" , \"y\" : [ ] } ` | ` { \"x\" : 1.50 ,\t\"model\"\t:\t\"new\" , \"y\" : [ ] } `",
            "`{\"mod\\u0065l\":\"\\u0061\\n\\\"\"}` | `{\"mod\\u0065l\":\"new\"}`",
            "`{\"model\":\"\"}` | `{\"model\":\"new\"}`",
            "`{\"MODEL\":\"a\"}` | `{\"MODEL\":\"new\"}`",
            "`{\"messages\":[{\"model\":\"inner\"}],\"o\":{\"model\":\"m\"},\"model\":\"a\"}` | "
                    + "`{\"messages\":[{\"model\":\"inner\"}],\"o\":{\"model\":\"m\"},\"model\":\"new\"}`",
            "`{\"ä\":\"ö€😀\",\"model\":\"ü\",\"z\":\"😀\"}` | `{\"ä\":\"ö€😀\",\"model\":\"new\",\"z\":\"😀\"}`"})
    void onlyTheValueIsReplaced(String body, String expected) {
        assertThat(both(body, "new")).hasValue(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "[{\"model\":\"a\"}]", "\"model\"", "{\"models\":\"a\"}", "{\"model\":null}",
            "{\"model\":1}", "{\"model\":{\"model\":\"a\"}}", "{\"model\":[\"a\"]}", "{\"x\":{\"model\":\"a\"}}", "",
            "model", "{\"model\":\"a", "{\"model\":\"\\x\"}", "{\"model\":\"a\nb\"}"})
    void withoutOneThatCanBeReadNothingIsReplaced(String body) {
        assertThat(both(body, "new")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"model\":\"a\",\"model\":\"a\"}", "{\"model\":\"a\",\"Model\":\"b\"}",
            "{\"model\":\"a\",\"mod\\u0065l\":null}", "{\"model\":1,\"model\":\"a\"}", "{\"model\":\"a\"} 1",
            "{\"model\":\"a\"}{}", "{\"model\":\"a\",}", "{\"model\":\"a\"", "{\"model\":\"a\",\"x\":\"\\q\"}",
            "{\"model\":\"a\",\"x\":01}"})
    void whatFollowsIsReadTooUnlessItHasBeenChecked(String body) {
        assertThat(field.replaced(buffer(body), "new")).isEmpty();
    }

    @Test
    void behindTheFirstNothingIsReadOfABodyThatHasBeenChecked() {
        assertThat(field.replacedFirst(buffer("{\"model\":\"a\",\"x\":\u0000"), "b").map(ModelFieldTest::text))
                .hasValue("{\"model\":\"b\",\"x\":\u0000");
    }

    @Test
    void aByteOrderMarkStays() {
        assertThat(both(BYTE_ORDER_MARK + "{\"model\":\"a\"}", "new"))
                .hasValue(BYTE_ORDER_MARK + "{\"model\":\"new\"}");
    }

    @Test
    void aBodyInAnotherEncodingHasNoResult() {
        for (Charset other : List.of(UTF_16LE, UTF_16BE, Charset.forName("UTF-32BE"))) {
            var body = Buffer.buffer("{\"model\":\"a\",\"x\":1}".getBytes(other));
            assertThat(field.replaced(body, "new")).as("%s", other).isEmpty();
            assertThat(field.replacedFirst(body, "new")).as("%s", other).isEmpty();
        }
    }

    @Test
    void bytesThatAreNotUtf8HaveNoResult() {
        var body = buffer("{\"x\":\"").appendByte((byte) 0xff).appendString("\",\"model\":\"a\"}");
        assertThat(field.replaced(body, "new")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "with \"quotes\" and \\", "line\nfeed\u0000", "ü€😀", "half a pair \ud800", "/",
            ""})
    void theNewNameIsWhatAReaderFinds(String name) throws IOException {
        var changed = field.replaced(buffer("{\"model\":\"a\",\"x\":1}"), name).orElseThrow();
        assertThat(new ObjectMapper().readTree(changed.getBytes()).get("model").textValue()).isEqualTo(name);
        assertThat(text(changed)).endsWith("\",\"x\":1}");
    }

    @Test
    void theClientsBodyIsSharedAndStaysAsItIs() throws IOException {
        var bytes = "{\"model\":\"a\",\"x\":1}".getBytes(UTF_8);
        var body = Buffers.wrap(bytes);
        var changed = field.replaced(body, "longer than before").orElseThrow();
        assertThat(body).isEqualTo(buffer("{\"model\":\"a\",\"x\":1}"));
        bytes[bytes.length - 2] = '2';
        assertThat(text(changed)).isEqualTo("{\"model\":\"longer than before\",\"x\":2}");
    }

    @Test
    void aBodyOfTwentyMegabytesIsReadAndWrittenInPieces() throws IOException {
        var prompt = "x\\n\u00fc".repeat(4_000_000);
        var before = "{\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}],\"model\":";
        var body = buffer(before + "\"a\",\"stream\":true}");
        assertThat(body.length()).isGreaterThan(20_000_000);

        for (var changed : List.of(field.replaced(body, "new"), field.replacedFirst(body, "new"))) {
            var out = new ByteArrayOutputStream();
            Buffers.writeTo(out, changed.orElseThrow());
            // Not by a matcher: it would print both.
            assertThat(out.toString(UTF_8).equals(before + "\"new\",\"stream\":true}")).isTrue();
        }
    }

    /** The same result from both ways. */
    private Optional<String> both(String body, String name) {
        var all = field.replaced(buffer(body), name).map(ModelFieldTest::text);
        assertThat(field.replacedFirst(buffer(body), name).map(ModelFieldTest::text)).isEqualTo(all);
        return all;
    }

    private static Buffer buffer(String text) {
        return Buffer.buffer(text.getBytes(UTF_8));
    }

    private static String text(Buffer buffer) {
        return new String(buffer.getBytes(), UTF_8);
    }
}
