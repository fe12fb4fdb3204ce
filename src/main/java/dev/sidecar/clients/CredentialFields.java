package dev.sidecar.clients;

import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The header fields in which SDKs send a key. Stateless. */
public final class CredentialFields {

    /** In the order in which they are asked. */
    public static final List<String> NAMES = List.of("Authorization", "x-api-key", "api-key");

    private static final Pattern BEARER = Pattern.compile("(?i)bearer +(\\S+) *");

    private CredentialFields() {
    }

    /**
     * The key in the first field that has one.
     *
     * @param field the value of the field of this name, null if there is none
     */
    public static @Nullable String key(Function<String, @Nullable String> field) {
        for (var name : NAMES) {
            var key = keyIn(name, field.apply(name));
            if (key != null) {
                return key;
            }
        }
        return null;
    }

    /** The key in the value of a field; null if there is none. */
    public static @Nullable String keyIn(String name, @Nullable String value) {
        if (value == null || value.isBlank()) {
            return null;
        }
        if (!name.equals("Authorization")) {
            return value.strip();
        }
        var bearer = BEARER.matcher(value.strip());
        return bearer.matches() ? bearer.group(1) : null;
    }
}
