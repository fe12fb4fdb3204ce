package dev.sidecar.admin;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sidecar.config.LiveSettings;
import dev.sidecar.config.SidecarProperties;
import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.RequestRefusedException;
import jakarta.validation.Validator;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Values for some of the fields, each with the right type and in its range. Immutable.
 *
 * @param values the new values of the fields
 */
record ConfigChange(Map<ConfigField, Object> values) {

    private static final int LONGEST_VALUE_SHOWN = 80;
    private static final ObjectMapper JSON = JsonMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /** @throws RequestRefusedException with 400 when it is not JSON, or for the first field that is unknown or wrong */
    static ConfigChange read(byte[] body, Validator validator) {
        var values = new EnumMap<ConfigField, Object>(ConfigField.class);
        for (var each : parse(body).properties()) {
            var field = ConfigField.named(each.getKey())
                    .orElseThrow(() -> refused("unknown_field", each.getKey(), "is not one of " + Arrays
                            .stream(ConfigField.values()).map(ConfigField::jsonName)
                            .collect(Collectors.joining(", "))));
            values.put(field, checked(field, each.getValue(), validator));
        }
        return new ConfigChange(values);
    }

    private static JsonNode parse(byte[] body) {
        try {
            var json = JSON.readTree(body);
            if (json != null && json.isObject()) {
                return json;
            }
        } catch (IOException e) {
            // the same response for all: Jackson's message quotes the body
        }
        throw new RequestRefusedException(ErrorBody.invalidRequest(400, "invalid_json",
                "the body must be one JSON object with the fields to change, each once"));
    }

    private static Object checked(ConfigField field, JsonNode json, Validator validator) {
        Object value;
        try {
            value = field.read(json);
        } catch (IllegalArgumentException e) {
            throw refused("invalid_value", field.jsonName(), e.getMessage() + ", not " + shown(json));
        }
        validator.validateValue(SidecarProperties.class, field.property(), value).stream().findFirst()
                .ifPresent(violation -> {
                    throw refused("invalid_value", field.jsonName(), violation.getMessage() + ", not " + shown(json));
                });
        return value;
    }

    private static String shown(JsonNode json) {
        var text = json.toString();
        return text.length() <= LONGEST_VALUE_SHOWN ? text : text.substring(0, LONGEST_VALUE_SHOWN) + "…";
    }

    private static RequestRefusedException refused(String code, String field, String why) {
        var name = field.length() <= LONGEST_VALUE_SHOWN ? field : field.substring(0, LONGEST_VALUE_SHOWN) + "…";
        return new RequestRefusedException(
                new ErrorBody(400, code, ErrorBody.INVALID_REQUEST, name + " " + why, name));
    }

    /** @throws RequestRefusedException with 400 when it would let requests go beside a full queue */
    void refusePassthrough() {
        if (Boolean.TRUE.equals(values.get(ConfigField.FALLBACK_ENABLED_PASSTHROUGH))) {
            throw refused("invalid_value", ConfigField.FALLBACK_ENABLED_PASSTHROUGH.jsonName(),
                    "must be false while SIDECAR_CONFIG or SIDECAR_DEMO_KEYS is set");
        }
    }

    /**
     * @param place that has the rates
     * @throws RequestRefusedException with 400 when it has a rate
     */
    void refuseRate(String place) {
        if (values.containsKey(ConfigField.RATE_RPM)) {
            throw refused("invalid_value", ConfigField.RATE_RPM.jsonName(),
                    "is in " + place + ", for each key: change it there");
        }
    }

    LiveSettings applyTo(LiveSettings before) {
        return new LiveSettings(value(ConfigField.RATE_RPM, Integer.class, before),
                value(ConfigField.BUCKET_CAPACITY, Integer.class, before),
                value(ConfigField.REQUEST_TIMEOUT, Duration.class, before),
                value(ConfigField.QUEUE_TIMEOUT, Duration.class, before),
                value(ConfigField.QUEUE_MAX_SIZE, Integer.class, before),
                value(ConfigField.LOW_PRIORITY_TIMEOUT, Duration.class, before),
                value(ConfigField.FALLBACK_ENABLED_PASSTHROUGH, Boolean.class, before),
                value(ConfigField.LOG_LEVEL, String.class, before));
    }

    private <T> T value(ConfigField field, Class<T> type, LiveSettings before) {
        return type.cast(values.getOrDefault(field, field.in(before)));
    }
}
