package dev.sidecar.config;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One setting, in the forms that operators write. Immutable.
 *
 * @param property as in {@code sidecar.rate-rpm}
 * @param settings the record that it is bound to
 * @param index the index of its component there
 */
public record SettingName(String property, Class<?> settings, int index) {

    /** All settings that are bound to a record. */
    public static List<SettingName> allOf(Class<?> settings) {
        var prefix = settings.getAnnotation(ConfigurationProperties.class).value();
        var components = settings.getRecordComponents();
        return IntStream.range(0, components.length).mapToObj(index -> new SettingName(prefix + "."
                + components[index].getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT), settings, index))
                .toList();
    }

    /** As in {@code SIDECAR_RATE_RPM}. */
    public String variable() {
        return variable(property);
    }

    /** The default; null if there is none. */
    public @Nullable String usual() {
        var components = Arrays.stream(settings.getRecordComponents()).map(RecordComponent::getType);
        try {
            // Only a parameter can have the annotation.
            var given = settings.getDeclaredConstructor(components.toArray(Class<?>[]::new)).getParameters()[index]
                    .getAnnotation(DefaultValue.class);
            return given == null || given.value().length == 0 ? null : String.join(",", given.value());
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e); // every record has this constructor
        }
    }

    /** @param property in dashes or in camel case: {@code sidecar.rate-rpm}, {@code sidecar.rateRpm} */
    static String variable(String property) {
        return property.replaceAll("\\[.*", "").replaceAll("([a-z])([A-Z])", "$1_$2").replaceAll("[.-]", "_")
                .toUpperCase(Locale.ROOT);
    }

    /** Spring reads {@code SIDECAR_RATE_RPM}, {@code sidecar.rate-rpm} and {@code sidecar.rateRpm} as one name. */
    static String plain(String name) {
        return name.replaceAll("\\[.*", "").replaceAll("[._-]", "").toLowerCase(Locale.ROOT);
    }
}
