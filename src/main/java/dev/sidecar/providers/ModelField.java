package dev.sidecar.providers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.sidecar.http.Buffers;
import dev.sidecar.http.JsonBodies;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the model that a JSON body names. All other bytes stay as the client wrote them, and are shared with the client's
 * body instead of copied. Thread-safe.
 *
 * <p>There is no result for a body that is not one JSON object in UTF-8, for one without the top-level field {@code model},
 * and for one where its value is no string. A name in capital letters counts too: some providers do not tell capitals from
 * small letters. So a body with {@code model} and {@code Model} has no result either.
 */
public final class ModelField {

    private static final String NAME = "model";
    private static final int ASCII = 0x7f;

    private final JsonFactory json = JsonBodies.factory();

    /** Reads all of the body. */
    public Optional<Buffer> replaced(Buffer body, String newName) {
        return replaced(body, newName, ModelField::only);
    }

    /**
     * Reads no further than the first field of that name.
     *
     * @param body one in which a check of all of it has found exactly one such field
     */
    public Optional<Buffer> replacedFirst(Buffer body, String newName) {
        return replaced(body, newName, ModelField::first);
    }

    private Optional<Buffer> replaced(Buffer body, String newName, Search search) {
        try (var parser = json.createParser(Buffers.read(body))) {
            var value = search.in(parser);
            return value == null
                    ? Optional.empty()
                    : Optional.of(Buffers.replaced(body, value.from, value.to, quoted(newName)));
        } catch (IOException e) {
            return Optional.empty(); // it is not JSON, or not UTF-8
        }
    }

    /** Where a value is, with its quotes. */
    private record Place(int from, int to) {
    }

    @FunctionalInterface
    private interface Search {

        @Nullable
        Place in(JsonParser parser) throws IOException;
    }

    private static @Nullable Place first(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return null;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            if (isModel(parser)) {
                return placeOfValue(parser);
            }
            parser.nextToken();
            parser.skipChildren();
        }
        return null;
    }

    private static @Nullable Place only(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return null;
        }
        Place found = null;
        int depth = 1;
        while (depth > 0) {
            var token = parser.nextToken();
            if (token == null) {
                return null;
            } else if (token.isStructStart()) {
                depth++;
            } else if (token.isStructEnd()) {
                depth--;
            } else if (token == JsonToken.VALUE_STRING) {
                parser.finishToken(); // bad escapes and bad UTF-8 show only when a string is read
            } else if (depth == 1 && token == JsonToken.FIELD_NAME && isModel(parser)) {
                if (found != null) {
                    return null;
                }
                found = placeOfValue(parser);
                if (found == null) {
                    return null;
                }
            }
        }
        return parser.nextToken() == null ? found : null;
    }

    private static boolean isModel(JsonParser parser) throws IOException {
        return parser.currentName().equalsIgnoreCase(NAME);
    }

    private static @Nullable Place placeOfValue(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
            return null;
        }
        var from = parser.currentTokenLocation().getByteOffset();
        parser.finishToken();
        var to = parser.currentLocation().getByteOffset();
        // The parser of UTF-16 and UTF-32 counts characters, and says -1 for bytes.
        return from < 0 || to < 0 ? null : new Place((int) from, (int) to);
    }

    /** As a JSON string. In ASCII, because half a surrogate pair, which may come from a client, has no other form. */
    private byte[] quoted(String text) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var generator = json.createGenerator(bytes)) {
            generator.setHighestNonEscapedChar(ASCII);
            generator.writeString(text);
        }
        return bytes.toByteArray();
    }
}
