package dev.sidecar.config;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.core.env.Environment;
import org.springframework.validation.FieldError;

/**
 * Turns each unusable setting into a line with the variable, the value and the allowed values. Values of secrets are
 * not shown.
 */
final class SettingsFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

    /** Framework settings that take their value from a setting of the sidecar, in application.properties. */
    private static final Map<String, String> TAKEN_FROM_OURS = Map.of("server.port", "sidecar.metrics-port",
            "server.address", "sidecar.host");

    /** The message of a record that checks its values itself: the property, and the rest of the message. */
    private static final Pattern OWN_WORDS = Pattern.compile("(sidecar\\.[a-z.-]+)( must be .+)");

    private final BeanFactory beans;
    private final Environment environment;

    SettingsFailureAnalyzer(BeanFactory beans, Environment environment) {
        this.beans = beans;
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
        var ours = TAKEN_FROM_OURS.get(cause.getName().toString());
        if (ours != null) {
            return SettingsFailure.of(line(ours, valueIn(cause), "must be " + expected(cause)), cause, beans,
                    environment);
        }
        if (!cause.getName().toString().startsWith("sidecar")) {
            return null;
        }
        return SettingsFailure.of(problems(cause).values().iterator().next(), cause, beans, environment);
    }

    /** @return at least one line, by the {@linkplain SettingName#plain plain name} of the property */
    static Map<String, String> problems(BindException cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof BindValidationException invalid) {
                var problems = new LinkedHashMap<String, String>();
                for (var each : invalid.getValidationErrors().getAllErrors()) {
                    if (each instanceof FieldError error) {
                        var property = cause.getName() + "." + error.getField();
                        problems.putIfAbsent(SettingName.plain(property),
                                line(property, asWritten(invalid, error), error.getDefaultMessage()));
                    }
                }
                if (!problems.isEmpty()) {
                    return problems;
                }
            }
            var ownWords = OWN_WORDS.matcher(String.valueOf(t.getMessage()));
            if (t instanceof IllegalArgumentException && ownWords.matches()) {
                return Map.of(SettingName.plain(ownWords.group(1)),
                        SettingName.variable(ownWords.group(1)) + ownWords.group(2));
            }
        }
        var property = cause.getProperty();
        var name = (property == null ? cause.getName() : property.getName()).toString();
        return Map.of(SettingName.plain(name),
                line(name, property == null ? null : property.getValue(), "must be " + expected(cause)));
    }

    /** The text that the operator wrote; the rejected value is its converted form. */
    private static @Nullable Object asWritten(BindValidationException invalid, FieldError error) {
        for (var property : invalid.getValidationErrors().getBoundProperties()) {
            var name = property.getName().getLastElement(ConfigurationPropertyName.Form.UNIFORM);
            if (name.equalsIgnoreCase(error.getField())) {
                return property.getValue();
            }
        }
        return error.getRejectedValue();
    }

    private static @Nullable Object valueIn(BindException cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof ConversionFailedException conversion) {
                return conversion.getValue();
            }
        }
        return null;
    }

    private static String line(String property, @Nullable Object value, @Nullable String allowed) {
        var variable = SettingName.variable(property);
        var secret = variable.endsWith("_KEY") || variable.endsWith("_TOKEN") || variable.endsWith("_URL");
        return variable + (value == null || secret ? "" : "=" + value) + ": " + allowed;
    }

    private static String expected(BindException cause) {
        var type = cause.getTarget().getType().resolve(Object.class);
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof ConversionFailedException conversion) {
                type = conversion.getTargetType().getType();
            }
        }
        return expected(type);
    }

    private static String expected(Class<?> type) {
        if (type.isEnum()) {
            return "one of " + java.util.Arrays.stream(type.getEnumConstants())
                    .map(constant -> constant.toString().toLowerCase(Locale.ROOT)).toList();
        }
        return switch (type.getSimpleName()) {
            case "int", "Integer", "long", "Long" -> "a whole number";
            case "boolean", "Boolean" -> "true or false";
            case "Duration" -> "a number of seconds, or a duration such as 500ms or 2m";
            case "Secret" -> "printable ASCII characters without spaces";
            case "InetAddress" -> "an address of this machine";
            case "URI" -> "an http:// or https:// URL";
            default -> "a valid " + type.getSimpleName();
        };
    }
}
