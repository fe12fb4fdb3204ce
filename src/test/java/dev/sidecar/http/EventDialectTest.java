package dev.sidecar.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client is told in a stream that has begun: that it waits, and that its request has failed. */
class EventDialectTest {

    private static JsonNode data(String event) throws IOException {
        assertThat(event).endsWith("\n\n");
        var lines = event.strip().lines().toList();
        assertThat(lines.getLast()).as("one line").startsWith("data: ");
        return new ObjectMapper().readTree(lines.getLast().substring("data: ".length()));
    }

    @ParameterizedTest
    @CsvSource({"/v1/chat/completions, COMPLETIONS", "/v1/completions, COMPLETIONS", "/v1/responses, RESPONSES",
            "/v1/messages, MESSAGES"})
    void theseCanAskForAStream(String path, EventDialect dialect) {
        assertThat(EventDialect.ofPath(path)).contains(dialect);
    }

    @ParameterizedTest
    @CsvSource({"/v1/embeddings", "/v1/chat/completions/1", "/v1/messages/count_tokens", "/v1/responses/"})
    void noOtherPathCan(String path) {
        assertThat(EventDialect.ofPath(path)).isEmpty();
    }

    @Test
    void aSignOfLifeIsSkippedByEveryReader() {
        assertThat(EventDialect.COMPLETIONS.waiting("waiting")).isEqualTo(": waiting\n\n");
        assertThat(EventDialect.RESPONSES.waiting("waiting")).isEqualTo(": waiting\n\n");
        assertThat(EventDialect.MESSAGES.waiting("waiting"))
                .isEqualTo(": waiting\nevent: ping\ndata: {\"type\": \"ping\"}\n\n");
    }

    @ParameterizedTest
    @EnumSource
    void anErrorIsOneEventWithAFieldThatSdksRaise(EventDialect dialect) throws IOException {
        var event = dialect.error(ErrorBody.apiError(503, "circuit_open", "line\nbreak \"quoted\"  end"));
        var error = data(event).get("error");
        assertThat(error.get("message").asText()).isEqualTo("line\nbreak \"quoted\"  end");
        assertThat(error.get("code").asText()).isEqualTo("circuit_open");
        assertThat(error.get("type").asText()).isEqualTo("api_error");
        assertThat(event.startsWith("event: error\n")).isEqualTo(dialect != EventDialect.COMPLETIONS);
    }

    @Test
    void aResponsesErrorHasItsFieldsAtTheTopToo() throws IOException {
        var event = data(EventDialect.RESPONSES.error(ErrorBody.rateLimit("queue_timeout", "too long")));
        assertThat(event.get("type").asText()).isEqualTo("error");
        assertThat(event.get("code").asText()).isEqualTo("queue_timeout");
        assertThat(event.get("message").asText()).isEqualTo("too long");
        assertThat(event.get("sequence_number").isIntegralNumber()).isTrue();
    }

    @Test
    void theProvidersErrorKeepsItsWords() throws IOException {
        var body = "{\"error\":\n {\"message\": \"no\", \"type\":\"theirs\", \"more\": [1, 2]}}".getBytes(UTF_8);
        assertThat(EventDialect.COMPLETIONS.providerError(400, body))
                .isEqualTo("data: {\"error\":{\"message\":\"no\",\"type\":\"theirs\",\"more\":[1,2]}}\n\n");
        var messages = "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}";
        assertThat(EventDialect.MESSAGES.providerError(529, messages.getBytes(UTF_8)))
                .isEqualTo("event: error\ndata: " + messages + "\n\n");
        var untyped = "{\"error\":{\"message\":\"no\"}}".getBytes(UTF_8);
        assertThat(data(EventDialect.MESSAGES.providerError(429, untyped)).at("/error/type").asText())
                .isEqualTo("rate_limit_error");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {"`{\"error\":\"full\"}`|`: full`",
            "`{\"status\":404,\"title\":\"Not Found\",\"detail\":\"no such function\"}`|`: no such function`",
            "`{\"error\":{\"message\":\"cut o`|``", "`<html>`|``", "``|``", "`[1]`|``", "`{\"error\":null}`|``"})
    void anErrorInNoKnownFormIsToldByItsStatus(String body, String why) throws IOException {
        var error = data(EventDialect.COMPLETIONS.providerError(404, body.getBytes(UTF_8))).get("error");
        assertThat(error.get("code").asText()).isEqualTo("upstream_error");
        assertThat(error.get("type").asText()).isEqualTo("invalid_request_error");
        assertThat(error.get("message").asText()).isEqualTo("the provider responded with status 404" + why);
    }
}
