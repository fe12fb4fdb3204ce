package dev.sidecar.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sidecar.throttle.tokens.TokenUsage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds in the bytes of a response, as they pass, what it has cost: the latest {@code "usage": {…}}, in a JSON body or in
 * the events of a stream, in OpenAI's or Anthropic's words. It looks for the key and not for its place in the JSON: inside a
 * string the quotes would be escaped. Counts events and bytes, for responses that do not tell. Holds at most {@value #MOST}
 * bytes. For one response and one thread.
 */
final class UsageReader {

    private static final byte[] KEY = "\"usage\"".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST = 4096;
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Of English text, in about any tokenizer. */
    private static final int BYTES_PER_TOKEN = 4;
    /** What an event of a stream has around its text, at most. */
    private static final int BYTES_PER_EVENT = 350;

    private enum State {
        /** Looks for the key. */
        SEEKING,
        /** The key was read: a colon and an object may follow. */
        KEY_READ,
        /** Inside the object. */
        INSIDE
    }

    private final byte[] object = new byte[MOST];
    private State state = State.SEEKING;
    /** How much of the key, or of the object, was read. */
    private int length;
    private int depth;
    private boolean inString;
    private boolean escaped;

    private long bytes;
    private long events;
    private byte previous;
    private long input;
    private long output;
    private long total;

    /** The next bytes of the response. */
    void read(byte[] piece, int from, int count) {
        bytes += count;
        for (int i = from; i < from + count; i++) {
            read(piece[i]);
        }
    }

    private void read(byte next) {
        switch (state) {
            case SEEKING -> {
                if (next == '\n' && previous == '\n') {
                    events++;
                }
                previous = next == '\r' ? previous : next;
                length = next == KEY[length] ? length + 1 : next == KEY[0] ? 1 : 0;
                if (length == KEY.length) {
                    state = State.KEY_READ;
                }
            }
            case KEY_READ -> {
                if (next == '{') {
                    state = State.INSIDE;
                    length = 0;
                    depth = 0;
                    inString = false;
                    escaped = false;
                    readInside(next);
                } else if (next != ':' && next != ' ' && next != '\n' && next != '\r' && next != '\t') {
                    seek(); // "usage": null, as most chunks of a stream have it
                }
            }
            case INSIDE -> readInside(next);
        }
    }

    private void readInside(byte next) {
        if (length == MOST) {
            seek();
            return;
        }
        object[length++] = next;
        if (inString) {
            inString = escaped || next != '"';
            escaped = !escaped && next == '\\';
        } else if (next == '"') {
            inString = true;
        } else if (next == '{') {
            depth++;
        } else if (next == '}' && --depth == 0) {
            take();
            seek();
        }
    }

    private void seek() {
        state = State.SEEKING;
        length = 0;
    }

    private void take() {
        try {
            var usage = JSON.readTree(object, 0, length);
            input = first(usage, input, "prompt_tokens", "input_tokens");
            output = first(usage, output, "completion_tokens", "output_tokens");
            total = first(usage, total, "total_tokens");
        } catch (IOException e) {
            // not JSON after all: what was found before stays
        }
    }

    private static long first(JsonNode usage, long known, String... names) {
        for (var name : names) {
            if (usage.path(name).isIntegralNumber() && usage.path(name).canConvertToLong()) {
                return Math.max(0, usage.path(name).longValue());
            }
        }
        return known;
    }

    /** What the response says that it cost; null if it does not. */
    @Nullable
    TokenUsage usage() {
        return Math.max(total, input + output) > 0
                ? new TokenUsage(input, Math.max(output, total - input))
                : null;
    }

    /** How many tokens the bytes seen may be: an event has at least one, and text has one for every few bytes. */
    long outputSeen() {
        return Math.max(events, (bytes - events * BYTES_PER_EVENT) / BYTES_PER_TOKEN);
    }
}
