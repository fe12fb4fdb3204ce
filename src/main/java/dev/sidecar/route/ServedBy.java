package dev.sidecar.route;

import dev.sidecar.providers.ModelMap;
import dev.sidecar.providers.ProvidersInForce;
import dev.sidecar.throttle.order.Serving;
import org.jspecify.annotations.Nullable;

/**
 * Who may serve a request, by the providers in force when it is asked. Immutable but for those.
 *
 * @param readable the model that the body names, once and so that it can be replaced; null otherwise
 * @param namesModel whether the body of such a request names its model
 * @param primaryOnly whether the request may name what is stored with the first key of the first provider
 */
record ServedBy(ProvidersInForce providers, @Nullable String readable, boolean namesModel, boolean primaryOnly)
        implements
            Serving {

    @Override
    public @Nullable At by(String provider, @Nullable String requested) {
        var all = providers.get();
        var found = all.named(provider).orElse(null);
        if (found == null) {
            return null;
        }
        ModelMap models = found.models();
        if (primaryOnly) {
            return found.equals(all.first()) && isClear(models, requested)
                    ? new At(provider, nameAt(models, requested))
                    : null;
        }
        // Nobody can replace a name that cannot be read, or that is there twice.
        var known = models.renames() ? readable : requested;
        return models.serves(known) ? new At(provider, models.nameAt(known)) : null;
    }

    private boolean isClear(ModelMap models, @Nullable String requested) {
        return readable != null || !models.renames() || requested == null && !namesModel;
    }

    private static @Nullable String nameAt(ModelMap models, @Nullable String requested) {
        var name = models.nameAt(requested);
        return name == null ? requested : name;
    }
}
