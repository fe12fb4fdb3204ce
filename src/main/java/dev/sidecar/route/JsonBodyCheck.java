package dev.sidecar.route;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import dev.sidecar.call.ClientCall;
import dev.sidecar.http.Buffers;
import dev.sidecar.http.JsonBodies;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a body that claims to be JSON and does not parse, before it costs a slot of the budget, and notes which
 * model it asks for, and whether for a stream: the routes find it in the exchange property {@value #MODEL_PROPERTY}.
 *
 * <p>The body is read token by token and never rewritten. Compressed bodies and empty ones are the provider's business.
 * Stateless and thread-safe.
 */
public final class JsonBodyCheck implements Processor {

    /** Where a route finds the model that is asked for. */
    public static final String MODEL_PROPERTY = "SidecarModel";

    /** A model name is a label; a caller that sends a novel in its place is not worth remembering. */
    private static final int LONGEST_MODEL_NAME = 128;

    /** OpenAI's name and its newer ones, and Anthropic's. */
    private static final Set<String> MOST_OUTPUT = Set.of("max_tokens", "max_completion_tokens", "max_output_tokens");

    /** The first byte of UTF-8's byte order mark. */
    private static final byte UTF8_MARK = (byte) 0xEF;

    private final JsonFactory json = JsonBodies.factory();

    @Override
    public void process(Exchange exchange) {
        var call = ClientCall.of(exchange);
        var body = call.body();
        var headers = call.request().headers();
        if (body == null || body.length() == 0 || !isJson(headers.get("Content-Type"))
                || isEncoded(headers.get("Content-Encoding"))) {
            return;
        }
        try {
            var named = modelOf(body);
            call.model(named.model);
            call.onlyModel(named.times == 1 && isUtf8(body) ? named.model : null);
            call.storesNothing(named.storesNothing);
            call.maxOutputTokens(named.mostOutput);
            call.streamed(named.streamed);
            exchange.setProperty(MODEL_PROPERTY, named.model);
        } catch (StreamReadException e) {
            var at = e.getLocation();
            throw RefusedRequests.invalidJson(e.getOriginalMessage()
                    + (at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")"));
        } catch (StreamConstraintsException e) {
            throw RefusedRequests.invalidJson("it is nested too deeply");
        } catch (IOException e) {
            throw RefusedRequests.invalidJson("it is not UTF-8");
        }
    }

    /** Of what the parser takes for JSON: in UTF-16 and UTF-32 one of the first two bytes is 0, or a byte order mark. */
    private static boolean isUtf8(Buffer body) {
        return body.length() < 2 || body.getByte(0) > 0 && body.getByte(1) > 0 || body.getByte(0) == UTF8_MARK;
    }

    private static boolean isJson(@Nullable String contentType) {
        if (contentType == null) {
            return false;
        }
        var semicolon = contentType.indexOf(';');
        var type = (semicolon < 0 ? contentType : contentType.substring(0, semicolon)).strip()
                .toLowerCase(Locale.ROOT);
        return type.equals("application/json") || type.endsWith("+json");
    }

    private static boolean isEncoded(@Nullable String contentEncoding) {
        return contentEncoding != null && !contentEncoding.isBlank()
                && !contentEncoding.strip().equalsIgnoreCase("identity");
    }

    /**
     * What a body says about its model and its response.
     *
     * @param model the text of the top-level field {@code model}, the last one if there are several; null if there is none
     * @param times how many top-level fields a provider may take for it: some do not tell capitals from small letters
     * @param storesNothing whether it says {@code "store":false}, once, and has no {@code previous_response_id}
     * @param mostOutput the least of {@code max_tokens} and its newer names; empty if it has none
     * @param streamed whether it says {@code "stream":true}, once
     */
    private record Named(@Nullable String model, int times, boolean storesNothing, OptionalLong mostOutput,
            boolean streamed) {
    }

    /** Reads all of it, one value and nothing behind. */
    private Named modelOf(Buffer body) throws IOException {
        String model = null;
        int times = 0;
        int stores = 0;
        int streams = 0;
        boolean streamed = false;
        boolean keepsNothing = false;
        boolean continues = false;
        long mostOutput = Long.MAX_VALUE;
        try (JsonParser parser = json.createParser(Buffers.read(body))) {
            int depth = 0;
            boolean complete = false;
            for (var token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (complete) {
                    throw new com.fasterxml.jackson.core.JsonParseException(parser, "something follows the JSON value");
                }
                if (depth == 1 && token == JsonToken.FIELD_NAME) {
                    var name = parser.currentName();
                    times += name.equalsIgnoreCase("model") ? 1 : 0;
                    stores += name.equalsIgnoreCase("store") ? 1 : 0;
                    streams += name.equalsIgnoreCase("stream") ? 1 : 0;
                    continues |= name.equalsIgnoreCase("previous_response_id");
                } else if (depth == 1 && token == JsonToken.VALUE_FALSE) {
                    keepsNothing |= "store".equals(parser.currentName());
                } else if (depth == 1 && token == JsonToken.VALUE_NUMBER_INT
                        && parser.currentName() != null && MOST_OUTPUT.contains(parser.currentName())
                        && parser.getTextLength() < 19) {
                    mostOutput = Math.min(mostOutput, Math.max(0, parser.getLongValue()));
                } else if (depth == 1 && token == JsonToken.VALUE_TRUE) {
                    streamed |= "stream".equals(parser.currentName());
                }
                if (token.isStructStart()) {
                    depth++;
                } else if (token.isStructEnd()) {
                    depth--;
                } else if (depth == 1 && token == JsonToken.FIELD_NAME && parser.currentName().equals("model")
                        && parser.nextToken() == JsonToken.VALUE_STRING
                        && parser.getTextLength() <= LONGEST_MODEL_NAME) {
                    model = parser.getText();
                } else if (parser.currentToken().isStructStart()) {
                    depth++; // {"model": {...}}
                } else if (token == JsonToken.VALUE_STRING) {
                    parser.finishToken(); // bad escapes and bad UTF-8 show only when a string is read
                }
                complete = depth == 0;
            }
            if (!complete) {
                throw new com.fasterxml.jackson.core.JsonParseException(parser, "it ends too early");
            }
        }
        return new Named(model, times, keepsNothing && stores == 1 && !continues,
                mostOutput == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(mostOutput),
                streamed && streams == 1);
    }
}
