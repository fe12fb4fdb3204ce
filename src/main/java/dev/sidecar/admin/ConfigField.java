package dev.sidecar.admin;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sidecar.config.LiveSettings;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The fields of the configuration that can be changed while the program runs. */
enum ConfigField {

    RATE_RPM("rateRpm", Type.WHOLE_NUMBER), //
    BUCKET_CAPACITY("bucketCapacity", Type.WHOLE_NUMBER), //
    REQUEST_TIMEOUT("timeout", Type.SECONDS), //
    QUEUE_TIMEOUT("queueTimeout", Type.SECONDS), //
    QUEUE_MAX_SIZE("queueMax", Type.WHOLE_NUMBER), //
    LOW_PRIORITY_TIMEOUT("lowTimeout", Type.SECONDS), //
    FALLBACK_ENABLED_PASSTHROUGH("fallbackPassthrough", Type.TRUE_OR_FALSE), //
    LOG_LEVEL("logLevel", Type.NAME);

    private enum Type {
        WHOLE_NUMBER, SECONDS, TRUE_OR_FALSE, NAME
    }

    private static final double LONGEST_SECONDS = 1e9;

    private final String property;
    private final Type type;

    ConfigField(String property, Type type) {
        this.property = property;
        this.type = type;
    }

    static Optional<ConfigField> named(String name) {
        return Arrays.stream(values()).filter(field -> field.jsonName().equals(name)).findFirst();
    }

    String jsonName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The component of {@code SidecarProperties} whose range it shares. */
    String property() {
        return property;
    }

    Object in(LiveSettings settings) {
        return switch (this) {
            case RATE_RPM -> settings.rateRpm();
            case BUCKET_CAPACITY -> settings.bucketCapacity();
            case REQUEST_TIMEOUT -> settings.requestTimeout();
            case QUEUE_TIMEOUT -> settings.queueTimeout();
            case QUEUE_MAX_SIZE -> settings.queueMaxSize();
            case LOW_PRIORITY_TIMEOUT -> settings.lowPriorityTimeout();
            case FALLBACK_ENABLED_PASSTHROUGH -> settings.fallbackPassthrough();
            case LOG_LEVEL -> settings.logLevel();
        };
    }

    /** @throws IllegalArgumentException when it has another type; the message names the right type */
    Object read(JsonNode value) {
        return switch (type) {
            case WHOLE_NUMBER -> {
                check(value.isNumber() && value.doubleValue() == value.intValue(), "must be a whole number");
                yield value.intValue();
            }
            case SECONDS -> {
                check(value.isNumber() && Math.abs(value.doubleValue()) <= LONGEST_SECONDS,
                        "must be a number of seconds");
                yield Duration.ofMillis(Math.round(value.doubleValue() * 1000));
            }
            case TRUE_OR_FALSE -> {
                check(value.isBoolean(), "must be true or false");
                yield value.booleanValue();
            }
            case NAME -> {
                check(value.isTextual(), "must be a text");
                yield value.textValue().toUpperCase(Locale.ROOT);
            }
        };
    }

    private static void check(boolean isOfType, String rule) {
        if (!isOfType) {
            throw new IllegalArgumentException(rule);
        }
    }
}
