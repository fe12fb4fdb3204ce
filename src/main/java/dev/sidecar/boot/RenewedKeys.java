package dev.sidecar.boot;

import dev.sidecar.providers.Provider;
import dev.sidecar.providers.Providers;
import dev.sidecar.traffic.Evidences;
import java.util.List;
import java.util.Objects;

/** The keys that have kept their names, but not what is sent: what the provider said of them holds no more. Stateless. */
final class RenewedKeys {

    private RenewedKeys() {
    }

    static List<Evidences.Id> between(Providers before, Providers after) {
        return after.all().stream().flatMap(provider -> before.named(provider.name()).stream()
                .flatMap(old -> between(old, provider).stream())).toList();
    }

    private static List<Evidences.Id> between(Provider before, Provider after) {
        var isElsewhere = !before.address().equals(after.address()) || before.auth() != after.auth();
        return after.keys().stream()
                .filter(key -> before.keys().stream().anyMatch(old -> old.name().equals(key.name())
                        && (isElsewhere || !Objects.equals(old.secret(), key.secret()))))
                .map(key -> new Evidences.Id(after.name(), key.name())).toList();
    }
}
