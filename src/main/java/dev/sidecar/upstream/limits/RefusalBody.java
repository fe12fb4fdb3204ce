package dev.sidecar.upstream.limits;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the first bytes of the body of a 429: JSON in the shape of OpenAI ({@code error.code}, {@code error.type},
 * {@code error.message}), of Anthropic or of RFC 9457 ({@code title}, {@code detail}), or any text. It may be cut
 * anywhere or be compressed, and need not be UTF-8. Stateless and thread-safe.
 */
final class RefusalBody {

    /** The largest part of a body that is read, in bytes. */
    static final int MOST_BYTES = 8 * 1024;

    /** The largest output of a compressed body, in bytes. */
    static final int MOST_INFLATED = 64 * 1024;

    /** The fields with the provider's own words: other fields could repeat what the client sent. */
    private static final Set<String> TELLING = Set.of("error", "code", "type", "message", "detail", "title");

    private final JsonFactory json = new JsonFactory();

    Complaint read(@Nullable String contentEncoding, byte[] body) {
        if (body.length == 0) {
            return Complaint.of("", "");
        }
        String text = text(contentEncoding, body);
        return text.stripLeading().startsWith("{") ? ofJson(text) : Complaint.of("", text);
    }

    private static String text(@Nullable String contentEncoding, byte[] body) {
        int length = Math.min(body.length, MOST_BYTES);
        boolean zipped = "gzip".equalsIgnoreCase(contentEncoding) || "x-gzip".equalsIgnoreCase(contentEncoding);
        return zipped ? inflated(body, length) : new String(body, 0, length, StandardCharsets.UTF_8);
    }

    /** The output until the end, the limit or the first fault. */
    private static String inflated(byte[] body, int bodyLength) {
        byte[] out = new byte[MOST_INFLATED];
        int length = 0;
        try (var in = new GZIPInputStream(new ByteArrayInputStream(body, 0, bodyLength))) {
            int read = in.read(out, 0, out.length);
            while (read > 0) {
                length += read;
                read = in.read(out, length, out.length - length);
            }
        } catch (IOException e) {
            // Cut, or not gzip: the output so far is enough.
        }
        return new String(out, 0, length, StandardCharsets.UTF_8);
    }

    private Complaint ofJson(String text) {
        var words = new StringBuilder();
        var type = new StringBuilder();
        try (JsonParser parser = json.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                String name = parser.currentName();
                if (token == JsonToken.VALUE_STRING && name != null && TELLING.contains(name)) {
                    words.append(parser.getText()).append('\n');
                    if (name.equals("type") && type.isEmpty()) {
                        type.append(parser.getText());
                    }
                }
            }
        } catch (IOException e) {
            // Cut or broken: the words are somewhere in the text.
            words.append(text);
        }
        return Complaint.of(type.toString(), words.toString());
    }
}
