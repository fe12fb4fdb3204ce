package dev.sidecar.providers;

import dev.sidecar.config.Secret;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The values of all keys in the file, each read once: the checks and what comes into force see the same. Immutable. */
public final class KeyValues {

    private final Map<KeyEntry, KeyValue> values;

    private KeyValues(Map<KeyEntry, KeyValue> values) {
        this.values = values;
    }

    /** Reads them now. */
    public static KeyValues of(List<ProviderEntry> providers, KeyReader reader) {
        var values = new HashMap<KeyEntry, KeyValue>();
        providers.forEach(provider -> provider.keys().forEach(key -> values.computeIfAbsent(key, reader::read)));
        return new KeyValues(Map.copyOf(values));
    }

    KeyValue of(KeyEntry key) {
        var value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("the key '" + key.name() + "' was not read");
        }
        return value;
    }

    /** @throws IllegalStateException when it has none: check with {@link ProviderRules} first */
    Secret secret(KeyEntry key) {
        return switch (of(key)) {
            case KeyValue.Found found -> found.secret();
            case KeyValue.Missing _ -> throw new IllegalStateException("the key '" + key.name() + "' has no value");
        };
    }
}
