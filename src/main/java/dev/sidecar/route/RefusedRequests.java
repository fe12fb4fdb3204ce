package dev.sidecar.route;

import dev.sidecar.http.ErrorBody;
import dev.sidecar.http.RequestRefusedException;
import dev.sidecar.providers.ModelListRefusedException;
import dev.sidecar.throttle.order.Refusal;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Every refusal of a proxied request, so that all of them can be read in one place. */
final class RefusedRequests {

    private RefusedRequests() {
    }

    static RequestRefusedException byThrottle(Refusal refusal) {
        var code = refusal.reason().code();
        var error = switch (refusal.reason()) {
            case QUEUE_FULL, QUEUE_TIMEOUT, DEADLINE_UNREACHABLE, CLIENT_QUOTA, CLIENT_CONCURRENCY ->
                ErrorBody.rateLimit(code, refusal.message());
            case SHUTTING_DOWN, CIRCUIT_OPEN, NO_SHARE -> ErrorBody.apiError(503, code, refusal.message());
        };
        return new RequestRefusedException(error, refusal.retryAfter());
    }

    static RequestRefusedException shuttingDown() {
        return new RequestRefusedException(
                ErrorBody.apiError(503, "shutting_down", "The sidecar is shutting down and takes nothing more."),
                Duration.ofSeconds(5));
    }

    static RequestRefusedException noClientKey() {
        return new RequestRefusedException(ErrorBody.authentication(401, "invalid_api_key",
                "this sidecar serves known clients only: send your key as 'Authorization: Bearer <key>'"));
    }

    static RequestRefusedException unknownClientKey() {
        return new RequestRefusedException(ErrorBody.authentication(401, "invalid_api_key",
                "no client of this sidecar has this key: ask its operator for one"));
    }

    static RequestRefusedException tooManyGuesses(Duration remaining) {
        return new RequestRefusedException(
                ErrorBody.rateLimit("too_many_guesses", "too many wrong keys came from this address: try again in "
                        + Math.max(1, remaining.toSeconds()) + " s, or send a key that is known"),
                remaining);
    }

    static RequestRefusedException modelNotAllowed(String client, String why) {
        return new RequestRefusedException(
                ErrorBody.permission("model_not_allowed", "the client '" + client + "' " + why));
    }

    static RequestRefusedException modelNotServed(@Nullable String model) {
        return new RequestRefusedException(ErrorBody.invalidRequest(404, "model_not_found", model == null
                ? "every provider of this sidecar serves certain models only: the body must be uncompressed JSON with"
                        + " exactly one field 'model'"
                : "no provider of this sidecar serves the model '" + model
                        + "'; GET /v1/models lists those that are served"));
    }

    static RequestRefusedException invalidJson(String why) {
        return new RequestRefusedException(ErrorBody.invalidRequest(400, "invalid_json",
                "the request body is not valid JSON although its content type says so: " + why));
    }

    /** @param provider the first one; its failure stands for those of all */
    static RequestRefusedException noModelList(String provider, IOException failure) {
        return new RequestRefusedException(
                failure instanceof ModelListRefusedException refused && refused.status() >= 400
                        ? ErrorBody.of(refused.status(), "models_refused", "no provider lists its models: '" + provider
                                + "' responded with " + refused.status() + " to the sidecar's own key")
                        : ErrorBody.apiError(502, "upstream_unreachable", "no provider lists its models: '" + provider
                                + "' could not be reached or broke off: " + UpstreamFailures.inWords(failure)));
    }

    static RequestRefusedException notFound() {
        return new RequestRefusedException(ErrorBody.invalidRequest(404, "not_found",
                "nothing is served here; the OpenAI-compatible API is below /v1"));
    }
}
