package dev.sidecar.providers;

import dev.sidecar.config.UpstreamAddress;
import dev.sidecar.files.Period;
import java.net.URI;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A provider in the file. Absent fields are null when they are read, and have their defaults here. Immutable.
 *
 * @param baseUrl with or without a trailing {@code /v1} or {@code /}
 * @param auth a bearer token where it is absent
 * @param models the client's name of each model, and the provider's name of it; null for all models under their own names
 * @param fallbackAfter a number and a unit, such as {@code 10s}; null for no time at all
 */
public record ProviderEntry(String name, String baseUrl, @Nullable AuthForm auth, List<KeyEntry> keys,
        @Nullable Map<String, String> models, @Nullable String fallbackAfter) {

    public ProviderEntry {
        keys = List.copyOf(Objects.requireNonNullElse(keys, List.of()));
        // Not Map.copyOf, which forgets the order.
        models = models == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(models));
    }

    Provider provider(KeyValues values) {
        return new Provider(name, UpstreamAddress.of(URI.create(baseUrl)), auth == null ? AuthForm.BEARER : auth,
                keys.stream().map(key -> new ProviderKey(key.name(), values.secret(key), key.accountName())).toList(),
                accounts(), models == null ? ModelMap.EVERYTHING : ModelMap.of(models),
                fallbackAfter == null ? Duration.ZERO : Period.of(fallbackAfter));
    }

    private List<AccountLimit> accounts() {
        return keys.stream().map(KeyEntry::accountName).distinct().map(this::limit).toList();
    }

    /** What the keys of the account say; those that name another key's account say nothing. */
    private AccountLimit limit(String account) {
        var ofIt = keys.stream().filter(key -> key.accountName().equals(account)).toList();
        var rpm = ofIt.stream().flatMap(key -> Stream.ofNullable(key.rateRpm())).findFirst();
        var tpm = ofIt.stream().flatMap(key -> Stream.ofNullable(key.rateTpm())).findFirst();
        return new AccountLimit(account, rpm.orElse(KeyEntry.USUAL_RPM), tpm.orElse(KeyEntry.ANY_TPM));
    }
}
