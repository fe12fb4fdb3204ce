package dev.sidecar.providers;

import dev.sidecar.config.Secret;
import dev.sidecar.config.UpstreamAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Providers for tests. */
public final class ProviderOf {

    private ProviderOf() {
    }

    /** Serves everything under its own names. */
    public static Provider everything(String name) {
        return with(name, "https://" + name + ".example", AuthForm.BEARER, ModelMap.EVERYTHING);
    }

    public static Provider renaming(String name, Map<String, String> models) {
        return with(name, "https://" + name + ".example", AuthForm.BEARER, ModelMap.of(models));
    }

    public static Provider with(String name, String address, AuthForm auth, ModelMap models) {
        return new Provider(name, new UpstreamAddress(address), auth,
                List.of(new ProviderKey(name + "-key", new Secret("secret-of-" + name), name)),
                List.of(new AccountLimit(name, 40, 0)), models, Duration.ZERO);
    }
}
