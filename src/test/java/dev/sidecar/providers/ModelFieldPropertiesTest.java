package dev.sidecar.providers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sidecar.http.Buffers;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.statistics.Statistics;

/** Random documents, beside the result that their writer knows: it notes where it writes a model. */
class ModelFieldPropertiesTest {

    private static final List<String> NAMES = List.of("model", "Model", "MODEL", "model", "models", "mode", "m",
            "messages", "x", "", "mod\u00e9l");
    private static final List<String> CHARACTERS = List.of("a", "b", "/", "-", " ", "\u00e9", "\u20ac", "\ud83d\ude00",
            "\"", "\\", "\n", "\u0001", "model", "}", "{", ",");

    private final ModelField field = new ModelField();
    private final ObjectMapper mapper = new ObjectMapper();

    @Property(tries = 2000)
    void theOneValueIsReplacedAndNothingElse(@ForAll long seed) throws IOException {
        var written = new Document(new Random(seed));
        var body = Buffers.wrap(written.text.toString().getBytes(UTF_8));
        var expected = written.replaced("the \"new\" name");

        Statistics.collect(expected.isPresent());
        Statistics.coverage(results -> results.check(true).percentage(share -> share > 10));
        assertThat(text(field.replaced(body, "the \"new\" name"))).isEqualTo(expected);
        if (expected.isPresent()) {
            assertThat(text(field.replacedFirst(body, "the \"new\" name"))).isEqualTo(expected);
            var before = (ObjectNode) mapper.readTree(body.getBytes());
            assertThat(mapper.readTree(expected.get().getBytes(UTF_8)))
                    .isEqualTo(before.put(written.modelName, "the \"new\" name"));
        }
    }

    @Property(tries = 500)
    void whatIsCutOffHasNoResult(@ForAll long seed) {
        var random = new Random(seed);
        var bytes = new Document(random).text.toString().stripTrailing().getBytes(UTF_8);
        var body = Buffer.buffer(bytes).slice(0, random.nextInt(bytes.length));

        assertThat(field.replaced(body, "new")).isEmpty();
    }

    @Property(tries = 500)
    void anyBytesAreBorne(@ForAll byte[] bytes, @ForAll String name) {
        field.replaced(Buffers.wrap(bytes), name);
        field.replacedFirst(Buffers.wrap(bytes), name);
    }

    private static Optional<String> text(Optional<Buffer> body) {
        return body.map(bytes -> new String(bytes.getBytes(), UTF_8));
    }

    /** An object with fields, most of them of no interest. */
    private static final class Document {

        private final StringBuilder text = new StringBuilder();
        private final Random random;
        private int models;
        private String modelName = "";
        /** Where the text of the latest model is; -1 if it is none. */
        private int from = -1;
        private int to;

        Document(Random random) {
            this.random = random;
            if (random.nextInt(4) == 0) {
                text.append('\ufeff');
            }
            space();
            text.append('{');
            int fields = random.nextInt(6);
            for (int i = 0; i < fields; i++) {
                text.append(i == 0 ? "" : ",");
                field();
            }
            space();
            text.append('}');
            space();
        }

        Optional<String> replaced(String name) {
            return models == 1 && from >= 0
                    ? Optional.of(text.substring(0, from) + '"' + name.replace("\"", "\\\"") + '"' + text.substring(to))
                    : Optional.empty();
        }

        private void field() {
            var name = NAMES.get(random.nextInt(NAMES.size()));
            space();
            string(name);
            space();
            text.append(':');
            space();
            if (!name.equalsIgnoreCase("model")) {
                value(0);
            } else {
                models++;
                modelName = name;
                from = -1;
                if (random.nextInt(4) > 0) {
                    from = text.length();
                    string(words());
                    to = text.length();
                } else {
                    noString();
                }
            }
            space();
        }

        private void value(int depth) {
            switch (random.nextInt(depth > 3 ? 3 : 6)) {
                case 0 -> string(words());
                case 1 -> noString();
                case 2 -> string("x\u00fc".repeat(random.nextInt(9000)));
                case 3 -> {
                    text.append('[');
                    int values = random.nextInt(3);
                    for (int i = 0; i < values; i++) {
                        text.append(i == 0 ? "" : ",");
                        space();
                        value(depth + 1);
                        space();
                    }
                    text.append(']');
                }
                default -> {
                    text.append('{');
                    space();
                    string("model");
                    space();
                    text.append(':');
                    value(depth + 1);
                    text.append('}');
                }
            }
        }

        private void noString() {
            text.append(List.of("1", "-0.50e+3", "true", "null", "[]", "{}", "[\"model\"]", "{\"model\":\"m\"}")
                    .get(random.nextInt(8)));
        }

        private void space() {
            int most = random.nextInt(20) == 0 ? 9000 : 3;
            for (int i = random.nextInt(most); i > 0; i--) {
                text.append(" \t\r\n".charAt(random.nextInt(4)));
            }
        }

        private String words() {
            var words = new StringBuilder();
            for (int i = random.nextInt(6); i > 0; i--) {
                words.append(CHARACTERS.get(random.nextInt(CHARACTERS.size())));
            }
            return words.toString();
        }

        /** Each character in one of the forms that JSON has for it. */
        private void string(String content) {
            text.append('"');
            for (int i = 0; i < content.length(); i++) {
                char c = content.charAt(i);
                if (c < ' ' || c == '"' || c == '\\' || content.length() < 100 && random.nextInt(5) == 0
                        && !Character.isSurrogate(c)) {
                    text.append("\\u%04x".formatted((int) c));
                } else {
                    text.append(c);
                }
            }
            text.append('"');
        }
    }
}
