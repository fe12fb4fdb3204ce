package dev.sidecar.throttle.order;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which providers may serve a request, and by which name they know its model. It is asked again when other providers are in
 * force. Thread-safe; called under the throttle's lock, so it must not block.
 */
public interface Serving {

    /** Every provider, with every key, by the name that the client uses. */
    Serving ANY = At::new;

    /** @param model the provider's name for the model, null if unknown */
    record At(String provider, @Nullable String model) {
    }

    /**
     * What a provider makes of the request; null if it does not serve it.
     *
     * @param requested the model's name as the client uses it, null if unknown
     */
    @Nullable
    At by(String provider, @Nullable String requested);

    /** Whether only the first key of the first provider will do, because the request may name what is stored with it. */
    default boolean primaryOnly() {
        return false;
    }

    /** These providers, with every key. */
    static Serving of(List<At> at) {
        return (provider, _) -> at.stream().filter(each -> each.provider().equals(provider)).findFirst().orElse(null);
    }
}
