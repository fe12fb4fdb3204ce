package dev.sidecar.clients;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The models that a client may use. Immutable.
 *
 * <p>A model that cannot be read, because the body is compressed for instance, could be any model. So could one behind a
 * stored object, such as a file of batch requests.
 */
public final class ModelRule {

    /** Everything. */
    public static final ModelRule ANY = new ModelRule(List.of(), true);

    private final List<ModelPattern> models;
    private final boolean stored;

    /**
     * @param models names in which {@code *} stands for any text; none for all models
     * @param stored whether the client may use stored objects, whatever model is behind them
     */
    public ModelRule(List<String> models, boolean stored) {
        this.models = models.stream().map(ModelPattern::new).toList();
        this.stored = stored;
    }

    /**
     * Why the client may not send this request; nothing if it may.
     *
     * @param method of the request, as written
     * @param path without the query, as written
     * @param model that the body names; null if it names none, cannot be read or is not clear
     */
    public Optional<String> refusal(String method, String path, @Nullable String model) {
        if (models.isEmpty() || OneShotPaths.asksForModels(method, path)) {
            return Optional.empty();
        }
        if (!OneShotPaths.hasModelInItsBody(method, path)) {
            return stored
                    ? Optional.empty()
                    : Optional.of("may use only the models " + models
                            + ": the path is not one of those whose body names the model (stored: true allows it)");
        }
        if (model == null) {
            return Optional.of("may use only the models " + models
                    + ": the body must be uncompressed JSON with exactly one field 'model'");
        }
        return allows(model) ? Optional.empty() : Optional.of("may use only the models " + models);
    }

    /** Whether the client may use the model of this name. */
    public boolean allows(String model) {
        return models.isEmpty() || models.stream().anyMatch(pattern -> pattern.matches(model));
    }
}
