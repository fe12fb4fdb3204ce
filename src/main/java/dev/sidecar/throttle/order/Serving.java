package dev.sidecar.throttle.order;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which providers may serve a request, and by which name they know its model. Immutable.
 *
 * @param at the providers that may serve it; null for all of them, by the name that the client uses
 * @param primaryOnly whether only the first key of the first provider will do, whatever {@code at} says
 */
public record Serving(@Nullable List<At> at, boolean primaryOnly) {

    /** Every provider, with every key. */
    public static final Serving ANY = new Serving(null, false);
    /** The first key of the first provider. */
    public static final Serving PRIMARY = new Serving(null, true);

    /** @param model the provider's name for the model, null if unknown */
    public record At(String provider, @Nullable String model) {
    }

    public Serving {
        at = at == null ? null : List.copyOf(at);
    }

    /** What this provider makes of the request; null if it does not serve it. */
    @Nullable
    At by(String provider, @Nullable String requested) {
        if (at == null) {
            return new At(provider, requested);
        }
        for (At each : at) {
            if (each.provider().equals(provider)) {
                return each;
            }
        }
        return null;
    }
}
