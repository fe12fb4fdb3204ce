package dev.sidecar.config;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.event.KeyValuePair;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.support.PropertiesLoaderUtils;

/** Both forms of a log line hold what they should, and nothing that a caller writes can break out of one. */
@Isolated("reads standard output or changes log levels, which are those of the whole process")
class LogFormatTest {

    private static final String HOSTILE = "a\nb\r\u001b[2J\u0085\u2028\u202e\u009b31m\"}";

    private static LoggingEvent event(String message) {
        var event = new LoggingEvent();
        var context = new LoggerContext();
        event.setLoggerContext(context);
        event.setLoggerName("dev.sidecar.requests");
        event.setLevel(Level.INFO);
        event.setThreadName("t");
        event.setMessage(message);
        event.setInstant(Instant.parse("2026-11-22T01:02:03.004Z"));
        event.setMDCPropertyMap(Map.of("request_id", "id-1"));
        return event;
    }

    @Test
    void jsonHasPlainNamesAndTheFieldsOfTheLine() throws IOException {
        var event = event("it happened");
        event.addKeyValuePair(new KeyValuePair("status", 200));
        event.addKeyValuePair(new KeyValuePair("bytes", 5_000_000_000L));
        event.addKeyValuePair(new KeyValuePair("model_id", "m"));
        event.addKeyValuePair(new KeyValuePair("cold", true));
        event.addKeyValuePair(new KeyValuePair("none", null));
        assertThat(new JsonLogLine().format(event)).isEqualTo("{\"timestamp\":\"2026-11-22T01:02:03.004Z\","
                + "\"level\":\"INFO\",\"logger\":\"dev.sidecar.requests\",\"thread\":\"t\",\"message\":\"it happened\","
                + "\"request_id\":\"id-1\",\"status\":200,\"bytes\":5000000000,\"model_id\":\"m\",\"cold\":true,"
                + "\"none\":null}\n");
    }

    @Test
    void hostileTextStaysInsideItsJsonString() throws IOException {
        var event = event(HOSTILE);
        event.addKeyValuePair(new KeyValuePair("model_id", HOSTILE));
        event.setThrowableProxy(new ch.qos.logback.classic.spi.ThrowableProxy(new IllegalStateException(HOSTILE)));
        var line = new JsonLogLine().format(event);
        assertThat(line).endsWith("}\n");
        assertThat(line.substring(0, line.length() - 1)).matches("[ -~]*");
        var json = new ObjectMapper().readTree(line);
        assertThat(json.get("message").asText()).isEqualTo(HOSTILE);
        assertThat(json.get("model_id").asText()).isEqualTo(HOSTILE);
        assertThat(json.get("stack_trace").asText()).contains("IllegalStateException", "LogFormatTest");
    }

    @Test
    void textIsOneLineWithoutControlCharacters() throws IOException {
        var event = event("request_completed " + HOSTILE);
        event.addKeyValuePair(new KeyValuePair("model_id", HOSTILE));
        var layout = new PatternLayout();
        layout.setContext(new LoggerContext());
        // Spring's converter for stack traces is not part of this.
        layout.setPattern(pattern().replace("%wEx", "%nopex"));
        layout.start();
        var line = layout.doLayout(event);
        assertThat(line).contains("request_completed a?b??[2J????31m", "request_id=id-1").endsWith("\n");
        assertThat(line.substring(0, line.length() - 1)).matches("[ -~]*");
        assertThat(layout.doLayout(event("plain")).strip()).endsWith("plain  request_id=id-1");
    }

    private static String pattern() throws IOException {
        return PropertiesLoaderUtils.loadProperties(new ClassPathResource("application.properties"))
                .getProperty("logging.pattern.console", "");
    }

    @Test
    void theSettingDecidesAndWhatItDoesNotKnowCountsAsAuto() {
        assertThat(formatOf("json")).isEqualTo(JsonLogLine.class.getName());
        assertThat(formatOf("JSON")).isEqualTo(JsonLogLine.class.getName());
        assertThat(formatOf("text")).isNull();
        assertThat(formatOf("yaml")).isEqualTo(formatOf("auto"));
        assertThat(LogFormat.TEXT.resolved()).isEqualTo(LogFormat.TEXT);
        assertThat(LogFormat.JSON.resolved()).isEqualTo(LogFormat.JSON);
        assertThat(LogFormat.AUTO.resolved()).isNotEqualTo(LogFormat.AUTO);
    }

    private static @Nullable String formatOf(String setting) {
        var environment = new StandardEnvironment();
        environment.getPropertySources()
                .addFirst(new MapPropertySource("test", Map.of("sidecar.log-format", setting)));
        new LogFormatSetting().postProcessEnvironment(environment, new SpringApplication());
        return environment.getProperty("logging.structured.format.console");
    }
}
